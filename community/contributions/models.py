"""The spine: what every kind of content shares. Lists, feeds, notifications and search results read these columns alone.

``published_at`` and ``removed_at`` decide whether a contribution is out; ``state`` is the kind's own status word.
``thread_id`` names the page that it appears on and is NULL when it is its own page.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.core import vocab
from community.core.clock import now
from community.core.db import Instant, Model
from community.core.slugs import slugify
from community.people.accounts.models import Member
from community.people.communities.models import Community

#: the kinds that have a page of their own, by name (see kinds.py for their order)
PAGES: dict[str, type[Contribution]] = {}


class Contribution(Model):
    """Anything a member publishes in a community.

    What the site needs to know of a kind (menu, search, links, moderation) its model says in the constants below: nothing else
    lists the kinds.
    """

    __tablename__ = "contribution"
    outbox_type = "contribution"
    #: the kind's page, or None when it lives on its thread's page; its list is the « index » of the same blueprint
    endpoint: ClassVar[str | None] = None
    #: its words: one, several, in the menu (``plural`` when it says nothing), and as a heading of linked pages
    label: ClassVar[Any] = ""
    plural: ClassVar[Any] = ""
    menu: ClassVar[Any] = ""
    linked_as: ClassVar[Any] = ""
    #: what people write after « type: » in a search, folded; the first is the one proposed
    words: ClassVar[tuple[str, ...]] = ()
    #: how many links to its pages a question keeps (more than are shown: some may be hidden to some), and how many of its pages
    #: somebody who is asking is shown
    linked: ClassVar[int] = 0
    close: ClassVar[int] = 0
    #: whether a moderator may change its words on the spot
    reworded: ClassVar[bool] = False
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

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        kind = cls.__mapper_args__["polymorphic_identity"]
        vocab.KINDS[kind] = cls.label
        if cls.endpoint:
            PAGES[kind] = cls

    @property
    def slug(self) -> str:
        return slugify(self.title)

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.removed_at is None
