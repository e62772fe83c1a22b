"""Open sessions: one row each; the browser holds a random key and the database its hash alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update

from community.core.clock import now
from community.core.db import db
from community.core.errors import Invalid
from community.core.options import declare, option
from community.people.accounts.identity import Identity, hash_key, identity_by_session
from community.people.accounts.models import Member, SignIn
from community.people.accounts.sealing import seal, unseal

SHORT = timedelta(hours=12)
DAY = timedelta(days=1)
RECENTLY = timedelta(minutes=10)
#: how long a remembered session lasts, in days: (option, default, least, most, words)
PERIODS: tuple[tuple[str, int, int, int, Any], ...] = (
    ("sessions.idle", 30, 1, 90, _l("Session mémorisée : jours sans visite")),
    ("sessions.most", 90, 1, 365, _l("Session mémorisée : jours en tout")),
)

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def _days(least: int, most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Invalid()
        return value

    return check


for _name, _default, _least, _most, _words in PERIODS:
    declare(_name, _default, _days(_least, _most))


def open_session(member_id: int, remember: bool, user_agent: str, way: str = "password", id_token: str = "") -> str:
    """A new session under a new key, for 12 hours; remembered, it lasts as long as it serves (stay_open())."""
    key = secrets.token_urlsafe(32)
    until = now() + (min(option("sessions.idle"), option("sessions.most")) * DAY if remember else SHORT)
    device = device_name(user_agent)
    sign_in = SignIn(key_hash=hash_key(key), member_id=member_id, expires_at=until, remembered=remember)
    sign_in.device, sign_in.way, sign_in.seen_on = device, way, now().date()
    sign_in.id_token = seal(id_token, "id-token") if id_token else ""
    db.session.add(sign_in)
    db.session.flush()
    return key


def stay_open(sign_in_id: int) -> None:
    """The session serves today. A remembered one is put off by so many days, and ends at the latest so long after it began."""
    row = db.session.get(SignIn, sign_in_id)
    if row is None or row.expires_at <= now():
        return
    row.seen_on = now().date()
    if row.remembered:
        row.expires_at = min(row.created_at + option("sessions.most") * DAY, now() + option("sessions.idle") * DAY)


def shorten_sessions() -> None:
    """The periods were made shorter: sessions that are open already keep to the new ones."""
    remembered = select(SignIn).where(SignIn.remembered.is_(True), SignIn.expires_at > now())
    for row in db.session.scalars(remembered):
        seen = row.created_at if row.seen_on is None else max(row.created_at, midnight_after(row.seen_on))
        last = min(row.created_at + option("sessions.most") * DAY, seen + option("sessions.idle") * DAY)
        row.expires_at = min(row.expires_at, last)


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + DAY, time(), UTC)


def renew_key(sign_in_id: int | None) -> str:
    """Another key for an open session: the former one opens nothing any more."""
    key = secrets.token_urlsafe(32)
    mine = update(SignIn).where(SignIn.id == sign_in_id).values(key_hash=hash_key(key))
    db.session.execute(mine.execution_options(synchronize_session=False))
    return key


def identity_for(key: str) -> Identity:
    """The identity of a session that was just opened."""
    identity = identity_by_session(key)
    assert identity is not None
    return identity


def applicant_of(key: str) -> Any:
    """Who signed in while the registration waits or was refused: (id, sign_in_id), or None. Opens nothing else."""
    query = (
        select(SignIn.member_id.label("id"), SignIn.id.label("sign_in_id"))
        .join(Member, Member.id == SignIn.member_id)
        .where(SignIn.key_hash == hash_key(key), SignIn.expires_at > now(), Member.state.in_(("waiting", "declined")))
    )
    return db.session.execute(query).one_or_none()


def close_session(member_id: int, sign_in_id: int | None) -> None:
    """End one session of this member; ending it again changes nothing."""
    db.session.execute(delete(SignIn).where(SignIn.member_id == member_id, SignIn.id == sign_in_id))


def close_sessions(member_id: int, but: int | None = None) -> None:
    """End every session of this member, except ``but``."""
    query = delete(SignIn).where(SignIn.member_id == member_id)
    db.session.execute(query if but is None else query.where(SignIn.id != but))


def password_is_set(user: Any) -> bool:
    """Whether the account has a password: one that an identity provider opened has none until its owner chooses it."""
    kept = db.session.scalar(select(Member.password_hash).where(Member.id == user.id))
    return bool(kept)


def signed_in_recently(user: Any) -> bool:
    """Whether this very session was opened less than ten minutes ago."""
    opened = db.session.scalar(select(SignIn.created_at).where(SignIn.id == user.sign_in_id))
    return opened is not None and opened > now() - RECENTLY


def id_token_of(sign_in_id: int | None) -> str:
    """The provider's token that opened this session; empty for one opened by a password."""
    kept = db.session.scalar(select(SignIn.id_token).where(SignIn.id == sign_in_id))
    return str(unseal(kept, "id-token") or "") if kept else ""


def open_sessions(user: Any) -> Sequence[Any]:
    """This person's sessions that still work, the latest first."""
    query = (
        select(
            SignIn.id,
            SignIn.device,
            SignIn.created_at,
            SignIn.expires_at,
            SignIn.seen_on,
            SignIn.way,
            SignIn.remembered,
        )
        .where(SignIn.member_id == user.id, SignIn.expires_at > now())
        .order_by(SignIn.created_at.desc(), SignIn.id.desc())
        .limit(50)
    )
    return db.session.execute(query).all()


def device_name(user_agent: str) -> str:
    """« Firefox sur Windows »: enough to recognise one's own device, nothing to follow it by."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s sur %(system)s", browser=browser, system=system)
    return browser or system or _("Appareil inconnu")
