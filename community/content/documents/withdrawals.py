"""One version of a document closed to readers alone, because it held what must not be shared; and put back.

The number, the note and the reason stay on the page. Readers get the highest version that was not withdrawn.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from community.abilities.revisions.actions import record_revision
from community.content.documents.models import Document, DocumentVersion
from community.contributions.actions import mark_edited
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.outbox import emit


def published_version(document_id: int, number: int) -> DocumentVersion:
    """A version that readers have had, with its file; else NotFound."""
    query = select(DocumentVersion).where(
        DocumentVersion.document_id == document_id,
        DocumentVersion.number == number,
        DocumentVersion.published_at.is_not(None),
    )
    found = db.session.scalars(query.options(joinedload(DocumentVersion.attachment))).one_or_none()
    if found is None:
        raise NotFound()
    return found


def withdraw_version(document: Document, version: DocumentVersion, user: Any, reason: str) -> None:
    """Close a version to readers at once; the one before takes its place if it was the current one. Twice is once."""
    if version.withdrawn_at is not None:
        return
    version.withdrawn_at, version.withdrawn_by_id, version.withdrawn_reason = now(), user.id, reason.strip()[:300]
    version.attachment.withheld_at = now()
    left = _highest(document.id)
    if left is None:
        raise Conflict(
            _("C’est la seule version que l’on puisse lire : retirez plutôt le document, ou envoyez-en une autre.")
        )
    _note(document, user, left, _("Version %(number)d retirée", number=version.number))
    record(user, "document.version_withdrawn", document, reason=f"v{version.number}: {reason}")
    emit("document.version_withdrawn", document, actor=user, number=version.number, member_id=version.uploaded_by_id)


def restore_version(document: Document, version: DocumentVersion, user: Any) -> None:
    """Give a withdrawn version back to readers. Twice is once."""
    if version.withdrawn_at is None:
        return
    version.withdrawn_at = version.withdrawn_by_id = version.attachment.withheld_at = None
    version.withdrawn_reason = ""
    words = _("Version %(number)d remise", number=version.number)
    _note(document, user, _highest(document.id) or version.number, words)
    record(user, "document.version_restored", document, reason=f"v{version.number}")


def _note(document: Document, user: Any, current: int, words: str) -> None:
    """Keep the change in the history, and have the page indexed with the words of the version that is read now."""
    document.current_number = current
    record_revision(document, user, words)
    mark_edited(document, user)


def _highest(document_id: int) -> int | None:
    db.session.flush()
    query = select(func.max(DocumentVersion.number)).where(
        DocumentVersion.document_id == document_id,
        DocumentVersion.published_at.is_not(None),
        DocumentVersion.withdrawn_at.is_(None),
    )
    return db.session.scalar(query)
