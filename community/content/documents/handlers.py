"""What documents do when a file was read: look for what must not be shared, then publish what was waiting for that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from community.abilities.attachments.models import Attachment
from community.content.documents import places  # noqa: F401 - provides the names of places to search
from community.content.documents.actions import ask_publication
from community.content.documents.checking import check_of, look_at
from community.content.documents.models import Document, DocumentVersion
from community.core.db import db
from community.core.outbox import Event, emit, on
from community.people.accounts.identity import identity_of
from community.permissions import can_add_version, can_post_in, can_publish_document


@on("document.version_added", "file.examined")
def go_on_with_versions(events: Sequence[Event]) -> None:
    """Each version that waits for its file to be read goes one step on, whichever of the two events came last."""
    for version in _concerned(events):
        look_at(version)
        _go_on(version)


@on("file.examined")
def index_again(events: Sequence[Event]) -> None:
    """A file that was read again has other words: its documents that are out are indexed again."""
    files = select(Attachment.sha256).where(Attachment.id.in_([event.subject_id for event in events]))
    current = (DocumentVersion.document_id == Document.id) & (DocumentVersion.number == Document.current_number)
    query = (
        select(Document)
        .join(DocumentVersion, current)
        .join(Attachment, Attachment.id == DocumentVersion.attachment_id)
        .where(Attachment.sha256.in_(files), Document.published_at.is_not(None))
    )
    for document in db.session.scalars(query):
        emit("document.read", document)


def _concerned(events: Sequence[Event]) -> Iterable[DocumentVersion]:
    """The versions that wait, by their own id or by the content of the file that was examined."""
    versions = {event.subject_id for event in events if event.name == "document.version_added"}
    files = {event.subject_id for event in events if event.name == "file.examined"}
    same = select(Attachment.sha256).where(Attachment.id.in_(files))
    query = (
        select(DocumentVersion)
        .join(Attachment, Attachment.id == DocumentVersion.attachment_id)
        .options(
            joinedload(DocumentVersion.attachment).joinedload(Attachment.blob),
            joinedload(DocumentVersion.document).joinedload(Document.community),
        )
        .where(
            DocumentVersion.published_at.is_(None),
            or_(DocumentVersion.id.in_(versions), Attachment.sha256.in_(same)),
        )
    )
    return db.session.scalars(query).unique().all()


def _go_on(version: DocumentVersion) -> None:
    """Publish, or say to its author what is waited for. A draft whose publication nobody asked for just waits."""
    document = version.document
    state = check_of(document, version).state
    told = {"member_id": version.uploaded_by_id, "attachment_id": version.attachment_id}
    if state == "refused":
        emit("document.file_refused", document, **told)
    if version.wanted_at is None or state in ("refused", "reading"):
        return
    user = identity_of(version.uploaded_by_id)
    if state == "to_answer":
        emit("document.to_answer", document, **told)
    elif user is not None and _may_put_out(user, document):
        ask_publication(document, user)
        emit("document.came_out", document, **told)


def _may_put_out(user: Any, document: Document) -> bool:
    """The right to publish is asked again when the time has come: much may have changed while the file was read."""
    if document.published_at is not None:
        return can_add_version(user, document)
    return can_publish_document(user, document) and can_post_in(user, document.community)
