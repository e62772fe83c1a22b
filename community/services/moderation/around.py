"""A text with what is around it: what a moderator reads before deciding."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.core.db import db
from community.people.accounts.models import Member


@dataclass(frozen=True)
class Piece:
    """One text of the thread, as the desk shows it: the one that is judged, or one around it."""

    kind: str
    author_id: int
    author_name: str
    html: str
    at: Any
    judged: bool = False
    gone: bool = False


@dataclass(frozen=True)
class Around:
    """The judged text and its thread: the page's title and community, the pieces in order."""

    item: Contribution | None = None
    comment: Comment | None = None
    title: str = ""
    community: Any = None
    pieces: list[Piece] = field(default_factory=list)


def around(contribution_id: int | None, comment_id: int | None = None) -> Around:
    """What a moderator needs to read to judge: the head of the thread, the text, its neighbours, its comments."""
    item = item_of(contribution_id)
    if item is None:
        return Around()
    comment = db.session.get(Comment, comment_id) if comment_id else None
    head = item.thread or item
    posts = _posts(item, comment)
    return Around(item, comment, head.title, item.community, posts)


def item_of(id: int | None) -> Contribution | None:
    if id is None:
        return None
    loaded = (joinedload(Contribution.community), joinedload(Contribution.thread), joinedload(Contribution.author))
    return db.session.scalars(select(Contribution).where(Contribution.id == id).options(*loaded)).one_or_none()


def _posts(item: Contribution, judged: Comment | None) -> list[Piece]:
    """The head, the text and its two neighbours; when a comment is judged, the comments beside it. Two statements."""
    head_id = item.thread_id or item.id
    near = or_(Contribution.id == head_id, Contribution.thread_id == head_id)
    shown = or_(Contribution.id == item.id, Contribution.published_at.is_not(None))  # nobody's draft, nor what waits
    rows = db.session.execute(
        select(
            Contribution.id,
            Contribution.kind,
            Contribution.author_id,
            Contribution.body_html,
            Contribution.created_at,
            Contribution.published_at,
            Contribution.removed_at,
            Member.display_name.label("author_name"),
        )
        .join(Member, Member.id == Contribution.author_id)
        .where(near, shown)
        .order_by(Contribution.id)
        .limit(200)
    ).all()
    place = next((i for i, row in enumerate(rows) if row.id == item.id), 0)
    kept = {0, place - 1, place, place + 1} if item.thread_id else {0}
    pieces = []
    for number, row in enumerate(rows):
        if number not in kept and row.id != item.id:
            continue
        gone = row.removed_at is not None or row.published_at is None
        mine = row.id == item.id and judged is None
        facts = (row.kind, row.author_id, row.author_name, row.body_html, row.created_at)
        pieces.append(Piece(*facts, judged=mine, gone=gone))
        if row.id == item.id and judged is not None:
            pieces += _comments(item.id, judged)
    return pieces


def _comments(item_id: int, judged: Comment) -> list[Piece]:
    query = (
        select(
            Comment.id,
            Comment.author_id,
            Comment.body_html,
            Comment.created_at,
            Comment.removed_at,
            Member.display_name.label("author_name"),
        )
        .join(Member, Member.id == Comment.author_id)
        .where(Comment.contribution_id == item_id, or_(Comment.removed_at.is_(None), Comment.id == judged.id))
        .order_by(Comment.id)
        .limit(50)
    )
    return [
        Piece(
            "comment",
            row.author_id,
            row.author_name,
            row.body_html,
            row.created_at,
            judged=row.id == judged.id,
            gone=row.removed_at is not None,
        )
        for row in db.session.execute(query)
    ]
