"""Use cases of accounts: prove who one is, choose a new password or address. Registering is in registrations.py."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from community.core.audit import record
from community.core.clock import now
from community.core.db import db, release
from community.core.errors import Conflict, NotFound
from community.core.i18n import speaking
from community.core.outbox import emit
from community.core.vocab import label
from community.people.accounts import mails
from community.people.accounts.models import Member
from community.people.accounts.organisations import drop_proof
from community.people.accounts.passwords import hash_password, needs_rehash, verify_password
from community.people.accounts.policy import may_move
from community.people.accounts.registrations import admit
from community.people.accounts.second_factors import come_in_again
from community.people.accounts.sessions import close_sessions
from community.people.accounts.tokens import cancel_tokens, make_token, may_send, use_token

#: states in which an address may still be given a new password; who is examined signs in to see where things stand
ENTERING = ("active", "pending", "waiting", "declined")


def check_credentials(email: str, password: str) -> Member | None:
    """The member with this address and password, whatever the account's state; None otherwise, after the same work.

    The hash is read, the transaction ended, and only then the password compared: it takes time on purpose.
    """
    known = db.session.execute(select(Member.id, Member.password_hash).where(Member.email == email)).one_or_none()
    release()
    if not verify_password(known.password_hash if known else None, password):
        return None
    member = get_member(known.id)
    if needs_rehash(known.password_hash):
        better = hash_password(password)
        db.session.execute(update(Member).where(Member.id == known.id).values(password_hash=better))
    return member


def has_password(user: Any, password: str) -> bool:
    """Whether the person in front of the screen is the one who signed in."""
    kept = db.session.scalar(select(Member.password_hash).where(Member.id == user.id))
    release()
    return verify_password(kept, password)


def reset_password(token: str, password: str) -> Member:
    """Choose a new password from the link received by mail: proves the address, ends every session."""
    release()
    password_hash = hash_password(password)
    row = use_token(token, "reset")
    member = get_member(row.member_id)
    if member.state not in ENTERING or (member.state == "pending" and member.email != row.email):
        raise NotFound()
    member.password_hash = password_hash
    if member.state == "pending":
        admit(member)
    close_sessions(member.id)
    cancel_tokens(member.id, "reset", "email")
    mails.password_changed(member)
    record(member, "member.password_reset", member)
    return member


def change_password(user: Any, password: str) -> None:
    """A new password, chosen by somebody who knew the former one; the other sessions end."""
    release()
    password_hash = hash_password(password)
    member = get_member(user.id)
    member.password_hash = password_hash
    close_sessions(member.id, but=user.sign_in_id)
    cancel_tokens(member.id, "reset")
    mails.password_changed(member)
    record(user, "member.password_changed", member)


def ask_email_change(user: Any, email: str) -> None:
    """Send a link to the new address; one that belongs to somebody else gets a word of warning instead."""
    member = get_member(user.id)
    if email == member.email or not may_send(member.id, "email"):
        return
    token = make_token(member, "email", email)
    if db.session.scalar(select(Member.id).where(Member.email == email)) is None:
        mails.email_change(member, email, token)
    else:
        mails.ask_for("again", email)


def change_email(token: str) -> Member:
    """The link sent to the new address was followed: it replaces the former one, which is told."""
    row = use_token(token, "email")
    member = get_member(row.member_id)
    former = member.email
    if not may_move(member.id, former, row.email, confirmed=True):
        raise Conflict(
            _("Les règles de la plateforme n’admettent plus cette adresse : la vôtre reste %(email)s.", email=former)
        )
    try:
        with db.session.begin_nested():
            member.email = row.email
    except IntegrityError as error:
        raise Conflict(_("Cette adresse ne peut pas être utilisée.")) from error
    member.email_verified_at = now()
    drop_proof(member)
    emit("member.edited", member, actor=member)  # the badge of the organisation follows the address
    cancel_tokens(member.id, "reset", "email")
    mails.email_changed(member, former)
    record(member, "member.email_changed", member)
    return member


def get_member(id: int) -> Member:
    member = db.session.get(Member, id)
    if member is None:
        raise NotFound()
    return member


# --- what an administrator does for an account ------------------------------------------------------------------------


def close_all_sessions(member: Member, user: Any, reason: str) -> None:
    """Sign somebody out everywhere: a telephone was stolen, an account looks used by another."""
    close_sessions(member.id)
    record(user, "member.sessions_closed", member, reason)


def change_quality(member: Member, quality: str, user: Any, reason: str) -> None:
    """Correct what somebody declared to be: agent, elected, firm…"""
    if member.quality == quality:
        return
    with speaking("fr"):
        change = f"{label('quality', member.quality)} → {label('quality', quality)}"
    member.quality = quality
    emit("member.edited", member, actor=user)
    record(user, "member.quality_changed", member, f"{change} : {reason}")


def set_platform_role(member: Member, role: str, user: Any, reason: str) -> None:
    """Make somebody an administrator, or no longer one. Nobody takes the role from themselves: one always remains."""
    if member.id == user.id:
        raise Conflict(_("Demandez à un autre administrateur de changer votre rôle."))
    if member.platform_role == role:
        return
    member.platform_role = role
    if role == "administrator":
        come_in_again(member.id, user)
    record(user, f"member.made_{role}", member, reason)
