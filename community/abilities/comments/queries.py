"""Reads of comments: those of a whole page in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.core import ports
from community.core.db import db
from community.people.accounts.models import Member
from community.permissions import mine, visible_to


@ports.provide("posts_since")
def posts_since(user: Any, moment: datetime) -> int:
    """How many contributions and comments this person wrote since then, under their name or a pseudonym."""
    contributions = select(func.count()).select_from(Contribution).where(mine(user), Contribution.created_at >= moment)
    comments = select(func.count()).select_from(Comment).where(mine(user, Comment), Comment.created_at >= moment)
    row = db.session.execute(select(contributions.scalar_subquery(), comments.scalar_subquery())).one()
    return sum(row)


def comment_seen(id: int, user: Any) -> Comment | None:
    """A comment on something that this person may see. One statement, whether it is hidden or does not exist."""
    seen = exists().where(Contribution.id == Comment.contribution_id, visible_to(user))
    return db.session.scalars(select(Comment).where(Comment.id == id, seen)).one_or_none()


def comments_on(ids: Iterable[int], user: Any = None) -> dict[int, list[Any]]:
    """Comments that are not removed, oldest first, by contribution id; ``user`` also gets their own that are held."""
    shown = Comment.removed_at.is_(None)
    if user is not None and user.is_authenticated:
        shown = or_(shown, and_(Comment.held_at.is_not(None), Comment.author_id.in_(user.own_ids)))
    query = (
        select(
            Comment.id,
            Comment.contribution_id,
            Comment.author_id,
            Comment.body_html,
            Comment.created_at,
            Comment.updated_at,
            Comment.held_at,
            Member.display_name.label("author_name"),
        )
        .join(Member, Member.id == Comment.author_id)
        .where(Comment.contribution_id.in_(list(ids)), shown)
        .order_by(Comment.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row.contribution_id].append(row)
    return found
