"""What moderators decide, what is appealed, what waits for a look before publication, and what a sweep took away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.abilities.flags.models import FlagCase
from community.core.clock import now
from community.core.db import Instant, JsonText, Model
from community.people.accounts.models import Member


class Decision(Model):
    """What was decided of a text or a member, with the words sent to the author and what it takes to undo it.

    ``member_id`` is whom it concerns (a pseudonym stays one). ``community_id`` is where it was decided, NULL for a
    decision on a member of the platform. ``before`` holds what the text was, by ids, numbers and, for a comment that
    was reworded, its former words.
    """

    __tablename__ = "moderation_decision"
    outbox_type = "decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("flag_case.id", ondelete="SET NULL"), index=True)
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id", ondelete="SET NULL"), index=True)
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    message: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    #: the suspension, silence or ban that this decision made, and no other: what undoing it ends
    sanction_id: Mapped[int | None] = mapped_column(ForeignKey("sanction.id", ondelete="SET NULL"), index=True)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    decided_at: Mapped[datetime] = mapped_column(Instant, default=now)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    case: Mapped[FlagCase | None] = relationship(lazy="raise")
    member: Mapped[Member] = relationship(lazy="raise", foreign_keys=[member_id])
    decided_by: Mapped[Member] = relationship(lazy="raise", foreign_keys=[decided_by_id])
    __table_args__ = (Index("ix_moderation_decision_decided", "decided_at", "id"),)


class Appeal(Model):
    """The author asks, once, that somebody else look at a decision. The answer is final."""

    __tablename__ = "appeal"
    outbox_type = "appeal"
    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("moderation_decision.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), default="pending")
    answer: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    decision: Mapped[Decision] = relationship(lazy="raise")
    __table_args__ = (CheckConstraint("state IN ('pending', 'upheld', 'reversed')", name="state"),)


class HoldRule(Model):
    """Why a text waits for a look before it is published: one row for each kind of rule of the platform or a community."""

    __tablename__ = "hold_rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    settings: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=now)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    __table_args__ = (
        CheckConstraint("kind IN ('first_posts', 'links', 'words', 'language', 'repeated')", name="kind"),
        Index(
            "uq_hold_rule_community",
            "community_id",
            "kind",
            unique=True,
            sqlite_where=text("community_id IS NOT NULL"),
            postgresql_where=text("community_id IS NOT NULL"),
        ),
        Index(
            "uq_hold_rule_platform",
            "kind",
            unique=True,
            sqlite_where=text("community_id IS NULL"),
            postgresql_where=text("community_id IS NULL"),
        ),
    )


class Hold(Model):
    """A text that waits: it is unpublished, its author sees it and why, and a moderator lets it out or refuses it.

    ``reasons`` are pairs of a rule's kind and what it found (a word of the rule, a language), never the text. ``read`` is
    the digest of what a moderator let out: rewritten before it is published, it is looked at again.
    """

    __tablename__ = "hold"
    outbox_type = "hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    reasons: Mapped[list[list[str]]] = mapped_column(JsonText, default=list)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    read: Mapped[str] = mapped_column(String(32), default="", server_default="")
    held_at: Mapped[datetime] = mapped_column(Instant, default=now)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'released', 'refused')", name="state"),
        Index(
            "ix_hold_waiting",
            "held_at",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )


class Sweep(Model):
    """Everything one member published lately, taken away as one act: by the worker, piece by piece, and put back so.

    Each piece taken is a SweepItem written in the transaction that took it, so that a worker killed in the middle goes on
    where it was. ``reach`` are the communities where whoever asked moderates (None: everywhere). ``before`` counts the pieces.
    """

    __tablename__ = "sweep"
    outbox_type = "sweep"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    since: Mapped[datetime | None] = mapped_column(Instant)
    reach: Mapped[list[int] | None] = mapped_column(JsonText)
    state: Mapped[str] = mapped_column(String(10), default="running", server_default="done")
    #: how many pieces there were when it began, for the page that shows how far it is
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    before: Mapped[dict[str, int]] = mapped_column(JsonText, default=dict)
    sanction_id: Mapped[int | None] = mapped_column(ForeignKey("sanction.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    __table_args__ = (CheckConstraint("state IN ('running', 'done', 'undoing', 'undone')", name="state"),)


class SweepItem(Model):
    """One thing that a sweep took: a post, a comment, a vote, a notification. Forgotten once it cannot be put back."""

    __tablename__ = "sweep_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    sweep_id: Mapped[int] = mapped_column(ForeignKey("sweep.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    __table_args__ = (Index("ix_sweep_item_sweep", "sweep_id", "kind", "id"),)
