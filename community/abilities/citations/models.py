"""Citations: which contribution points at which, and at which version."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from community.core.db import Model


class Citation(Model):
    """Written with the text that cites. ``how``: « cited » in a text (or one of its comments), « used » in a contract."""

    __tablename__ = "citation"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    version: Mapped[int | None]
    how: Mapped[str] = mapped_column(String(10), default="cited")
    __table_args__ = (CheckConstraint("how IN ('cited', 'used')", name="how"),)
