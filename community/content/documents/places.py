"""The places that a search names inside documents, in the words of each file: its pages, its sheets, its slides."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, tuple_

from community.abilities.attachments.models import Attachment, Blob, BlobPage
from community.abilities.reading.places import place_words
from community.content.documents.models import Document, DocumentVersion
from community.core import ports
from community.core.db import db


@ports.provide("place_names")
def place_names(places: Collection[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """(document, page number) → « feuille « Lots » ». One statement; none when nothing is asked."""
    if not places:
        return {}
    current = (DocumentVersion.document_id == Document.id) & (DocumentVersion.number == Document.current_number)
    query = (
        select(Document.id, BlobPage.number, BlobPage.label, Blob.facts)
        .join(DocumentVersion, current)
        .join(Attachment, Attachment.id == DocumentVersion.attachment_id)
        .join(Blob, Blob.sha256 == Attachment.sha256)
        .join(BlobPage, BlobPage.sha256 == Blob.sha256)
        .where(tuple_(Document.id, BlobPage.number).in_(list(places)))
    )
    rows = db.session.execute(query)
    return {(row.id, row.number): place_words(row.facts, row.number, row.label) for row in rows}
