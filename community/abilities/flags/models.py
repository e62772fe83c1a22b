"""Reports: what a reader says is wrong with a text or with a member, and the case that gathers what several say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import Instant, Model
from community.people.accounts.models import Member


class FlagCase(Model):
    """Everything reported of one text or one member until somebody decides; what is reported afterwards is a new case.

    ``subject`` names what it is about in one word (p12 a contribution, c5 a comment, m7 a member), so that the database
    itself keeps a single open case for each. ``author_id`` is who wrote it, or the member reported.
    """

    __tablename__ = "flag_case"
    outbox_type = "flag_case"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(20))
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    flags_count: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(Instant, default=now)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    #: what was decided, in one word, for the reporters; the decision itself belongs to the desk
    outcome: Mapped[str | None] = mapped_column(String(20))

    contribution: Mapped[Contribution | None] = relationship(lazy="raise")
    author: Mapped[Member] = relationship(lazy="raise")
    __table_args__ = (
        CheckConstraint("comment_id IS NULL OR contribution_id IS NOT NULL", name="comment_of_something"),
        Index(
            "uq_flag_case_open",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_flag_case_opened", "opened_at", "id"),
    )


class Flag(Model):
    """What one person reported: once a case, however often it is sent. A visitor leaves an address to be answered at."""

    __tablename__ = "flag"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("flag_case.id", ondelete="CASCADE"), index=True)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    #: a visitor's, forgotten once the answer is sent
    email: Mapped[str | None] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    case: Mapped[FlagCase] = relationship(lazy="raise")
    reporter: Mapped[Member | None] = relationship(lazy="raise")
    __table_args__ = (UniqueConstraint("case_id", "reporter_id"), UniqueConstraint("case_id", "email"))
