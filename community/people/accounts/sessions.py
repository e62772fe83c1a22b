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
from community.people.accounts.models import SignIn

SHORT = timedelta(hours=12)
LONG = timedelta(days=30)

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def open_session(member_id: int, remember: bool, user_agent: str) -> str:
    """A new session under a new key, for 12 hours, or 30 days when the person asked to be remembered."""
    key = secrets.token_urlsafe(32)
    until = now() + (LONG if remember else SHORT)
    device = device_name(user_agent)
    db.session.add(
        SignIn(key_hash=hash_key(key), member_id=member_id, expires_at=until, remembered=remember, device=device)
    )
    db.session.flush()
    return key


def identity_for(key: str) -> Identity:
    """The identity of a session that was just opened."""
    identity = identity_by_session(key)
    assert identity is not None
    return identity


def close_session(member_id: int, sign_in_id: int | None) -> None:
    """End one session of this member; ending it again changes nothing."""
    db.session.execute(delete(SignIn).where(SignIn.member_id == member_id, SignIn.id == sign_in_id))


def close_sessions(member_id: int, but: int | None = None) -> None:
    """End every session of this member, except ``but``."""
    query = delete(SignIn).where(SignIn.member_id == member_id)
    db.session.execute(query if but is None else query.where(SignIn.id != but))


def open_sessions(user: Any) -> Sequence[Any]:
    """This person's sessions that still work, the latest first."""
    query = (
        select(SignIn.id, SignIn.device, SignIn.created_at, SignIn.expires_at, SignIn.remembered)
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
