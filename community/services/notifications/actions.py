"""Tell members, mark as read, and keep each member's unread count true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.accounts.pseudonyms import owners_of
from community.people.communities.models import Community
from community.services.notifications.models import Notification
from community.services.notifications.queries import group_of, visible_notifications
from community.services.notifications.recipients import allowed

#: rows in one INSERT: both engines bound the number of values in a statement
AT_ONCE = 500


class Cause(NamedTuple):
    """Who made it happen and when; an Event of the outbox serves as well."""

    actor_id: int | None
    created_at: datetime


def tell_about(
    item: Contribution, ids: Iterable[int], event: str, key: str, cause: Any, comment_id: int | None = None
) -> None:
    """Tell these members of something on a contribution that is out, as far as they may see it.

    ``item`` has its community and thread loaded. Telling the same ``key`` twice tells it once.
    """
    if not item.is_published or (item.thread is not None and not item.thread.is_published):
        return
    _tell(
        allowed(ids, item.community, cause.actor_id),
        cause,
        event=event,
        key=key,
        contribution_id=item.id,
        thread_id=item.thread_id or item.id,
        comment_id=comment_id,
    )


def tell_of_own(item: Contribution, id: int, event: str, key: str, cause: Any, comment_id: int | None = None) -> None:
    """Tell one member of what waits for them alone under a page, even before it is out (queries.OF_ONES_OWN)."""
    people = owners_of([id]) - {cause.actor_id}
    active = select(Member.id).where(Member.id.in_(people), Member.state == "active")
    place = {"contribution_id": item.id, "thread_id": item.thread_id or item.id, "comment_id": comment_id}
    _tell(sorted(db.session.scalars(active)) if people else [], cause, event=event, key=key, **place)


def tell_of_community(community: Community, ids: Iterable[int], event: str, key: str, cause: Any) -> None:
    """Tell these members of something about a community that they may know."""
    _tell(allowed(ids, community, cause.actor_id), cause, event=event, key=key, community_id=community.id)


def tell_invited(community: Community, member_id: int, key: str, cause: Any) -> None:
    """An invitation is the one thing told of a community that the person may not know yet."""
    _tell([member_id], cause, event="community.invited", key=key, community_id=community.id)


def tell_person(ids: Iterable[int], event: str, key: str, cause: Any) -> None:
    """Tell members of what is their own (a decision, a report): whatever they may see, or see no more, on the site."""
    people = owners_of(list(ids)) - {cause.actor_id}
    active = select(Member.id).where(Member.id.in_(people), Member.state == "active")
    _tell(sorted(db.session.scalars(active)) if people else [], cause, event=event, key=key)


def tell_again(rows: Sequence[dict[str, Any]]) -> None:
    """Put notifications that were taken away back as they were; what was told anew meanwhile is left as it is."""
    if rows:
        db.session.execute(_insert_new(list(rows)))
        recount({row["member_id"] for row in rows})


def read_group(notification: Notification, user: Any) -> None:
    """Mark as read everything told about the same page or community; repeating it changes nothing."""
    group = notification.thread_id or -(notification.community_id or 0)
    _mark_read(Notification.member_id == user.id, group_of() == group)
    recount([user.id])


def read_everything(user: Any) -> None:
    _mark_read(Notification.member_id == user.id)
    recount([user.id])


def settle(key: str) -> None:
    """What this key told needs nobody any more (a request that another moderator answered)."""
    told = select(Notification.member_id).where(Notification.key == key, Notification.read_at.is_(None))
    ids = list(db.session.scalars(told))
    _mark_read(Notification.key == key)
    recount(ids)


def recount(ids: Iterable[int]) -> None:
    """Derive these members' unread counts again: unread, and visible to them now."""
    db.session.flush()
    for id in ids:
        user = identity_of(id)
        count = 0
        if user is not None:
            unread = select(func.count()).where(Notification.read_at.is_(None), *visible_notifications(user))
            count = db.session.scalar(unread) or 0
        _set_count(Member.id == id, count)


def _tell(ids: list[int], cause: Any, **columns: Any) -> None:
    """Insert one row a member, dated when it happened, skipping those already told; count only the new ones."""
    columns |= {"actor_id": cause.actor_id, "created_at": cause.created_at}
    for start in range(0, len(ids), AT_ONCE):
        rows = [{"member_id": id, **columns} for id in ids[start : start + AT_ONCE]]
        told = list(db.session.scalars(_insert_new(rows)))
        if told:
            _set_count(Member.id.in_(told), Member.unread_count + 1)


def _insert_new(rows: list[dict[str, Any]]) -> Any:
    """Insert what the unique key allows; gives the members who were really told."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Notification).values(rows).on_conflict_do_nothing()
    return statement.returning(Notification.member_id)


def _mark_read(*which: Any) -> None:
    unread = update(Notification).where(Notification.read_at.is_(None), *which).values(read_at=now())
    db.session.execute(unread.execution_options(synchronize_session=False))


def _set_count(which: Any, count: Any) -> None:
    statement = update(Member).where(which).values(unread_count=count)
    db.session.execute(statement.execution_options(synchronize_session=False))
