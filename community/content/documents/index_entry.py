"""A document as an entry of the index: its description, and the words of each page of its file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from community.abilities.attachments.models import PASSED, Attachment, Blob, BlobPage
from community.abilities.comments.queries import comments_on
from community.abilities.links.queries import confirmed_titles
from community.abilities.tags.queries import labels_of
from community.content.documents.models import Document, DocumentVersion
from community.contributions.indexing import index_kind, spine_entry, spine_rows, spine_version
from community.core import vocab
from community.core.db import db
from community.core.text import plain_text
from search_index.entry import IndexEntry


@index_kind("document")
def document_entries(ids: Sequence[int]) -> list[IndexEntry]:
    rows = spine_rows(Document, ids)
    found = [document.id for document, _author, _community in rows]
    labels, comments, asked = labels_of(found), comments_on(found), confirmed_titles(found)
    files = _files(found)
    pages = _pages(file.sha256 for file in files.values())
    return [
        spine_entry(
            document,
            community,
            author,
            labels[document.id],
            body=_text(document),
            extra="\n".join(plain_text(row.body_html) for row in comments.get(document.id, ())),
            asked=tuple(asked.get(document.id, ())),
            pages=tuple(pages.get(files[document.id].sha256, ())) if document.id in files else (),
            facets=_facets(document),
            version=f"{spine_version(document, community.visibility)}/{_mark(files.get(document.id))}",
        )
        for document, author, community in rows
    ]


def _text(document: Document) -> str:
    named = [vocab.label("document_nature", document.nature), document.issuer]
    return "\n".join(part for part in [plain_text(document.body_html), *named] if part)


def _facets(document: Document) -> dict[str, tuple[str, ...]]:
    year = str(document.edition_date.year) if document.edition_date else None
    named = {
        "document_nature": document.nature,
        "issuer": document.issuer,
        "year": year,
        "trust_level": document.trust_level,
    }
    return {name: (value,) for name, value in named.items() if value}


def _files(ids: Sequence[int]) -> dict[int, Any]:
    """The file that readers get of each of these documents, when others may open it."""
    current = (DocumentVersion.document_id == Document.id) & (DocumentVersion.number == Document.current_number)
    query = (
        select(Document.id, Attachment.sha256, Blob.text_state, Blob.state)
        .join(DocumentVersion, current)
        .join(Attachment, Attachment.id == DocumentVersion.attachment_id)
        .join(Blob, Blob.sha256 == Attachment.sha256)
        .where(Document.id.in_(ids), Blob.state.in_(("ready", "download_only")), Blob.scan.in_(PASSED))
    )
    return {row.id: row for row in db.session.execute(query)}


def _pages(digests: Iterable[str]) -> dict[str, list[str]]:
    """The text of each page by content, the first page first; a number that is missing is an empty page."""
    found: dict[str, list[str]] = defaultdict(list)
    query = select(BlobPage.sha256, BlobPage.number, BlobPage.text).where(BlobPage.sha256.in_(set(digests)))
    for row in db.session.execute(query.order_by(BlobPage.sha256, BlobPage.number)):
        found[row.sha256] += [""] * (row.number - 1 - len(found[row.sha256])) + [row.text]
    return found


def _mark(file: Any) -> str:
    return f"{file.sha256[:12]}/{file.text_state}" if file else "-"
