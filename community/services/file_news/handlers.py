"""What is told when the antivirus stops a file: to whoever sent it, and to those who watch over where it might have gone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from community.core.db import db
from community.core.outbox import Event, on
from community.people.accounts.models import Member
from community.people.communities.models import Membership
from community.services.notifications.actions import Cause, tell_person


@on("file.quarantined")
def tell_quarantine(events: Sequence[Event]) -> None:
    """The sender learns it without a name beside; moderators and administrators learn who sent it."""
    for event in events:
        sender = event.payload["uploader_id"]
        tell_person([sender], "file.infected", f"infected:{event.subject_id}", Cause(None, event.created_at))
        told = Cause(sender, event.created_at)
        tell_person(watchers_of(sender), event.name, f"quarantined:{event.subject_id}", told)


def watchers_of(member_id: int) -> set[int]:
    """The moderators of every community where this member has a place, and the administrators."""
    theirs = aliased(Membership)
    moderators = (
        select(Membership.member_id)
        .join(theirs, theirs.community_id == Membership.community_id)
        .where(theirs.member_id == member_id, Membership.role == "moderator")
    )
    administrators = Member.platform_role == "administrator"
    return set(db.session.scalars(select(Member.id).where(or_(administrators, Member.id.in_(moderators)))))
