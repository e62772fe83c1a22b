"""Second factor: six digits from a generator (TOTP, RFC 6238), and ten recovery codes that replace it once each."""

from __future__ import annotations

import io
import secrets
import time
from typing import Any

import pyotp
import segno
from flask_babel import gettext as _
from sqlalchemy import delete, func, or_, select, update

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.options import declare, option
from community.people.accounts import mails
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member, SignIn
from community.people.accounts.sealing import keyed_hash, seal, unseal
from community.people.accounts.security_models import RecoveryCode, SecondFactor
from community.people.accounts.sessions import close_sessions
from community.people.communities.models import Membership

STEP = 30
DRIFT = 1
CODES = 10
#: letters and digits that are not taken for one another
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
NOBODY, KEEPERS = "nobody", "keepers"


def _who(value: Any) -> str:
    if value not in (NOBODY, KEEPERS):
        raise Invalid()
    return value


#: "keepers": moderators and administrators must have a second factor; "nobody": it is everybody's own choice
declare("second_factor.required", NOBODY, _who)


def needs_second_factor(member_id: int) -> bool:
    """Whether a code is asked after this member's password."""
    confirmed = select(SecondFactor.member_id).where(
        SecondFactor.member_id == member_id, SecondFactor.confirmed_at.is_not(None)
    )
    return db.session.scalar(confirmed) is not None


def must_have_second_factor(user: Any) -> bool:
    """Somebody who looks after others' words, has none, and is asked to have one."""
    if option("second_factor.required") != KEEPERS or not (user.is_administrator or user.moderated_ids):
        return False
    return not needs_second_factor(user.id)


def come_in_again(member_id: int, by: Any) -> None:
    """Whoever now looks after others does so under sessions opened since: the others end, but one's own that is in use.

    At the door a second factor is asked, or set up when it is required (views.py).
    """
    close_sessions(member_id, but=by.sign_in_id if by.id == member_id else None)


def require_of_keepers(user: Any) -> None:
    """From now on: sessions of moderators and administrators without a factor end, but the one that asks for it."""
    protected = select(SecondFactor.member_id).where(SecondFactor.confirmed_at.is_not(None))
    moderates = select(Membership.member_id).where(Membership.role == "moderator")
    keepers = select(Member.id).where(
        or_(Member.platform_role == "administrator", Member.id.in_(moderates)), Member.id.not_in(protected)
    )
    open_ones = delete(SignIn).where(SignIn.member_id.in_(keepers), SignIn.id != (user.sign_in_id or 0))
    db.session.execute(open_ones.execution_options(synchronize_session=False))


def begin_second_factor(member: Member) -> SecondFactor:
    """A secret to put in a generator; nothing is asked until a first code proves that it is there."""
    factor = db.session.get(SecondFactor, member.id)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict(_("La double authentification est déjà active."))
    if factor is None:
        factor = SecondFactor(member_id=member.id)
        db.session.add(factor)
    factor.secret = seal(pyotp.random_base32(), "second-factor")
    factor.last_step = 0
    db.session.flush()
    return factor


def pending_second_factor(member_id: int) -> SecondFactor | None:
    factor = db.session.get(SecondFactor, member_id)
    return factor if factor is not None and factor.confirmed_at is None else None


def secret_of(factor: SecondFactor) -> str:
    """The secret in base 32; Conflict when SECRET_KEY changed since it was sealed."""
    secret = unseal(factor.secret, "second-factor")
    if secret is None:
        raise Conflict(
            _("Cette double authentification ne peut plus être lue : l’administration peut la réinitialiser.")
        )
    return str(secret)


def qr_code(factor: SecondFactor, email: str) -> bytes:
    """What a telephone photographs to learn the secret, as SVG without any style or script."""
    address = pyotp.TOTP(secret_of(factor)).provisioning_uri(name=email, issuer_name="Entrepairs")
    image = io.BytesIO()
    segno.make(address, error="m").save(
        image, kind="svg", scale=5, border=3, light="#ffffff", dark="#000000", xmldecl=False
    )
    return image.getvalue()


def confirm_second_factor(factor: SecondFactor, code: str, member: Member) -> list[str] | None:
    """Switch it on with a first code; gives the recovery codes, shown this once. None when the code is wrong."""
    if not _accept(factor, code):
        return None
    factor.confirmed_at = now()
    codes = new_recovery_codes(member)
    mails.second_factor_changed(member, "on")
    record(member, "second_factor.enabled", member)
    return codes


def new_recovery_codes(member: Member) -> list[str]:
    """Ten new ones; the former ones stop working. Only their keyed hashes are kept."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member.id))
    codes = [
        "-".join("".join(secrets.choice(ALPHABET) for _letter in range(5)) for _part in range(2)) for _n in range(CODES)
    ]
    db.session.add_all(RecoveryCode(member_id=member.id, code_hash=_hash(member.id, code)) for code in codes)
    db.session.flush()
    return codes


def codes_left(member_id: int) -> int:
    query = select(func.count()).where(RecoveryCode.member_id == member_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0


def check_second_factor(member: Member, code: str) -> bool:
    """Whether this code opens: the generator's, of now or half a minute around, never twice; or an unused recovery code."""
    factor = db.session.get(SecondFactor, member.id, with_for_update=True)
    if factor is None or factor.confirmed_at is None:
        return False
    return _accept(factor, code) or _spend(member, code)


def remove_second_factor(member: Member, user: Any, reason: str = "") -> None:
    """Switch it off: by the member, or by an administrator for somebody who lost everything; told by mail."""
    factor = db.session.get(SecondFactor, member.id)
    if factor is None:
        return
    own = user.id == member.id
    db.session.delete(factor)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member.id))
    mails.second_factor_changed(member, "off" if own else "reset")
    db.session.flush()
    person = identity_of(member.id)
    if not own and person is not None and must_have_second_factor(person):
        come_in_again(member.id, user)
    record(user, "second_factor.disabled" if own else "second_factor.reset", member, reason)


def _accept(factor: SecondFactor, code: str) -> bool:
    """Compare with the codes around now; each step serves once, so that a code seen over a shoulder is worth nothing."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return False
    generator, present = pyotp.TOTP(secret_of(factor)), int(time.time()) // STEP
    for step in range(present - DRIFT, present + DRIFT + 1):
        if step > factor.last_step and secrets.compare_digest(generator.generate_otp(step), digits):
            factor.last_step = step
            db.session.flush()
            return True
    return False


def _spend(member: Member, code: str) -> bool:
    unused = update(RecoveryCode).where(
        RecoveryCode.member_id == member.id,
        RecoveryCode.code_hash == _hash(member.id, code),
        RecoveryCode.used_at.is_(None),
    )
    spent = db.session.execute(unused.values(used_at=now()).execution_options(synchronize_session=False)).rowcount == 1
    if spent:
        mails.second_factor_changed(member, "recovery")
        record(member, "second_factor.recovered", member)
    return spent


def _hash(member_id: int, code: str) -> str:
    plain = "".join(character for character in code.lower() if character in ALPHABET)
    return keyed_hash(f"{member_id}:{plain}", "recovery")
