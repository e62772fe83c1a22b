"""How long things are kept: one option a rule, and what each rule forgets when its time has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, delete, exists, func, or_, select, update

from community.abilities.flags.models import Flag
from community.core import ports
from community.core.clock import now
from community.core.db import db
from community.core.errors import Invalid
from community.core.mail import MailMessage
from community.core.options import declare, option
from community.people.accounts.models import MailToken, Member, SignIn
from community.people.accounts.security_models import Application, PlatformInvitation
from community.people.communities.models import Invitation, JoinRequest
from community.services.notifications.models import Notification
from community.services.personal_data import mails
from community.services.personal_data.exports import expired_exports, forget_export, forget_stray_copies
from community.services.personal_data.models import DataExport, ErasureRequest, Presence, RetentionRun

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A period that administrators choose: an option in days, what it is about, and the least and most it may be."""

    option: str
    days: int
    label: Any
    least: int
    most: int


PERIODS = (
    Period("retention.mails", 30, _l("Texte des courriels envoyés"), 1, 365),
    Period("retention.notifications", 180, _l("Notifications lues"), 7, 1100),
    Period("retention.sign_ins", 30, _l("Liens reçus par courriel, une fois périmés"), 1, 365),
    Period("retention.exports", 7, _l("Copies de données prêtes à télécharger"), 1, 30),
    Period("retention.requests", 365, _l("Demandes d’adhésion et invitations closes"), 30, 1825),
    Period("retention.unconfirmed", 30, _l("Inscription dont l’adresse n’est jamais confirmée"), 1, 365),
    Period("retention.declined", 90, _l("Inscription refusée"), 7, 365),
    Period(
        "retention.report_addresses", 90, _l("Adresse laissée par un visiteur qui signale, faute de réponse"), 7, 365
    ),
    Period("retention.inactive", 730, _l("Compte inutilisé, avant le courriel d’avertissement"), 180, 3650),
    Period("retention.inactive_grace", 60, _l("Délai après l’avertissement, avant l’effacement du compte"), 15, 365),
    Period("retention.runs", 400, _l("Journal des effacements automatiques"), 30, 3650),
    Period("erasure.delay", 14, _l("Délai pour revenir sur une demande d’effacement"), 1, 30),
)


def _check(period: Period) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not period.least <= value <= period.most:
            raise Invalid(
                _(
                    "« %(what)s » : entre %(least)d et %(most)d jours.",
                    what=str(period.label),
                    least=period.least,
                    most=period.most,
                )
            )
        return value

    return check


for _period in PERIODS:
    declare(_period.option, _period.days, _check(_period))


def before(name: str) -> datetime:
    """The instant before which what this option speaks of is forgotten."""
    return now() - option(name) * DAY


def forget_mails() -> int:
    """Mails that were sent; the last one of an erased account goes as soon as it has left."""
    farewells = select(ErasureRequest.farewell_id).where(ErasureRequest.farewell_id.is_not(None))
    old = or_(MailMessage.sent_at < before("retention.mails"), MailMessage.id.in_(farewells))
    return _count(delete(MailMessage).where(MailMessage.sent_at.is_not(None), old))


def forget_notifications() -> int:
    return _count(delete(Notification).where(Notification.read_at < before("retention.notifications")))


def forget_sign_ins() -> int:
    """Sessions that are over, and links of mails that open nothing any more."""
    sessions = _count(delete(SignIn).where(SignIn.expires_at < now()))
    return sessions + _count(delete(MailToken).where(MailToken.expires_at < before("retention.sign_ins")))


def forget_exports() -> int:
    """Copies whose time is over: file and row; the row of a copy that failed goes with them."""
    over = expired_exports()
    for export in over:
        forget_export(export)
    db.session.flush()
    forget_stray_copies()
    closed = DataExport.state.in_(("gone", "failed"))
    _count(delete(DataExport).where(closed, DataExport.asked_at < now() - 30 * DAY))
    return len(over)


def forget_requests() -> int:
    """Requests to come in and invitations that were answered, or that nobody answered in time."""
    limit = before("retention.requests")
    requests = _count(delete(JoinRequest).where(JoinRequest.state != "pending", JoinRequest.decided_at < limit))
    invitations = 0
    for model in (Invitation, PlatformInvitation):
        closed = or_(model.state != "pending", model.expires_at < now())
        invitations += _count(delete(model).where(closed, model.created_at < limit))
    return requests + invitations


