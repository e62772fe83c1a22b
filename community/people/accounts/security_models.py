"""What opens an account besides its password: requests and invitations, other identity providers, second factors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.core.clock import now
from community.core.db import Instant, Model
from community.people.accounts.models import Member


class Application(Model):
    """A registration that an administrator must decide: why one comes, then the decision and its reason."""

    __tablename__ = "application"
    outbox_type = "application"
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="pending", index=True)
    answer: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    member: Mapped[Member] = relationship(lazy="raise", foreign_keys=[member_id])
    __table_args__ = (CheckConstraint("state IN ('pending', 'accepted', 'refused')", name="state"),)


class PlatformInvitation(Model):
    """An administrator's invitation to the platform: whoever confirms this address comes in without being examined."""

    __tablename__ = "platform_invitation"
    outbox_type = "platform_invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    message: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="pending")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'accepted', 'withdrawn')", name="state"),
        Index(
            "uq_platform_invitation_pending",
            "email",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )


class ExternalIdentity(Model):
    """Who the member is for an identity provider: issuer and subject together, never the address."""

    __tablename__ = "external_identity"
    outbox_type = "external_identity"
    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    __table_args__ = (UniqueConstraint("issuer", "subject"),)


class SecondFactor(Model):
    """A member's code generator. ``secret`` is sealed; ``last_step`` is the last time step whose code was accepted."""

    __tablename__ = "second_factor"
    outbox_type = "second_factor"
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    #: None while the first code has not been given
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(Model):
    """One of the ten codes that replace the generator once each; kept as a keyed hash."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("member_id", "code_hash"),)
