"""What any contribution goes through: written, published once, touched, removed, brought back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from community.contributions.models import Contribution
from community.core import ports
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, DomainError
from community.core.outbox import emit
from community.core.text import RENDERER_VERSION, Rendered, render_markdown
from community.people.accounts.identity import Identity
from community.people.accounts.queries import names_of

Gate = Callable[[Contribution, Any], bool]
Step = Callable[[Contribution, Any], None]
#: asked before anything is published: True keeps it back (an embargo, a moderator's look)
_gates: dict[int, Gate] = {}
#: what a kind does once it is out (sheets tell who is credited), and how its counters are derived again
_completions: dict[str, Step] = {}
_counters: dict[str, Callable[[Contribution], None]] = {}


def publication_gate(place: int) -> Callable[[Gate], Gate]:
    """Register what may keep a contribution back; it writes down why, and publishes it later with publish().

    Gates are asked by their place, whatever was loaded first, until one says no: an embargo (1) before a moderator's look
    (2), so that nobody reads before its day what waits for it.
    """

    def register(gate: Gate) -> Gate:
        _gates[place] = gate
        return gate

    return register


def when_published(kind: str) -> Callable[[Step], Step]:
    """Register what is done when a contribution of this kind is really put out, now or later."""

    def register(step: Step) -> Step:
        _completions[kind] = step
        return step

    return register


def counts(kind: str) -> Callable[[Callable[[Contribution], None]], Callable[[Contribution], None]]:
    """Register how the counters that a contribution of this kind moves are derived again (thread, community)."""

    def register(step: Callable[[Contribution], None]) -> Callable[[Contribution], None]:
        _counters[kind] = step
        return step

    return register


def count_again(item: Contribution) -> None:
    """Derive again what this contribution counts in: after it came out, went, came back or changed place."""
    db.session.flush()
    if item.kind in _counters:
        _counters[item.kind](item)


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


def signed(user: Any, item: Contribution) -> Any:
    """Who signs what this person does on this page: themself, or the pseudonym that they took there."""
    return user.writing_in(item) if isinstance(user, Identity) else user


def write_body(item: Contribution, body: str) -> Rendered:
    """Set the Markdown and its HTML, rendered now so that reading renders nothing; keep what it cites and bind its files.

    The item must have its id.
    """
    rendered = _render_body(item, body)
    ports.call("record_citations", item.id, rendered.citations)
    ports.call("bind_files", [rendered.html], item.id, item.author_id)
    return rendered


def write_texts(item: Contribution) -> None:
    """Render the body, and the other Markdown fields that the kind declares in ``texts`` (their HTML goes to ``html``)."""
    body = _render_body(item, item.body)
    cited, html = list(body.citations), {}
    for name in type(item).texts:
        if getattr(item, name):
            rendered = render_markdown(getattr(item, name), f"p{item.id}{name.replace('_', '')}-")
            html[name] = rendered.html
            cited += rendered.citations
    if type(item).texts:
        item.html = html  # type: ignore[attr-defined]
    ports.call("record_citations", item.id, cited)
    ports.call("bind_files", [body.html, *html.values()], item.id, item.author_id)


def _render_body(item: Contribution, body: str) -> Rendered:
    rendered = render_markdown(body, f"p{item.id}-", names_of)
    item.body = body
    item.body_html = rendered.html
    item.body_notice = rendered.notices[0][:300] if rendered.notices else None
    item.renderer = RENDERER_VERSION
    return rendered


def publish(item: Contribution, user: Any) -> bool:
    """Put a contribution out and say so, unless a gate keeps it back. Publishing twice changes nothing.

    Gives whether it is out. ``user`` is its author (whoever releases it later: a gate says so in the log).
    """
    if item.published_at is not None:
        return True
    if any(_gates[place](item, user) for place in sorted(_gates)):
        return False
    item.published_at = item.updated_at = item.last_activity_at = now()
    emit("contribution.published", item, actor=signed(user, item))
    if item.kind in _completions:
        _completions[item.kind](item, user)
    count_again(item)
    return True


def touch(thread: Contribution) -> None:
    """Something happened on this page: it goes up in the feeds."""
    thread.last_activity_at = now()


def mark_edited(item: Contribution, user: Any) -> None:
    """A published text says something else now. Raises Invalid when a rule of the community refuses what was added."""
    ports.call("check_edit", item, user)
    item.updated_at = now()
    emit("contribution.edited", item, actor=signed(user, item))


def remove(item: Contribution, user: Any, reason: str = "") -> None:
    """Take a contribution out of every list and count; it can be brought back. Repeating it changes nothing."""
    if item.removed_at is not None:
        return
    item.removed_at = now()
    item.removed_by_id = signed(user, item).id
    emit("contribution.removed", item, actor=signed(user, item))
    if is_of_another(item.author_id, user):
        record(user, "content.removed", item, reason)
    count_again(item)


def restore(item: Contribution, user: Any) -> None:
    """Bring a removed contribution back as it was, acceptance and certification of an answer included."""
    if item.removed_at is None:
        return
    item.removed_at = None
    item.removed_by_id = None
    emit("contribution.restored", item, actor=signed(user, item))
    if is_of_another(item.author_id, user):
        record(user, "content.restored", item)
    count_again(item)


def is_of_another(author_id: int, user: Any) -> bool:
    """Whether acting on this author's text is an act of moderation, which the log keeps."""
    return isinstance(user, Identity) and not user.owns(author_id)
