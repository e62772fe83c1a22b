"""Every night: forget the sessions and links that no longer open anything, and the registrations nobody confirmed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from community.core.clock import now
from community.core.db import db
from community.core.jobs import periodic
from community.people.accounts.models import MailToken, Member, SignIn

KEPT = timedelta(days=30)


@periodic("forget_accounts", hour="3", minute="20")
def forget_accounts() -> None:
    """Expired sessions go at once; links and registrations never confirmed after thirty days."""
    db.session.execute(delete(SignIn).where(SignIn.expires_at < now()))
    db.session.execute(delete(MailToken).where(MailToken.expires_at < now() - KEPT))
    never_came = (Member.state == "pending", Member.email_verified_at.is_(None), Member.created_at < now() - KEPT)
    db.session.execute(delete(Member).where(*never_came))
    db.session.commit()
