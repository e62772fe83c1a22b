"""The spine: what every kind of content shares. Lists, feeds, notifications and search results read these columns alone.

``published_at`` and ``removed_at`` decide whether a contribution is out; ``state`` is the kind's own status word.
``thread_id`` names the page that it appears on and is NULL when it is its own page.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.core.clock import now
from community.core.db import Instant, Model
from community.core.slugs import slugify
from community.people.accounts.models import Member
from community.people.communities.models import Community


class Contribution(Model):
    """Anything a member publishes in a community."""

    __tablename__ = "contribution"
    outbox_type = "contribution"
    #: the kind's page, or None when it lives on its thread's page
    endpoint: ClassVar[str | None] = None
    #: whether ``replies_count`` counts comments (a question counts its answers instead)
    answered_by_comments: ClassVar[bool] = True
    #: what a revision keeps, besides title and body
    revised: ClassVar[tuple[str, ...]] = ()
    #: Markdown fields besides the body; their HTML is kept in the kind's ``html`` column
    texts: ClassVar[tuple[str, ...]] = ()

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    title: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text, default="")
    body_notice: Mapped[str | None] = mapped_column(String(300))
    renderer: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20))
    phase: Mapped[str | None] = mapped_column(String(20))
    territory: Mapped[str | None] = mapped_column(String(4))
    score: Mapped[int] = mapped_column(default=0)
    comments_count: Mapped[int] = mapped_column(default=0)
    replies_count: Mapped[int] = mapped_column(default=0)
    revisions_count: Mapped[int] = mapped_column(default=0)
    once: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    last_activity_at: Mapped[datetime] = mapped_column(Instant, default=now)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    author: Mapped[Member] = relationship(lazy="raise", foreign_keys=[author_id])
    community: Mapped[Community] = relationship(lazy="raise")
    thread: Mapped[Contribution | None] = relationship(
        lazy="raise", remote_side="Contribution.id", foreign_keys=[thread_id]
    )

    __mapper_args__: ClassVar = {"polymorphic_on": "kind"}
    __table_args__ = (
        UniqueConstraint("author_id", "once"),
        Index(
            "ix_contribution_feed",
            "last_activity_at",
            "id",
            sqlite_where=text("thread_id IS NULL AND removed_at IS NULL AND published_at IS NOT NULL"),
            postgresql_where=text("thread_id IS NULL AND removed_at IS NULL AND published_at IS NOT NULL"),
        ),
        Index("ix_contribution_kind", "kind", "last_activity_at", "id"),
        Index("ix_contribution_community", "community_id", "last_activity_at", "id"),
        Index("ix_contribution_author", "author_id", "published_at", "id"),
        # A plain index on this nullable column dragged the feed to 311 ms at 440,000 rows.
        Index(
            "ix_contribution_thread",
            "thread_id",
            "id",
            sqlite_where=text("thread_id IS NOT NULL"),
            postgresql_where=text("thread_id IS NOT NULL"),
        ),
    )

    @property
    def slug(self) -> str:
        return slugify(self.title)

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.removed_at is None
