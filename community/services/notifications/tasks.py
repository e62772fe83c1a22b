"""Nightly: forget what was read long ago, and check the unread counts. Every morning: the summaries by mail."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import delete, or_, select

from community.core.clock import now
from community.core.db import commit, db, rollback
from community.core.jobs import periodic
from community.people.accounts.models import Member
from community.services.notifications.actions import recount
from community.services.notifications.digest import members_to_tell, write_digest
from community.services.notifications.models import Notification

log = structlog.get_logger(__name__)
KEPT_AFTER_READING = timedelta(days=180)


@periodic("tidy_notifications", hour="3", minute="40")
def tidy_notifications() -> None:
    """Drop what was read six months ago; then derive every count that may be wrong."""
    db.session.execute(delete(Notification).where(Notification.read_at < now() - KEPT_AFTER_READING))
    waiting = select(Notification.member_id).where(Notification.read_at.is_(None))
    recount(db.session.scalars(select(Member.id).where(or_(Member.unread_count > 0, Member.id.in_(waiting)))).all())
    commit()


@periodic("send_digests", hour="6", minute="10")
def send_digests() -> None:
    """Each summary in a transaction of its own: run again after a crash, it writes to nobody twice; one that fails stops none."""
    at = now()
    ids = [member.id for member in members_to_tell(at)]
    rollback()
    for id in ids:
        try:
            write_digest(db.session.get_one(Member, id), at)
            commit()
        except Exception:
            rollback()
            log.exception("digest_failed", member_id=id)
