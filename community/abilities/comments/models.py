"""Comments: short texts that hang on any contribution."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.core.clock import now
from community.core.db import Instant, Model
from community.people.accounts.models import Member


class Commentable:
    """Mixed into the kinds that may be commented."""


class Comment(Model):
    """A remark under a contribution; removing it is a state, so that it can be undone.

    One that waits for a moderator, or that a moderator hid, has ``held_at`` and counts as removed everywhere: nothing
    that shows comments can show it by mistake. Its author alone sees it, with the reason.
    """

    __tablename__ = "comment"
    outbox_type = "comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    once: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    held_at: Mapped[datetime | None] = mapped_column(Instant)
    author: Mapped[Member] = relationship(lazy="raise", foreign_keys=[author_id])
    __table_args__ = (
        Index("ix_comment_contribution", "contribution_id", "id"),
        UniqueConstraint("author_id", "once"),
    )
