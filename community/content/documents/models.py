"""Documents: a guide, a specification, a grid… as a file with versions, or as an address of the web."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.abilities.attachments.models import Attachment
from community.abilities.comments.models import Commentable
from community.abilities.follows.models import Followable
from community.abilities.links.models import Linkable
from community.abilities.revisions.models import Revisable
from community.abilities.tags.models import Taggable
from community.abilities.votes.models import Votable
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import Instant, JsonText, Model
from community.people.accounts.models import Member

#: of a document that is an address: never looked at, answering, failed the last time, failed twice on different days
LINK_STATES = ("unchecked", "alive", "failing", "dead")


class Document(Votable, Taggable, Commentable, Revisable, Followable, Linkable, Contribution):
    """A document that buyers share. ``body`` is its description; the file is in its versions, unless ``url`` is set.

    Without ``published_at`` it is a draft that its author alone sees. ``current_number`` names the version that readers
    get; a later version waits, unseen, until it was read and its author answered the redaction check. ``redaction``
    holds those answers for the title and the description, each version its own.
    """

    __tablename__ = "document"
    endpoint = "documents.show"
    label, plural, linked_as = _l("Document"), _l("Documents"), _l("Documents liés")
    words = ("document", "documents")
    linked, close = 6, 2

    id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)
    nature: Mapped[str] = mapped_column(String(20))
    issuer: Mapped[str] = mapped_column(String(160), default="")
    edition_date: Mapped[date | None]
    licence: Mapped[str | None] = mapped_column(String(20))
    trust_level: Mapped[str] = mapped_column(String(20), default="testimony")
    review_due: Mapped[date | None]
    current_number: Mapped[int | None]
    redaction: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    url: Mapped[str | None] = mapped_column(String(2000))
    link_state: Mapped[str | None] = mapped_column(String(10))
    link_reason: Mapped[str] = mapped_column(String(20), default="")
    link_checked_at: Mapped[datetime | None] = mapped_column(Instant)
    link_failed_on: Mapped[date | None]

    revised = (
        "nature", "issuer", "edition_date", "licence", "url", "territory", "tags", "phase", "cpv", "dimensions",
    )  # fmt: skip
    __mapper_args__: ClassVar = {"polymorphic_identity": "document", "inherit_condition": id == Contribution.id}
    __table_args__ = (
        CheckConstraint("link_state IN ('unchecked', 'alive', 'failing', 'dead')", name="link_state"),
        CheckConstraint("(url IS NULL) = (link_state IS NULL)", name="link_state_of_a_link"),
        Index("ix_document_facets", "nature", "trust_level"),
    )


class DocumentVersion(Model):
    """One file of a document. Once published it never changes; at most one waits for publication.

    ``findings`` is None until the file was read; ``answers`` says of each finding what its author decided, who and when.
    ``wanted_at``: the author asked for publication, which happens by itself as soon as nothing is left to answer.
    """

    __tablename__ = "document_version"
    outbox_type = "document_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    number: Mapped[int]
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), unique=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    wanted_at: Mapped[datetime | None] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    #: taken out of readers' reach alone (it held what must not be shared); its number and its note stay
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by_id: Mapped[int | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="", server_default="")
    findings: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonText)
    answers: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)

    document: Mapped[Document] = relationship(lazy="raise")
    attachment: Mapped[Attachment] = relationship(lazy="raise")
    uploaded_by: Mapped[Member] = relationship(lazy="raise")
    __table_args__ = (
        UniqueConstraint("document_id", "number"),
        Index(
            "ix_document_version_waiting",
            "document_id",
            unique=True,
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
    )
