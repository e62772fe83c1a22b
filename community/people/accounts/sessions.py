"""Open sessions: one row each; the browser holds a random key and the database its hash alone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from community.core.clock import now
from community.core.db import db
from community.people.accounts.identity import Identity, hash_key, identity_by_session
from community.people.accounts.models import Member, SignIn
from community.people.accounts.sealing import seal, unseal

SHORT = timedelta(hours=12)
LONG = timedelta(days=30)
RECENTLY = timedelta(minutes=10)

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def open_session(member_id: int, remember: bool, user_agent: str, way: str = "password", id_token: str = "") -> str:
    """A new session under a new key, for 12 hours, or 30 days when the person asked to be remembered."""
    key = secrets.token_urlsafe(32)
    until = now() + (LONG if remember else SHORT)
    device = device_name(user_agent)
    sign_in = SignIn(key_hash=hash_key(key), member_id=member_id, expires_at=until, remembered=remember)
    sign_in.device, sign_in.way, sign_in.seen_on = device, way, now().date()
    sign_in.id_token = seal(id_token, "id-token") if id_token else ""
    db.session.add(sign_in)
    db.session.flush()
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
        select(SignIn.id, SignIn.device, SignIn.created_at, SignIn.expires_at, SignIn.seen_on, SignIn.way)
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
