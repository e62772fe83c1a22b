"""Versions of a document: a file waits unseen until it was read and checked, then it becomes the one that readers get."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from community.abilities.attachments.models import Attachment
from community.abilities.revisions.actions import record_revision
from community.content.documents.checking import check_of
from community.content.documents.models import Document, DocumentVersion
from community.contributions.actions import mark_edited, touch
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.outbox import emit


def waiting_version(document_id: int) -> DocumentVersion | None:
    """The version that is not published yet, with its file; there is at most one."""
    query = select(DocumentVersion).where(
        DocumentVersion.document_id == document_id, DocumentVersion.published_at.is_(None)
    )
    return db.session.scalars(query.options(*_with_file())).one_or_none()


def own_file(user: Any, attachment_id: int | None) -> Attachment:
    """A file that this person has uploaded and that nothing names yet. Raises Invalid in words for the form."""
    query = select(Attachment).options(joinedload(Attachment.blob)).where(Attachment.id == (attachment_id or 0))
    found = db.session.scalars(query).one_or_none()
    free = found is not None and found.contribution_id is None and found.comment_id is None and found.place == "text"
    if found is None or not free or found.uploaded_by_id != user.id:
        raise Invalid(_("Ce fichier n’est plus là : choisissez-le de nouveau."))
    if found.blob.state in ("refused", "infected"):
        raise Invalid(_("Ce fichier a été refusé : choisissez-en un autre."))
    return found


def put_file(document: Document, user: Any, attachment: Attachment, note: str = "") -> DocumentVersion:
    """Give a document a file: the version that waits gets it in place of its own, or a new version begins to wait."""
    if document.url is not None:
        raise Conflict(_("Ce document est une adresse : il n’a pas de fichier."))
    version = waiting_version(document.id)
    if version is None:
        version = DocumentVersion(document_id=document.id, number=_next_number(document.id), document=document)
        db.session.add(version)
    else:
        _let_go(version.attachment)
    attachment.place, attachment.loose_since = "document", None
    version.attachment, version.uploaded_by_id, version.note = attachment, user.id, note.strip()[:300]
    version.created_at, version.wanted_at, version.findings, version.answers = now(), None, None, {}
    db.session.flush()
    emit("document.version_added", version, actor=user)
    return version


def drop_waiting(version: DocumentVersion) -> None:
    """Give up a version that was not published: its file is nobody's any more and goes with the next night."""
    if version.published_at is not None:
        raise Conflict(_("Cette version est publiée : elle reste lisible."))
    _let_go(version.attachment)
    db.session.delete(version)
    db.session.flush()


def put_out_version(document: Document, version: DocumentVersion, user: Any) -> None:
    """Make a version that was read and checked the one that readers of a published document get."""
    make_current(document, version)
    words = _("Version %(number)d", number=version.number)
    record_revision(document, user, f"{words} : {version.note}" if version.note else words)
    mark_edited(document, user)
    touch(document)
    emit("document.version_published", document, actor=user, number=version.number)


def make_current(document: Document, version: DocumentVersion) -> None:
    """The one place where a file becomes readable by others: after the check, in the transaction of the publication."""
    if check_of(document, version).state != "ready":
        raise Conflict(_("Ce fichier attend encore d’être lu ou vérifié."))
    version.published_at = now()
    version.attachment.contribution_id = document.id
    document.current_number = version.number
    db.session.flush()


def _next_number(document_id: int) -> int:
    last = select(func.max(DocumentVersion.number)).where(DocumentVersion.document_id == document_id)
    return (db.session.scalar(last) or 0) + 1


def _let_go(attachment: Attachment) -> None:
    attachment.place, attachment.loose_since, attachment.contribution_id = "text", now(), None


def _with_file() -> tuple[Any, ...]:
    return (joinedload(DocumentVersion.attachment).joinedload(Attachment.blob),)
