"""What was imported from where: so that a second run changes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, Model


class ImportedItem(Model):
    """A contribution made from the record ``key`` of ``source``.

    ``digest`` is the record's, to see that it changed; ``revision`` the contribution's when the import last wrote it,
    to see that somebody edited it since.
    """

    __tablename__ = "imported_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(120))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(default=1)
    imported_at: Mapped[datetime] = mapped_column(Instant, default=now)
    __table_args__ = (UniqueConstraint("source", "key"),)
