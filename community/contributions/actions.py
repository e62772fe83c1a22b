"""What any contribution goes through: written, published once, touched, removed, brought back."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from community.contributions.models import Contribution
from community.core import ports
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, DomainError
from community.core.outbox import emit
from community.core.text import RENDERER_VERSION, Rendered, render_markdown
from community.people.accounts.queries import names_of


class AlreadyDone(DomainError):
    """The same form was sent twice: ``item`` is what the first sending created."""

    status = 409

    def __init__(self, item: Contribution) -> None:
        super().__init__(_("C’est déjà publié."))
        self.item = item


def add_once(item: Contribution) -> None:
    """Insert a contribution; when this author already sent this very form, raise AlreadyDone with what it created."""
    try:
        with db.session.begin_nested():
            db.session.add(item)
            db.session.flush()
    except IntegrityError as error:
        first = db.session.scalars(
            select(Contribution).where(Contribution.author_id == item.author_id, Contribution.once == item.once)
        ).one_or_none()
        if first is None or not item.once:
            raise Conflict() from error
        raise AlreadyDone(first) from error


def write_body(item: Contribution, body: str) -> Rendered:
    """Set the Markdown and its HTML, rendered now so that reading renders nothing, and keep what it cites.

    The item must have its id.
    """
    rendered = render_markdown(body, f"p{item.id}-", names_of)
    item.body = body
    item.body_html = rendered.html
    item.body_notice = rendered.notices[0][:300] if rendered.notices else None
    item.renderer = RENDERER_VERSION
    ports.call("record_citations", item.id, rendered.citations)
    return rendered


def write_texts(item: Contribution) -> None:
    """Render the body, and the other Markdown fields that the kind declares in ``texts`` (their HTML goes to ``html``)."""
    cited = list(write_body(item, item.body).citations)
    if type(item).texts:
        html: dict[str, str] = {}
        for name in type(item).texts:
            if getattr(item, name):
                rendered = render_markdown(getattr(item, name), f"p{item.id}{name.replace('_', '')}-")
                html[name] = rendered.html
                cited += rendered.citations
        item.html = html  # type: ignore[attr-defined]
        ports.call("record_citations", item.id, cited)


def publish(item: Contribution, user: Any) -> None:
    """Put a contribution out and say so. Publishing twice changes nothing."""
    if item.published_at is not None:
        return
    item.published_at = item.updated_at = item.last_activity_at = now()
    emit("contribution.published", item, actor=user)


def touch(thread: Contribution) -> None:
    """Something happened on this page: it goes up in the feeds."""
    thread.last_activity_at = now()


def mark_edited(item: Contribution, user: Any) -> None:
    item.updated_at = now()
    emit("contribution.edited", item, actor=user)


def remove(item: Contribution, user: Any) -> None:
    """Take a contribution out of every list; it can be brought back. Repeating it changes nothing."""
    if item.removed_at is not None:
        return
    item.removed_at = now()
    item.removed_by_id = user.id
    emit("contribution.removed", item, actor=user)


def restore(item: Contribution, user: Any) -> None:
    """Bring a removed contribution back as it was."""
    if item.removed_at is None:
        return
    item.removed_at = None
    item.removed_by_id = None
    emit("contribution.restored", item, actor=user)
