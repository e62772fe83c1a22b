"""Every night: forget the sessions and links that no longer open anything, and the registrations nobody confirmed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from community.core.clock import now
from community.core.db import db
from community.core.jobs import job, periodic
from community.people.accounts.models import MailToken, Member, SignIn
from community.people.accounts.security_models import Application
from community.people.accounts.sessions import stay_open

KEPT = timedelta(days=30)
KEPT_REFUSED = timedelta(days=90)


@periodic("forget_accounts", hour="3", minute="20")
def forget_accounts() -> None:
    """Expired sessions go at once; links and registrations never confirmed after thirty days, refused ones after ninety."""
    db.session.execute(delete(SignIn).where(SignIn.expires_at < now()))
    db.session.execute(delete(MailToken).where(MailToken.expires_at < now() - KEPT))
    never_came = (Member.state == "pending", Member.email_verified_at.is_(None), Member.created_at < now() - KEPT)
    db.session.execute(delete(Member).where(*never_came))
    refused = select(Application.member_id).where(
        Application.state == "refused", Application.decided_at < now() - KEPT_REFUSED
    )
    db.session.execute(delete(Member).where(Member.state == "declined", Member.id.in_(refused)))
    db.session.commit()


@job("seen")
def mark_seen(sign_in_id: int) -> None:
    """The session served today: asked by the first request of the day, which only reads, and written by the worker."""
    stay_open(sign_in_id)
    db.session.commit()
