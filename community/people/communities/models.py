"""Communities, who belongs to them, who asks to, and who is invited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.core.clock import now
from community.core.db import Instant, JsonText, Model
from community.people.accounts.models import Member


class Community(Model):
    """A circle of peers. ``access`` says how one comes in, ``visibility`` who may know that it exists."""

    __tablename__ = "community"
    outbox_type = "community"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    access: Mapped[str] = mapped_column(String(20), default="open")
    visibility: Mapped[str] = mapped_column(String(20), default="public")
    purpose: Mapped[str] = mapped_column(Text, default="")
    charter: Mapped[str] = mapped_column(Text, default="")
    charter_html: Mapped[str] = mapped_column(Text, default="")
    answer_target_days: Mapped[int] = mapped_column(default=3)
    #: nobody validates their own proposal of a clause alone
    two_person_review: Mapped[bool] = mapped_column(default=True)
    #: the qualities (vocab.QUALITIES) of those who cannot come in
    barred: Mapped[list[str]] = mapped_column(JsonText, default=list, server_default="[]")
    members_count: Mapped[int] = mapped_column(default=0)
    questions_count: Mapped[int] = mapped_column(default=0)
    unanswered_count: Mapped[int] = mapped_column(default=0)
    sheets_count: Mapped[int] = mapped_column(default=0)
    documents_count: Mapped[int] = mapped_column(default=0, server_default="0")
    clauses_count: Mapped[int] = mapped_column(default=0)
    requests_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    archived_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("access IN ('open', 'request', 'invitation')", name="access"),
        CheckConstraint("visibility IN ('public', 'platform', 'members')", name="visibility"),
    )


class Membership(Model):
    """A member's place in a community: member, expert or moderator."""

    __tablename__ = "membership"
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20), default="member")
    joined_at: Mapped[datetime] = mapped_column(Instant, default=now)
    community: Mapped[Community] = relationship(lazy="raise")
    member: Mapped[Member] = relationship(lazy="raise")
    __table_args__ = (CheckConstraint("role IN ('member', 'expert', 'moderator')", name="role"),)


class JoinRequest(Model):
    """A demand to come in: pending, then accepted, refused with a reason, or withdrawn by who asked."""

    __tablename__ = "join_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    message: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), default="pending")
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    community: Mapped[Community] = relationship(lazy="raise")
    member: Mapped[Member] = relationship(lazy="raise", foreign_keys=[member_id])
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'accepted', 'refused', 'withdrawn')", name="state"),
        Index(
            "uq_join_request_pending",
            "community_id",
            "member_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )


class Invitation(Model):
    """An invitation sent to an address: pending, then accepted, declined or withdrawn. Its token is kept as a hash."""

    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[str] = mapped_column(String(20), default="member")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    message: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), default="pending")
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    community: Mapped[Community] = relationship(lazy="raise")
    invited_by: Mapped[Member] = relationship(lazy="raise")
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'accepted', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("role IN ('member', 'expert', 'moderator')", name="role"),
        Index(
            "uq_invitation_pending",
            "community_id",
            "email",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )


class Sanction(Model):
    """What was decided against a member: « suspension » of the account, « silence » in a community, « ban » from it.

    It acts on ``member_id``. ``shown_id`` is as whom moderators know the person: the same, or a pseudonym that stays sealed.
    It is in force until it is lifted or ``until`` has passed; without ``until`` it lasts until it is lifted. One that is
    decided anew replaces it: ``replaced_by_id`` says which, so that undoing a decision undoes that one alone.
    """

    __tablename__ = "sanction"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    shown_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), index=True)
    until: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("sanction.id", ondelete="SET NULL"), index=True)
    #: what the person answers, once
    contest: Mapped[str] = mapped_column(Text, default="", server_default="")
    contested_at: Mapped[datetime | None] = mapped_column(Instant)
    community: Mapped[Community | None] = relationship(lazy="raise")
    member: Mapped[Member] = relationship(lazy="raise", foreign_keys=[member_id])
    shown: Mapped[Member] = relationship(lazy="raise", foreign_keys=[shown_id])
    __table_args__ = (
        CheckConstraint("kind IN ('suspension', 'silence', 'ban')", name="kind"),
        CheckConstraint("(kind = 'suspension') = (community_id IS NULL)", name="place"),
        Index(
            "uq_sanction_in_community",
            "kind",
            "community_id",
            "shown_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL AND community_id IS NOT NULL"),
            postgresql_where=text("lifted_at IS NULL AND community_id IS NOT NULL"),
        ),
        Index(
            "uq_sanction_suspension",
            "shown_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL AND community_id IS NULL"),
            postgresql_where=text("lifted_at IS NULL AND community_id IS NULL"),
        ),
    )
