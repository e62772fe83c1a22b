"""Reads of notifications: the page, grouped by thread, unread first; and the one rule of what may be shown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import aliased

from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.core.errors import NotFound
from community.core.paging import Key, Page, paginate
from community.people.accounts.models import Member
from community.people.communities.models import Community, Invitation
from community.permissions import community_visible_to, is_out, visible_to
from community.services.notifications.models import Notification

SHOWN_PER_GROUP = 4
#: told to moderators only, and shown to nobody else
FOR_MODERATORS = (
    "community.request.created",
    "clause.proposed",
    "flag.raised",
    "hold.made",
    "appeal.made",
    "sanction.contested",
)

#: told to one person of what is theirs: shown with its title even before it is out
OF_ONES_OWN = ("document.to_answer", "document.file_refused", "file.to_answer")


@dataclass
class Group:
    """What was told about one page or one community; ``more`` are not shown."""

    unread: bool
    total: int
    entries: list[Any] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.total - len(self.entries)


def visible_notifications(user: Any) -> tuple[ColumnElement[bool], ...]:
    """This member's notifications whose subject may be seen now: losing a place hides what was told there.

    What is about nothing but oneself (a decision of moderation, a report answered) is always shown.
    """
    item = aliased(Contribution, flat=True)
    shown = or_(is_out(item), Notification.event.in_(OF_ONES_OWN))
    seen_item = exists().where(item.id == Notification.contribution_id, shown, visible_to(user, item))
    standing_comment = exists().where(Comment.id == Notification.comment_id, Comment.removed_at.is_(None))
    about_item = and_(seen_item, or_(Notification.comment_id.is_(None), standing_comment))
    return (
        Notification.member_id == user.id,
        or_(
            about_item,
            and_(Notification.contribution_id.is_(None), _seen_community(user)),
            and_(Notification.contribution_id.is_(None), Notification.community_id.is_(None)),
        ),
    )


def notifications_page(user: Any, cursor: str | None = None) -> Page:
    """Groups of one page: unread first, then the latest. Two statements, however many notifications there are."""
    unread = case((Notification.read_at.is_(None), literal_column("1")), else_=literal_column("0"))
    groups = (
        select(
            group_of().label("group"),
            unread.label("unread"),
            func.max(Notification.created_at).label("last_at"),
            func.count().label("total"),
        )
        .where(*visible_notifications(user))
        .group_by(group_of(), unread)
        .subquery()
    )
    keys = (Key(groups.c.unread, "unread"), Key(groups.c.last_at, "last_at"), Key(groups.c.group, "group"))
    page = paginate(select(groups), keys, cursor)
    entries = _entries(user, unread, [(row.group, row.unread) for row in page])
    rows = [Group(bool(row.unread), row.total, entries[row.group, row.unread]) for row in page]
    return Page(rows, page.older, page.newer)


def unread_since(user: Any, since: datetime, most: int = 40) -> list[Any]:
    """What was told to this member since then and is still to be read, the latest first."""
    fresh = (*visible_notifications(user), Notification.read_at.is_(None), Notification.created_at >= since)
    query = _rows().where(*fresh).order_by(Notification.created_at.desc(), Notification.id.desc()).limit(most)
    return list(db.session.execute(query))


def notification_of(user: Any, id: int) -> Any:
    """One notification of this member with what its address needs; else NotFound."""
    row = db.session.execute(_rows().where(Notification.id == id, *visible_notifications(user))).one_or_none()
    if row is None:
        raise NotFound()
    return row


def group_of() -> ColumnElement[int]:
    """What a notification is grouped under: its thread, else its community (negative, so that the two never meet), else 0."""
    return func.coalesce(Notification.thread_id, -Notification.community_id, literal_column("0"))


def _entries(user: Any, unread: Any, wanted: list[tuple[int, int]]) -> dict[tuple[int, int], list[Any]]:
    """The latest rows of each group asked for."""
    found: dict[tuple[int, int], list[Any]] = defaultdict(list)
    if not wanted:
        return found
    latest_first = (Notification.created_at.desc(), Notification.id.desc())
    place = func.row_number().over(partition_by=(group_of(), unread), order_by=latest_first)
    ranked = (
        select(Notification.id, group_of().label("group"), unread.label("unread"), place.label("place"))
        .where(*visible_notifications(user), group_of().in_({group for group, _unread in wanted}))
        .subquery()
    )
    latest = (ranked.c.place <= SHOWN_PER_GROUP, tuple_(ranked.c.group, ranked.c.unread).in_(wanted))
    query = _rows(ranked.c.group, ranked.c.unread).join(ranked, ranked.c.id == Notification.id).where(*latest)
    for row in db.session.execute(query.order_by(*latest_first)):
        found[row.group, row.unread].append(row)
    return found


def _rows(*more: Any) -> Any:
    item, thread = aliased(Contribution, flat=True), aliased(Contribution, flat=True)
    return (
        select(
            Notification.id,
            Notification.member_id,
            Notification.event,
            Notification.key,
            Notification.contribution_id,
            Notification.thread_id,
            Notification.comment_id,
            Notification.community_id,
            Notification.created_at,
            Notification.read_at,
            Member.display_name.label("actor_name"),
            item.kind,
            item.author_id,
            thread.kind.label("thread_kind"),
            thread.title.label("thread_title"),
            Community.name.label("community_name"),
            Community.slug.label("community_slug"),
            *more,
        )
        .select_from(Notification)
        .outerjoin(Member, Member.id == Notification.actor_id)
        .outerjoin(item, item.id == Notification.contribution_id)
        .outerjoin(thread, thread.id == Notification.thread_id)
        .outerjoin(Community, Community.id == func.coalesce(Notification.community_id, item.community_id))
    )


def _seen_community(user: Any) -> ColumnElement[bool]:
    """Its community may be known, or a pending invitation opens it; what is for moderators, to those who still are."""
    community = aliased(Community)
    invited = exists().where(
        Invitation.community_id == community.id,
        Invitation.email == user.email,
        Invitation.state == "pending",
        Invitation.expires_at > now(),
    )
    seen = or_(community_visible_to(user, community), and_(Notification.event == "community.invited", invited))
    conditions = [community.id == Notification.community_id, seen]
    if not user.is_administrator:
        conditions.append(or_(Notification.event.not_in(FOR_MODERATORS), community.id.in_(user.moderated_ids)))
    return exists().where(*conditions)
