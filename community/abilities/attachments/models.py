"""Files: a blob is a content stored once, an attachment is somebody's copy of it under a name, in one place.

A blob is examined once, by the worker, before anybody may fetch it. An attachment is seen by its uploader alone until a
text (or a document) names it; then by exactly those who see that text.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.core.clock import now
from community.core.db import Instant, JsonText, Model
from community.core.filetypes import extension_of
from community.core.storage import blob_key

#: what a blob may be: not examined yet, readable, kept as it is without being read, refused, infected
BLOB_STATES = ("waiting", "ready", "download_only", "refused", "infected")
SCANS = ("off", "waiting", "clean", "infected", "too_large")
#: what a scan leaves open: made and clean, not asked for, or not possible (the file is then to be downloaded, with its mark)
PASSED = ("off", "clean", "too_large")
TEXT_STATES = ("waiting", "done", "none", "failed")
#: where an attachment is named: in a text (unbound again when the text no longer names it), or by a document's version
PLACES = ("text", "document")


class Blob(Model):
    """A content, by its digest. ``state_reason`` is a code of filetypes.REASONS; ``facts`` what examination found."""

    __tablename__ = "blob"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    state_reason: Mapped[str] = mapped_column(String(40), default="")
    scan: Mapped[str] = mapped_column(String(20), default="off")
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    text_state: Mapped[str] = mapped_column(String(20), default="waiting")
    #: an image: whether what is stored is the picture drawn again, without the metadata that it came with
    cleaned: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'ready', 'download_only', 'refused', 'infected')", name="state"),
        CheckConstraint("scan IN ('off', 'waiting', 'clean', 'infected', 'too_large')", name="scan"),
        CheckConstraint("text_state IN ('waiting', 'done', 'none', 'failed')", name="text_state"),
    )

    @property
    def extension(self) -> str:
        return extension_of(self.media_type)

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")

    @property
    def is_open(self) -> bool:
        """Whether somebody other than its uploader may fetch it: examined, and scanned when scanning is on."""
        examined = self.state in ("ready", "download_only") and self.scan in PASSED
        return examined and (self.cleaned or not self.is_image)

    @property
    def key(self) -> str:
        """Where it is in the store. The digest is that of what was received; an image is stored without its metadata."""
        return blob_key(self.sha256)


class BlobPage(Model):
    """The words of one page, slide or sheet of a blob."""

    __tablename__ = "blob_page"
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text, default="")


class Attachment(Model):
    """A member's file. Bound (``contribution_id``) once a saved text, or a document's version, names it."""

    __tablename__ = "attachment"
    outbox_type = "attachment"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id", ondelete="SET NULL"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"))
    place: Mapped[str] = mapped_column(String(10), default="text")
    inline: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    #: since when nothing names it: what stays loose a week is removed with the next night
    loose_since: Mapped[datetime | None] = mapped_column(Instant, default=now)
    #: closed to readers: a version that was withdrawn, a file that its sender took back after reading its check
    withheld_at: Mapped[datetime | None] = mapped_column(Instant)
    #: how many findings of its redaction check have no answer yet
    to_answer: Mapped[int] = mapped_column(default=0, server_default="0")
    blob: Mapped[Blob] = relationship(lazy="raise")
    __table_args__ = (
        CheckConstraint("place IN ('text', 'document')", name="place"),
        Index("ix_attachment_contribution_id", "contribution_id"),
        Index("ix_attachment_comment_id", "comment_id"),
    )


class FileCheck(Model):
    """What the redaction check found in the file of a text, and what its sender answered of each finding."""

    __tablename__ = "file_check"
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True)
    #: the content that was looked at: another one in its place is looked at anew
    sha256: Mapped[str] = mapped_column(String(64))
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, default=list)
    answers: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
