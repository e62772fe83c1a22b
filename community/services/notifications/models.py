"""Notifications: what happened that a member wants to know, kept until it is read and a while after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, Model


class Notification(Model):
    """One thing told to one member, about a contribution, about a community, or (neither) about what is the member's own.

    ``event`` names what happened (its sentence is in ``wording.py``), ``key`` the very thing told, so that handling an
    event twice tells it once. ``thread_id`` is the page that it is grouped under.
    """

    __tablename__ = "notification"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(60))
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("member_id", "key"),
        Index("ix_notification_member", "member_id", "id"),
        Index(
            "ix_notification_unread",
            "member_id",
            "id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )
