"""One-time links sent by mail: the link holds a token, the database its hash. Used once, or too late, it is void."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import func, select, update

from community.core.clock import now
from community.core.db import db
from community.core.errors import NotFound
from community.people.accounts.identity import hash_key
from community.people.accounts.models import MailToken, Member

LIFETIMES = {
    "confirm": timedelta(hours=48),
    "email": timedelta(hours=48),
    "reset": timedelta(hours=1),
    "notice": timedelta(hours=1),
}
A_DAY = 5


def make_token(member: Member, purpose: str, email: str) -> str:
    """A new link for this purpose; the earlier ones for the same purpose stop working."""
    cancel_tokens(member.id, purpose)
    token = secrets.token_urlsafe(32)
    until = now() + LIFETIMES[purpose]
    db.session.add(
        MailToken(token_hash=hash_key(token), member_id=member.id, purpose=purpose, email=email, expires_at=until)
    )
    return token


def may_send(member_id: int, purpose: str) -> bool:
    """At most five links a day for each purpose, so that nobody's letter box is filled by somebody else."""
    since = now() - timedelta(days=1)
    count = select(func.count()).where(
        MailToken.member_id == member_id, MailToken.purpose == purpose, MailToken.created_at > since
    )
    return (db.session.scalar(count) or 0) < A_DAY


def find_token(token: str, purpose: str) -> MailToken:
    """The link's row while it may be used, else NotFound (wrong, used and expired are not told apart)."""
    row = db.session.scalars(
        select(MailToken).where(
            MailToken.token_hash == hash_key(token),
            MailToken.purpose == purpose,
            MailToken.used_at.is_(None),
            MailToken.expires_at > now(),
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row


def use_token(token: str, purpose: str) -> MailToken:
    """Spend the link: of two requests that come together, one gets it."""
    row = find_token(token, purpose)
    spent = update(MailToken).where(MailToken.id == row.id, MailToken.used_at.is_(None)).values(used_at=now())
    if db.session.execute(spent.execution_options(synchronize_session=False)).rowcount != 1:
        raise NotFound()
    return row


def cancel_tokens(member_id: int, *purposes: str) -> None:
    """Links sent before for these purposes stop working."""
    unused = update(MailToken).where(
        MailToken.member_id == member_id, MailToken.purpose.in_(purposes), MailToken.used_at.is_(None)
    )
    db.session.execute(unused.values(used_at=now()).execution_options(synchronize_session=False))
