"""The pieces of a sweep, by kind: which are left to take, how a few are taken, how a few are put back.

Each call does a few in the caller's transaction and writes a SweepItem for each, so that nothing is ever half done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Select, delete, func, select

from community.abilities.comments.actions import hide_comment, publish_comment
from community.abilities.comments.models import Comment
from community.abilities.votes.actions import unvote, vote
from community.abilities.votes.models import Vote
from community.contributions.actions import remove, restore
from community.contributions.models import Contribution
from community.core.db import db
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.services.moderation.around import item_of
from community.services.moderation.models import Sweep, SweepItem
from community.services.notifications.actions import recount, tell_again
from community.services.notifications.models import Notification

AT_ONCE = 40
INSTANTS = ("created_at", "read_at")


def left_to_take(row: Sweep) -> int:
    """How many pieces the sweep would still take."""
    counts = [select(func.count()).select_from(wanted(row).subquery()).scalar_subquery() for wanted in _WANTED.values()]
    return sum(db.session.execute(select(*counts)).one())


def take_some(row: Sweep) -> tuple[str, int] | None:
    """Take a few of the first kind that has any; gives which and how many, None when nothing is left."""
    for kind, wanted in _WANTED.items():
        ids = db.session.scalars(wanted(row).limit(AT_ONCE)).all()
        if ids:
            _TAKE[kind](row, ids)
            return kind, len(ids)
    return None


def put_back_some(row: Sweep) -> bool:
    """Put a few back, in the order in which the kinds went. False when everything is back."""
    for kind in _WANTED:
        mine = (SweepItem.sweep_id == row.id, SweepItem.kind == kind)
        items = db.session.scalars(select(SweepItem).where(*mine).order_by(SweepItem.id).limit(AT_ONCE)).all()
        if items:
            _PUT_BACK[kind](row, items)
            db.session.execute(delete(SweepItem).where(SweepItem.id.in_([item.id for item in items])))
            return True
    return False


# --- what is left -----------------------------------------------------------------------------------------------------


def _posts(row: Sweep) -> Select[Any]:
    out = (Contribution.published_at.is_not(None), Contribution.removed_at.is_(None))
    query = select(Contribution.id).where(Contribution.author_id == row.member_id, *out, *_here(row))
    return query.where(*_since(row, Contribution.published_at)).order_by(Contribution.id)


def _comments(row: Sweep) -> Select[Any]:
    query = select(Comment.id).join(Contribution, Contribution.id == Comment.contribution_id)
    query = query.where(Comment.author_id == row.member_id, Comment.removed_at.is_(None), *_here(row))
    return query.where(*_since(row, Comment.created_at)).order_by(Comment.id)


def _votes(row: Sweep) -> Select[Any]:
    query = select(Vote.contribution_id).join(Contribution, Contribution.id == Vote.contribution_id)
    return query.where(Vote.member_id == row.member_id, *_since(row, Vote.created_at), *_here(row)).order_by(
        Vote.contribution_id
    )


def _notifications(row: Sweep) -> Select[Any]:
    """What others were told because of this member."""
    told = select(Notification.id).where(Notification.actor_id == row.member_id)
    told = told.where(*_since(row, Notification.created_at)).order_by(Notification.id)
    if row.reach is None:
        return told
    here = select(Contribution.id).where(Contribution.community_id.in_(row.reach))
    return told.where(Notification.contribution_id.in_(here))


def _here(row: Sweep) -> tuple[Any, ...]:
    return () if row.reach is None else (Contribution.community_id.in_(row.reach),)


def _since(row: Sweep, column: Any) -> tuple[Any, ...]:
    return () if row.since is None else (column >= row.since,)


# --- taking -----------------------------------------------------------------------------------------------------------


def _take_posts(row: Sweep, ids: Sequence[int]) -> None:
    asker = _asker(row)
    for item in db.session.scalars(select(Contribution).where(Contribution.id.in_(ids)).order_by(Contribution.id)):
        remove(item, asker)
        _note(row, "posts", item.id, by=item.removed_by_id)


def _take_comments(row: Sweep, ids: Sequence[int]) -> None:
    asker = _asker(row)
    for comment in db.session.scalars(select(Comment).where(Comment.id.in_(ids)).order_by(Comment.id)).all():
        hide_comment(comment, item_of(comment.contribution_id), asker)
        _note(row, "comments", comment.id)


def _take_votes(row: Sweep, ids: Sequence[int]) -> None:
    member = db.session.get(Member, row.member_id)
    theirs = select(Vote).where(Vote.member_id == row.member_id, Vote.contribution_id.in_(ids))
    instants = {kept.contribution_id: kept.created_at for kept in db.session.scalars(theirs)}
    for item in db.session.scalars(
        select(Contribution).where(Contribution.id.in_(ids)).order_by(Contribution.id)
    ).all():
        unvote(item, member)
        _note(row, "votes", item.id, at=instants[item.id].isoformat())


def _take_notifications(row: Sweep, ids: Sequence[int]) -> None:
    """Each row is kept whole, to be told again as it was."""
    table = Notification.__table__
    rows = [dict(found._mapping) for found in db.session.execute(select(table).where(table.c.id.in_(ids)))]
    db.session.execute(delete(Notification).where(Notification.id.in_(ids)))
    for told in rows:
        _note(row, "notifications", told["id"], **_packed(told))
    recount({told["member_id"] for told in rows})


def _note(row: Sweep, kind: str, subject_id: int, **data: Any) -> None:
    db.session.add(SweepItem(sweep_id=row.id, kind=kind, subject_id=subject_id, data=data))


def _asker(row: Sweep) -> Any:
    """Who asked for the sweep; an account that was closed since is still who did."""
    return identity_of(row.by_id) or SimpleNamespace(id=row.by_id)


# --- putting back -----------------------------------------------------------------------------------------------------


def _restore_posts(row: Sweep, items: Sequence[SweepItem]) -> None:
    """What somebody else removed meanwhile stays removed."""
    user = identity_of(row.undone_by_id or row.by_id) or SimpleNamespace(id=row.by_id)
    by = {item.subject_id: item.data.get("by") for item in items}
    for item in db.session.scalars(select(Contribution).where(Contribution.id.in_(by)).order_by(Contribution.id)).all():
        if item.removed_at is not None and item.removed_by_id == by[item.id]:
            restore(item, user)


def _restore_comments(_row: Sweep, items: Sequence[SweepItem]) -> None:
    for item in items:
        comment = db.session.get(Comment, item.subject_id)
        if comment is not None and comment.held_at is not None:
            publish_comment(comment, item_of(comment.contribution_id))


def _restore_votes(row: Sweep, items: Sequence[SweepItem]) -> None:
    member = db.session.get(Member, row.member_id)
    for item in items:
        voted = db.session.get(Contribution, item.subject_id)
        if voted is None:
            continue
        vote(voted, member)
        kept = db.session.get(Vote, (voted.id, row.member_id))
        if kept is not None:
            kept.created_at = datetime.fromisoformat(item.data["at"])


def _restore_notifications(_row: Sweep, items: Sequence[SweepItem]) -> None:
    """As they were, read or not; those of a member erased since, or about a text that is gone, stay away."""
    values = [_unpacked(item.data) for item in items]
    people, texts = _present(Member, values, "member_id"), _present(Contribution, values, "contribution_id")
    values = [told for told in values if told["member_id"] in people and told["contribution_id"] in {None, *texts}]
    comments = _present(Comment, values, "comment_id")
    tell_again([told for told in values if told["comment_id"] in {None, *comments}])


def _present(model: Any, values: Sequence[dict[str, Any]], column: str) -> set[int]:
    return set(db.session.scalars(select(model.id).where(model.id.in_({told[column] for told in values} - {None}))))


def _packed(told: dict[str, Any]) -> dict[str, Any]:
    return told | {name: told[name].isoformat() for name in INSTANTS if told[name] is not None}


def _unpacked(told: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in told.items() if name != "id"}
    return kept | {name: datetime.fromisoformat(told[name]) for name in INSTANTS if told[name] is not None}


#: in this order: votes on what is gone are not counted twice, and notifications go last
_WANTED: dict[str, Callable[[Sweep], Select[Any]]] = {
    "posts": _posts,
    "comments": _comments,
    "votes": _votes,
    "notifications": _notifications,
}
_TAKE: dict[str, Callable[[Sweep, Sequence[int]], None]] = {
    "posts": _take_posts,
    "comments": _take_comments,
    "votes": _take_votes,
    "notifications": _take_notifications,
}
_PUT_BACK: dict[str, Callable[[Sweep, Sequence[SweepItem]], None]] = {
    "posts": _restore_posts,
    "comments": _restore_comments,
    "votes": _restore_votes,
    "notifications": _restore_notifications,
}
KINDS = tuple(_WANTED)
