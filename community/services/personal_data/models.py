"""What the platform owes to people about their data: exports, erasures, texts they accepted, and what retention forgot."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, JsonText, Model

EXPORT_STATES = ("waiting", "running", "ready", "failed", "gone")
ERASURE_STATES = ("waiting", "running", "done", "cancelled", "blocked")
TEXTS = ("charter", "privacy")


class DataExport(Model):
    """A copy of everything that one member's account holds, made by the worker and kept a few days."""

    __tablename__ = "data_export"
    outbox_type = "data_export"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    #: an administrator who asked in the member's name; the copy is the member's alone all the same
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    #: how far it is, in hundredths
    progress: Mapped[int] = mapped_column(default=0)
    storage_key: Mapped[str] = mapped_column(String(120), default="")
    size: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(Instant, default=now)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    ready_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint(f"state IN {EXPORT_STATES}", name="state"),
        Index(
            "uq_data_export_under_way",
            "member_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'running')"),
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )


class ErasureRequest(Model):
    """A member leaves: the account is emptied once ``due_at`` has come, step by step; each step done is written down.

    ``own_texts``: "keep" leaves what was published under « Membre parti », "remove" also takes away what is the member's
    alone (nobody answered it, retained it or built upon it).
    """

    __tablename__ = "erasure_request"
    outbox_type = "erasure"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    own_texts: Mapped[str] = mapped_column(String(10), default="keep")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    steps: Mapped[list[str]] = mapped_column(JsonText, default=list)
    asked_at: Mapped[datetime] = mapped_column(Instant, default=now)
    due_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    #: the last mail, forgotten once it is sent
    farewell_id: Mapped[int | None]
    __table_args__ = (
        CheckConstraint(f"state IN {ERASURE_STATES}", name="state"),
        CheckConstraint("own_texts IN ('keep', 'remove')", name="own_texts"),
        Index(
            "uq_erasure_request_under_way",
            "member_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'running', 'blocked')"),
            postgresql_where=text("state IN ('waiting', 'running', 'blocked')"),
        ),
    )


class LateFarewell(Model):
    """A text signed by a pseudonym whose owner has left: it goes on a day of its own, which tells nobody whose it was."""

    __tablename__ = "late_farewell"
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Instant)


class ErasureMention(Model):
    """A text of somebody else that names a member who left: for administrators to look at, never rewritten by itself."""

    __tablename__ = "erasure_mention"
    id: Mapped[int] = mapped_column(primary_key=True)
    erasure_id: Mapped[int] = mapped_column(ForeignKey("erasure_request.id", ondelete="CASCADE"))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_erasure_mention_erasure", "erasure_id", "contribution_id"),)


class LegalText(Model):
    """One version of the charter or of the privacy notice. Versions are added, never changed."""

    __tablename__ = "legal_text"
    outbox_type = "legal_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    #: what changed, told to members when they are asked
    note: Mapped[str] = mapped_column(String(300), default="")
    published_at: Mapped[datetime] = mapped_column(Instant, default=now)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    __table_args__ = (
        UniqueConstraint("name", "version"),
        CheckConstraint(f"name IN {TEXTS}", name="known_text"),
    )


class Consent(Model):
    """One member accepted one version of one text: version 0 is the text that ships with the platform."""

    __tablename__ = "consent"
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, default=now)


class Presence(Model):
    """The last day a member came, and when the account was warned that it would be closed for want of use."""

    __tablename__ = "presence"
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    last_at: Mapped[datetime] = mapped_column(Instant)
    warned_at: Mapped[datetime | None] = mapped_column(Instant)


class RetentionRun(Model):
    """What one night's pass forgot: counts by rule, shown to administrators."""

    __tablename__ = "retention_run"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, default=now)
    counts: Mapped[dict[str, int]] = mapped_column(JsonText, default=dict)
    failed: Mapped[str] = mapped_column(String(200), default="")
