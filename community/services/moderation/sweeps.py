"""Take away all that a spammer published, in one act, and put it all back within the hour if it was a mistake.

Where the sweeper moderates: an administrator everywhere, a moderator in their communities. What was removed by somebody else,
or touched since, is left as it is. The account's pseudonyms are not part of it: their going together would tell whose they are.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from community.abilities.comments.actions import hide_comment, publish_comment
from community.abilities.comments.models import Comment
from community.abilities.votes.actions import unvote, vote
from community.abilities.votes.models import Vote
from community.contributions.actions import count_again, remove, restore
from community.contributions.models import Contribution
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict
from community.core.outbox import emit
from community.people.accounts.models import Member
from community.people.communities.sanctions import lift_suspension, suspend_member
from community.services.moderation.around import item_of
from community.services.moderation.locks import take
from community.services.moderation.models import Sweep
from community.services.notifications.actions import recount
from community.services.notifications.models import Notification

UNDO_WITHIN = timedelta(hours=1)
SUSPENDED_FOR = timedelta(days=7)
INSTANTS = ("created_at", "read_at")


def sweep(member: Member, user: Any, since: datetime | None, reason: str, suspend: bool = False) -> Sweep:
    """Remove texts, hide comments, cancel votes and erase notifications of this member since an instant (or always)."""
    row = Sweep(member_id=member.id, by_id=user.id, reason=reason[:1000])
    db.session.add(row)
    row.before = {
        "posts": _remove_posts(member, user, since),
        "comments": _hide_comments(member, user, since),
        "votes": _cancel_votes(member, user, since),
        "notifications": _erase_notifications(member, user, since),
        "suspended": bool(suspend),
    }
    if suspend:
        suspend_member(member.id, now() + SUSPENDED_FOR, reason, user)
    db.session.flush()
    record(user, "member.swept", target=member, reason=f"{reason} ({_figures(row.before)})")
    emit("member.swept", row, actor=user)
    return row


def undo_sweep(row: Sweep, user: Any) -> None:
    """Put back exactly what the sweep took, as long as nobody changed it since. Repeating it changes nothing."""
    take(row, "undone_at")
    if row.undone_at is not None:
        return
    if not may_undo(row):
        raise Conflict(_("Passé une heure, remettez les textes un par un, depuis leur page."))
    row.undone_at, row.undone_by_id = now(), user.id
    _restore_posts(row, user)
    for id in row.before["comments"]:
        comment = db.session.get(Comment, id)
        if comment is not None and comment.held_at is not None:
            publish_comment(comment, item_of(comment.contribution_id))
    _restore_votes(row)
    _restore_notifications(row.before["notifications"])
    member = db.session.get(Member, row.member_id)
    if row.before["suspended"]:
        lift_suspension(row.member_id, user)
    record(user, "member.sweep_undone", target=member, reason=_figures(row.before))


def may_undo(row: Sweep) -> bool:
    return row.undone_at is None and row.created_at > now() - UNDO_WITHIN


def sweeps_of(member_id: int) -> list[Sweep]:
    query = select(Sweep).where(Sweep.member_id == member_id).order_by(Sweep.id.desc()).limit(5)
    return list(db.session.scalars(query))


def in_reach(user: Any, column: Any) -> tuple[Any, ...]:
    """The condition that keeps a sweep where this person moderates."""
    return () if user.is_administrator else (column.in_(user.moderated_ids),)


def _remove_posts(member: Member, user: Any, since: datetime | None) -> list[int]:
    out = (Contribution.published_at.is_not(None), Contribution.removed_at.is_(None))
    query = select(Contribution).where(
        Contribution.author_id == member.id, *out, *_since(Contribution.published_at, since)
    )
    items = list(db.session.scalars(query.where(*in_reach(user, Contribution.community_id)).order_by(Contribution.id)))
    for item in items:
        remove(item, user)
        count_again(item)
    return [item.id for item in items]


def _hide_comments(member: Member, user: Any, since: datetime | None) -> list[int]:
    query = (
        select(Comment)
        .join(Contribution, Contribution.id == Comment.contribution_id)
        .where(Comment.author_id == member.id, Comment.removed_at.is_(None), *_since(Comment.created_at, since))
        .where(*in_reach(user, Contribution.community_id))
    )
    found = list(db.session.scalars(query.order_by(Comment.id)))
    for comment in found:
        hide_comment(comment, item_of(comment.contribution_id), user)
    return [comment.id for comment in found]


def _cancel_votes(member: Member, user: Any, since: datetime | None) -> list[list[Any]]:
    query = (
        select(Vote.created_at, Contribution)
        .join(Contribution, Contribution.id == Vote.contribution_id)
        .where(Vote.member_id == member.id, *_since(Vote.created_at, since))
        .where(*in_reach(user, Contribution.community_id))
    )
    found = db.session.execute(query.order_by(Contribution.id)).all()
    for _at, item in found:
        unvote(item, member)
    return [[item.id, at.isoformat()] for at, item in found]


def _erase_notifications(member: Member, user: Any, since: datetime | None) -> list[dict[str, Any]]:
    """What others were told because of this member; each row is kept whole, to be told again as it was."""
    table = Notification.__table__
    told = (Notification.actor_id == member.id, *_since(Notification.created_at, since))
    if not user.is_administrator:
        here = select(Contribution.id).where(Contribution.community_id.in_(user.moderated_ids))
        told = (*told, Notification.contribution_id.in_(here))
    rows = [dict(row._mapping) for row in db.session.execute(select(table).where(*told))]
    db.session.execute(delete(Notification).where(Notification.id.in_([row["id"] for row in rows])))
    recount({row["member_id"] for row in rows})
    return [_packed(row) for row in rows]


def _restore_posts(row: Sweep, user: Any) -> None:
    for item in db.session.scalars(select(Contribution).where(Contribution.id.in_(row.before["posts"]))):
        if item.removed_at is not None and item.removed_by_id == row.by_id:
            restore(item, user)
            count_again(item)


def _restore_votes(row: Sweep) -> None:
    member = db.session.get(Member, row.member_id)
    for id, at in row.before["votes"]:
        item = db.session.get(Contribution, id)
        if item is None:
            continue
        vote(item, member)
        kept = db.session.get(Vote, (id, row.member_id))
        if kept is not None:
            kept.created_at = datetime.fromisoformat(at)


def _restore_notifications(rows: list[dict[str, Any]]) -> None:
    """As they were, read or not; those of a member erased since stay away."""
    present = set(db.session.scalars(select(Member.id).where(Member.id.in_({row["member_id"] for row in rows}))))
    values = [_unpacked(row) for row in rows if row["member_id"] in present]
    if values:
        db.session.execute(insert(Notification), values)
        recount({row["member_id"] for row in values})


def _packed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: row[name].isoformat() for name in INSTANTS if row[name] is not None}


def _unpacked(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name != "id"}
    return kept | {name: datetime.fromisoformat(row[name]) for name in INSTANTS if row[name] is not None}


def _since(column: Any, since: datetime | None) -> tuple[Any, ...]:
    return (column >= since,) if since is not None else ()


def _figures(before: dict[str, Any]) -> str:
    return ", ".join(f"{name} {len(before[name])}" for name in ("posts", "comments", "votes", "notifications"))
