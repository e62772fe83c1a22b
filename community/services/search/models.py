"""What people and moderators add to search: searches one follows, those that find nothing, synonyms, chosen results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, JsonText, Model

#: how a moderator answered a search that finds nothing
OUTCOMES = ("synonym", "pin", "task", "ignored")


class FollowedSearch(Model):
    """A search that a member wants to hear of: its words and its filters. ``signature`` names both, once a member."""

    __tablename__ = "followed_search"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(String(200))
    filters: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    signature: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    __table_args__ = (UniqueConstraint("member_id", "signature"),)


class SearchMiss(Model):
    """Words that found nothing: how often and when, never who. ``key`` is the same for the same words in any order."""

    __tablename__ = "search_miss"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    words: Mapped[str] = mapped_column(String(200))
    count: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(Instant, default=now)
    last_at: Mapped[datetime] = mapped_column(Instant, default=now, index=True)
    outcome: Mapped[str | None] = mapped_column(String(20))
    solved_at: Mapped[datetime | None] = mapped_column(Instant)
    solved_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    __table_args__ = (
        CheckConstraint(f"outcome IS NULL OR outcome IN {OUTCOMES}", name="known_outcome"),
        CheckConstraint("(outcome IS NULL) = (solved_at IS NULL)", name="solved_with_an_outcome"),
        Index(
            "ix_search_miss_unsolved",
            "first_at",
            "id",
            sqlite_where=text("solved_at IS NULL"),
            postgresql_where=text("solved_at IS NULL"),
        ),
    )


class SearchSynonym(Model):
    """Expressions that stand for each other in a search, added to the table that ships with the engine."""

    __tablename__ = "search_synonym"
    id: Mapped[int] = mapped_column(primary_key=True)
    expressions: Mapped[list[str]] = mapped_column(JsonText)
    active: Mapped[bool] = mapped_column(default=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now, onupdate=now)


class PinnedResult(Model):
    """A page that moderators put first for some words; ``key`` as for the searches that find nothing."""

    __tablename__ = "search_pin"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(String(200))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    __table_args__ = (UniqueConstraint("key", "contribution_id"),)
