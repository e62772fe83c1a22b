"""What is told about documents: to their author what waits for them or went wrong, to followers a new version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.content.documents.models import Document
from community.core.db import db
from community.core.outbox import Event, on
from community.services.notifications.actions import Cause, tell_about, tell_of_own
from community.services.notifications.recipients import followers


@on("document.to_answer", "document.file_refused")
def tell_what_waits(events: Sequence[Event]) -> None:
    """Passages to look at, or a file to replace: told to who sent it alone, under the document's title, draft or not."""
    for event, document in _documents(events):
        key = f"{event.name}:{event.payload['attachment_id']}"
        tell_of_own(document, event.payload["member_id"], event.name, key, Cause(None, event.created_at))


@on("document.came_out")
def tell_it_is_out(events: Sequence[Event]) -> None:
    """A file that was being read is now readable by others: its sender had gone on with something else."""
    for event, document in _documents(events):
        key = f"{event.name}:{event.payload['attachment_id']}"
        tell_about(document, {event.payload["member_id"]}, event.name, key, Cause(None, event.created_at))


@on("document.version_published")
def tell_new_version(events: Sequence[Event]) -> None:
    for event, document in _documents(events):
        key = f"{event.name}:{document.id}:{event.payload['number']}"
        tell_about(document, followers(document.id), event.name, key, event)


@on("document.version_withdrawn")
def tell_withdrawn_version(events: Sequence[Event]) -> None:
    """To who gave the version, unless they withdrew it themselves."""
    for event, document in _documents(events):
        key = f"{event.name}:{document.id}:{event.payload['number']}:{event.created_at:%y%m%d%H%M}"
        tell_about(document, {event.payload["member_id"]}, event.name, key, event)


@on("document.link_dead")
def tell_dead_link(events: Sequence[Event]) -> None:
    """The author alone: readers see it on the page. An address that was changed since is another story."""
    for event, document in _documents(events):
        if document.link_state == "dead":
            key = f"{event.name}:{document.id}:{event.created_at:%y%m%d}"
            tell_about(document, {document.author_id}, event.name, key, event)


def _documents(events: Sequence[Event]) -> Iterable[tuple[Event, Any]]:
    for event in events:
        query = select(Document).where(Document.id == event.subject_id)
        document = db.session.scalars(
            query.options(joinedload(Document.community), joinedload(Document.thread))
        ).one_or_none()
        if document is not None:
            yield event, document
