"""What is told of files that the antivirus stops, lets out or cannot look at: to senders, and to those who watch over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from community.abilities.attachments.models import Attachment
from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.core.db import db
from community.core.outbox import Event, on
from community.people.accounts.models import Member
from community.people.communities.models import Membership
from community.services.notifications.actions import Cause, tell_of_own, tell_person


@on("file.quarantined")
def tell_quarantine(events: Sequence[Event]) -> None:
    """The sender learns it without a name beside; moderators and administrators learn who sent it."""
    for event in events:
        sender = event.payload["uploader_id"]
        tell_person([sender], "file.infected", f"infected:{event.subject_id}", Cause(None, event.created_at))
        _tell_watchers(event, f"quarantined:{event.subject_id}")


@on("file.not_scanned")
def tell_not_scanned(events: Sequence[Event]) -> None:
    for event in events:
        _tell_watchers(event, f"unscanned:{event.subject_id}")


@on("file.still_infected")
def tell_still_infected(events: Sequence[Event]) -> None:
    """To the moderator who had asked for another look."""
    for event in events:
        key, asked_by = f"still:{event.subject_id}:{event.created_at:%y%m%d%H%M}", event.payload["asked_by"]
        tell_person([asked_by] if asked_by else [], event.name, key, Cause(None, event.created_at))


@on("file.cleared")
def tell_cleared(events: Sequence[Event]) -> None:
    for event in events:
        file = db.session.get(Attachment, event.subject_id)
        key = f"cleared:{event.subject_id}:{event.created_at:%y%m%d%H%M}"
        tell_person([file.uploaded_by_id] if file else [], event.name, key, Cause(None, event.created_at))


@on("file.to_answer")
def tell_what_was_found(events: Sequence[Event]) -> None:
    """To who joined the file, under the title of the page that it is on."""
    for event in events:
        file = db.session.get(Attachment, event.subject_id)
        page = db.session.get(Contribution, file.contribution_id) if file and file.contribution_id else None
        if file is not None and page is not None and file.to_answer:
            key = f"{event.name}:{file.sha256[:12]}:{file.id}"
            cause = Cause(None, event.created_at)
            tell_of_own(page, file.uploaded_by_id, event.name, key, cause, file.comment_id)


def _tell_watchers(event: Event, key: str) -> None:
    """Under a text that a pseudonym signs, the file is the pseudonym's for them too."""
    sender = event.payload["uploader_id"]
    sealed = _signature(event.subject_id)
    told = Cause(sealed.author_id if sealed else sender, event.created_at)
    watchers = keepers_of(sealed.community_id) if sealed else watchers_of(sender)
    tell_person(watchers - {sender}, event.name, key, told)


def _signature(attachment_id: int) -> Any:
    """(author_id, community_id) when a pseudonym signs the text that a file is under; else None."""
    author_id = func.coalesce(Comment.author_id, Contribution.author_id)
    query = (
        select(author_id.label("author_id"), Contribution.community_id)
        .select_from(Attachment)
        .join(Contribution, Contribution.id == Attachment.contribution_id)
        .outerjoin(Comment, Comment.id == Attachment.comment_id)
        .where(Attachment.id == attachment_id, author_id < 0)
    )
    return db.session.execute(query).one_or_none()


def keepers_of(community_id: int) -> set[int]:
    """The moderators of a community, and the administrators."""
    here = select(Membership.member_id).where(Membership.community_id == community_id, Membership.role == "moderator")
    may = or_(Member.platform_role == "administrator", Member.id.in_(here))
    return set(db.session.scalars(select(Member.id).where(may)))


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
