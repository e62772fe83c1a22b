"""Reads of documents: the list, the versions of one, the words of one of its pages, drafts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, extract, func, select

from community.abilities.attachments.models import Attachment, Blob, BlobPage
from community.abilities.facets.queries import Filters
from community.content.documents.facets import DOCUMENTS
from community.content.documents.models import Document, DocumentVersion
from community.contributions.models import Contribution
from community.contributions.queries import BY_PUBLICATION, cards
from community.core.db import db
from community.core.paging import Page, paginate
from community.people.accounts.models import Member
from community.people.communities.models import Community
from community.permissions import visible_to
from search_index.analysis import tokens
from search_index.passages import marked

#: own columns, for lists that already read the spine
D = Document.__table__.c
V = DocumentVersion.__table__.c
A = Attachment.__table__.c
B = Blob.__table__.c
#: what a card says of the file
BRIEF = (A.id.label("attachment_id"), A.sha256, B.size, B.media_type, B.facts)
#: what a page says of a file, under the names that templates of files read
FILE = (
    A.id,
    A.name,
    A.sha256,
    B.size,
    B.media_type,
    B.state,
    B.state_reason,
    B.scan,
    B.cleaned,
    B.text_state,
    B.facts,
)


def documents_page(user: Any, filters: Filters, cursor: str | None = None) -> Page:
    """One page of document cards, latest first, as ``user`` may see them. One statement."""
    return paginate(DOCUMENTS.narrow(_document_cards(user), filters), BY_PUBLICATION, cursor)


def drafts_of(user: Any) -> list[Any]:
    """What this person has begun: documents that are not published, and new versions that wait; last touched first."""
    query = (
        select(
            Contribution.id,
            Contribution.kind,
            Contribution.title,
            Contribution.updated_at,
            Contribution.published_at,
            Community.name.label("community_name"),
            V.number,
            V.wanted_at,
            V.findings.is_not(None).label("looked_at"),
            B.state.label("file_state"),
            *BRIEF,
        )
        .join(Document.__table__, D.id == Contribution.id)
        .join(Community, Community.id == Contribution.community_id)
        .outerjoin(DocumentVersion.__table__, (V.document_id == D.id) & V.published_at.is_(None))
        .outerjoin(Attachment.__table__, A.id == V.attachment_id)
        .outerjoin(Blob.__table__, B.sha256 == A.sha256)
        .where(
            Contribution.removed_at.is_(None),
            visible_to(user),
            ((Contribution.author_id == user.id) & Contribution.published_at.is_(None)) | (V.uploaded_by_id == user.id),
        )
        .order_by(Contribution.updated_at.desc(), Contribution.id.desc())
        .limit(50)
    )
    return list(db.session.execute(query))


def published_versions(document_id: int) -> list[Any]:
    """Every version that readers have had, newest first, with its file and who gave it. One statement."""
    query = (
        select(
            V.id.label("version_id"),
            V.number,
            V.note,
            V.published_at,
            V.answers,
            V.findings,
            V.uploaded_by_id,
            V.withdrawn_at,
            V.withdrawn_by_id,
            V.withdrawn_reason,
            Member.display_name,
            *FILE,
        )
        .join(Attachment.__table__, A.id == V.attachment_id)
        .join(Blob.__table__, B.sha256 == A.sha256)
        .join(Member, Member.id == V.uploaded_by_id)
        .where(V.document_id == document_id, V.published_at.is_not(None))
        .order_by(V.number.desc())
    )
    return list(db.session.execute(query))


@dataclass(frozen=True)
class Leaf:
    """One page of a file as a reader sees it: its number among ``total``, its name (a sheet has one) and its words."""

    number: int
    total: int
    label: str
    text: str
    previous: int | None
    next: int | None
    pieces: tuple[tuple[str, bool], ...] = ()


def leaf_of(sha256: str, number: int) -> Leaf | None:
    """This page of a file, or None when it has no such page. One statement."""
    mine = BlobPage.sha256 == sha256
    last = select(func.max(BlobPage.number)).where(mine).scalar_subquery()
    query = select(BlobPage.number, BlobPage.label, BlobPage.text, last.label("total"))
    row = db.session.execute(query.where(mine, BlobPage.number == number)).one_or_none()
    if row is None:
        return None
    before, after = (number - 1 if number > 1 else None), (number + 1 if number < row.total else None)
    return Leaf(row.number, row.total, row.label, row.text, before, after)


def _document_cards(user: Any) -> Select[Any]:
    columns = (
        D.nature,
        D.issuer,
        D.trust_level,
        D.url,
        D.link_state,
        extract("year", D.edition_date).label("year"),
        V.number.label("version"),
        *BRIEF,
    )
    return (
        cards(user, *columns)
        .join(Document.__table__, D.id == Contribution.id)
        .outerjoin(DocumentVersion.__table__, (V.document_id == D.id) & (V.number == D.current_number))
        .outerjoin(Attachment.__table__, A.id == V.attachment_id)
        .outerjoin(Blob.__table__, B.sha256 == A.sha256)
    )


def marked_words(leaf: Leaf, words: str) -> Leaf:
    """The page with the words of a search marked in it, as the results mark them."""
    wanted = {token.term for token in tokens(words)}
    return replace(leaf, pieces=marked(leaf.text, wanted))
