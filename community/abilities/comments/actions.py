"""Comment, correct a comment, remove it and bring it back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from community.abilities.citations.actions import record_citations
from community.abilities.comments.models import Comment
from community.contributions.actions import is_of_another, signed, touch
from community.contributions.models import Contribution
from community.core import ports
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.outbox import emit
from community.core.text import render_markdown
from community.people.accounts.queries import names_of


def comment_on(item: Contribution, user: Any, body: str, once: str | None = None) -> Comment:
    """Publish a comment under a contribution, unless a rule holds it for a moderator (``held_at``).

    The same form sent twice gives the first one back.
    """
    user = signed(user, item)
    comment = Comment(contribution_id=item.id, author_id=user.id, body=body, body_html="", once=once or None)
    try:
        with db.session.begin_nested():
            db.session.add(comment)
    except IntegrityError:
        return db.session.scalars(select(Comment).where(Comment.author_id == user.id, Comment.once == once)).one()
    rendered = render_markdown(body, f"c{comment.id}-", names_of)
    comment.body_html = rendered.html
    record_citations(item.id, rendered.citations, comment.id)
    ports.call("bind_files", [rendered.html], item.id, comment.author_id, comment.id)
    if ports.call("keep_comment_back", comment, item, user):
        comment.held_at = comment.removed_at = now()
        return comment
    _come_out(comment, item, list(rendered.mentions))
    return comment


def publish_comment(comment: Comment, item: Contribution) -> None:
    """Put out a comment that was held or hidden, in its author's name; repeating it changes nothing."""
    if comment.held_at is not None:
        comment.held_at = comment.removed_at = None
        _come_out(comment, item, [])


def hide_comment(comment: Comment, item: Contribution, user: Any) -> None:
    """Take a comment out of everybody's sight but its author's."""
    if comment.removed_at is None:
        comment.held_at = comment.removed_at = now()
        _count(item, -1)
        emit("comment.removed", comment, actor=user, contribution_id=item.id)


def edit_comment(comment: Comment, item: Contribution, user: Any, body: str) -> None:
    user = signed(user, item)
    if comment.removed_at is None:
        ports.call("check_comment_edit", item, user, comment.body, body)
    comment.body = body
    rendered = render_markdown(body, f"c{comment.id}-", names_of)
    comment.body_html = rendered.html
    record_citations(item.id, rendered.citations, comment.id)
    ports.call("bind_files", [rendered.html], item.id, comment.author_id, comment.id)
    comment.updated_at = now()
    emit("comment.edited", comment, actor=user, contribution_id=item.id)


def remove_comment(comment: Comment, item: Contribution, user: Any, reason: str = "") -> None:
    """Take a comment away; repeating it changes nothing."""
    user = signed(user, item)
    if comment.removed_at is None:
        comment.removed_at, comment.removed_by_id = now(), user.id
        _count(item, -1)
        emit("comment.removed", comment, actor=user, contribution_id=item.id)
        if is_of_another(comment.author_id, user):
            record(user, "content.removed", comment, reason, item.community_id)


def restore_comment(comment: Comment, item: Contribution, user: Any) -> None:
    user = signed(user, item)
    if comment.removed_at is not None:
        comment.removed_at = comment.removed_by_id = None
        _count(item, +1)
        emit("comment.restored", comment, actor=user, contribution_id=item.id)
        if is_of_another(comment.author_id, user):
            record(user, "content.restored", comment, community_id=item.community_id)


def _come_out(comment: Comment, item: Contribution, mentions: list[str]) -> None:
    _count(item, +1)
    author = SimpleNamespace(id=comment.author_id)
    emit("comment.published", comment, actor=author, contribution_id=item.id, mentions=mentions)


def _count(item: Contribution, step: int) -> None:
    """Keep the counters: of the commented item, and of its page where comments are what answers it (a sheet's)."""
    db.session.execute(
        update(Contribution).where(Contribution.id == item.id).values(comments_count=Contribution.comments_count + step)
    )
    page = item.thread if item.thread_id else item
    if type(page).answered_by_comments:
        replies = update(Contribution).where(Contribution.id == page.id)
        db.session.execute(replies.values(replies_count=Contribution.replies_count + step))
    if step > 0:
        touch(page)