def forget_registrations() -> int:
    """Registrations whose address nobody confirmed, and those that were refused."""
    never_came = (Member.state == "pending", Member.email_verified_at.is_(None))
    late = _count(delete(Member).where(*never_came, Member.created_at < before("retention.unconfirmed")))
    refused = (Application.state == "refused", Application.decided_at < before("retention.declined"))
    declined = (Member.state == "declined", Member.id.in_(select(Application.member_id).where(*refused)))
    return late + _count(delete(Member).where(*declined))


def forget_report_addresses() -> int:
    """A visitor's address goes with the answer (moderation); after so long without one, it goes all the same."""
    waiting = (Flag.email.is_not(None), Flag.created_at < before("retention.report_addresses"))
    return _count(update(Flag).where(*waiting).values(email=None))


def forget_runs() -> int:
    return _count(delete(RetentionRun).where(RetentionRun.at < before("retention.runs")))


def note_presence() -> int:
    """Write down when each member last came, from the sessions that are about to be forgotten."""
    newcomers = select(Member.id, Member.created_at).where(
        Member.state == "active", ~exists().where(Presence.member_id == Member.id)
    )
    rows = [Presence(member_id=row.id, last_at=row.created_at) for row in db.session.execute(newcomers)]
    db.session.add_all(rows)
    db.session.flush()
    seen = select(SignIn.member_id, func.max(SignIn.created_at).label("at")).group_by(SignIn.member_id).subquery()
    came = db.session.execute(
        select(Presence, seen.c.at)
        .join(seen, seen.c.member_id == Presence.member_id)
        .where(seen.c.at > Presence.last_at)
    ).all()
    for presence, at in came:
        presence.last_at, presence.warned_at = at, None
    return 0


@ports.provide("note_coming")
def note_coming(member_id: int) -> None:
    """Somebody signs in: written down at once, since a session that is closed the same day leaves nothing for the night."""
    mine = update(Presence).where(Presence.member_id == member_id).values(last_at=now(), warned_at=None)
    db.session.execute(mine.execution_options(synchronize_session=False))


def warn_inactive() -> int:
    """Accounts that nobody has used for long: one mail, that says what happens next. Administrators are never counted."""
    query = (
        select(Member)
        .join(Presence, Presence.member_id == Member.id)
        .where(*_unused(), Presence.last_at < before("retention.inactive"), Presence.warned_at.is_(None))
        .limit(500)
    )
    members = db.session.scalars(query).all()
    for member in members:
        mails.inactive(member, now() + option("retention.inactive_grace") * DAY)
    warned = update(Presence).where(Presence.member_id.in_([member.id for member in members])).values(warned_at=now())
    db.session.execute(warned.execution_options(synchronize_session=False))
    return len(members)


def leave_inactive() -> int:
    """Accounts that were warned and did not come back: their erasure is due now."""
    under_way = exists().where(
        ErasureRequest.member_id == Member.id, ErasureRequest.state.in_(("waiting", "running", "blocked"))
    )
    query = (
        select(Member.id)
        .join(Presence, Presence.member_id == Member.id)
        .where(*_unused(), Presence.warned_at < before("retention.inactive_grace"), ~under_way)
        .limit(200)
    )
    ids = db.session.scalars(query).all()
    db.session.add_all([ErasureRequest(member_id=id, own_texts="keep", due_at=now()) for id in ids])
    return len(ids)


def _unused() -> tuple[Any, ...]:
    return (Member.state == "active", Member.platform_role != "administrator", and_(Member.id > 0))


def _count(statement: Any) -> int:
    return int(db.session.execute(statement.execution_options(synchronize_session=False)).rowcount)


#: (name, what it says in the list of runs, what it does); in this order, each in a transaction of its own
RULES: tuple[tuple[str, Any, Callable[[], int]], ...] = (
    ("presence", "", note_presence),
    ("mails", _l("courriels"), forget_mails),
    ("notifications", _l("notifications"), forget_notifications),
    ("sign_ins", _l("sessions et liens"), forget_sign_ins),
    ("exports", _l("copies de données"), forget_exports),
    ("requests", _l("demandes et invitations"), forget_requests),
    ("registrations", _l("inscriptions sans suite"), forget_registrations),
    ("report_addresses", _l("adresses de visiteurs"), forget_report_addresses),
    ("warned", _l("comptes avertis"), warn_inactive),
    ("leaving", _l("comptes inutilisés à effacer"), leave_inactive),
    ("runs", _l("passages anciens"), forget_runs),
)
