"""Follows: who wants to hear of what happens to a contribution."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, Model


class Followable:
    """Mixed into the kinds that may be followed."""


class Follow(Model):
    """One member follows one contribution."""

    __tablename__ = "follow"
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
