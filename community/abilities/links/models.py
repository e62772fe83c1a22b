"""Links between a question and what helps with it (a sheet, another question), with their reason and people's verdicts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, JsonText, Model


class Linkable:
    """Mixed into the kinds that the index may link."""


class Link(Model):
    """From a question to another contribution. ``verdict`` is suggested, confirmed or rejected; ``origin`` engine or hand.

    Re-indexing replaces the suggested rows only: a confirmed link survives, a rejected one never returns.
    """

    __tablename__ = "link"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    target_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    score: Mapped[float] = mapped_column(default=0.0)
    reasons: Mapped[list[str]] = mapped_column(JsonText, default=list)
    origin: Mapped[str] = mapped_column(String(10), default="engine")
    verdict: Mapped[str] = mapped_column(String(10), default="suggested")
    confirmations: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    __table_args__ = (
        UniqueConstraint("source_id", "target_id"),
        Index("ix_link_target", "target_id", "source_id"),
        CheckConstraint("verdict IN ('suggested', 'confirmed', 'rejected')", name="verdict"),
        CheckConstraint("source_id <> target_id", name="not_itself"),
    )


class LinkJudgement(Model):
    """One member's verdict on one link."""

    __tablename__ = "link_judgement"
    link_id: Mapped[int] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
