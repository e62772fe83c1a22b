"""Revisions: what a contribution said before, who changed it and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.core.clock import now
from community.core.db import Instant, JsonText, Model
from community.people.accounts.models import Member


class Revisable:
    """Mixed into the kinds that keep their history."""


class Revision(Model):
    """The state of a contribution after an edit; number 1 is the text first published. ``data`` is one JSON object."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    number: Mapped[int]
    editor_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    note: Mapped[str] = mapped_column(String(200), default="")
    data: Mapped[dict[str, Any]] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    editor: Mapped[Member] = relationship(lazy="raise")
    __table_args__ = (UniqueConstraint("contribution_id", "number"),)
