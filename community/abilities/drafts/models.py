"""Drafts: what is being typed, kept on the server per member and target, until it is published or thrown away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, JsonText, Model


class Draft(Model):
    """``target`` names the form (« question:new », « answer:12 », « contribution:12:edit »); ``data`` its fields."""

    __tablename__ = "draft"
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    target: Mapped[str] = mapped_column(String(60), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JsonText)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now)
