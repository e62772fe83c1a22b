"""Tags that people choose, and classification by closed lists (CPV codes, dimensions)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from community.core.db import Model


class Taggable:
    """Mixed into the kinds that carry tags and classification."""


class Tag(Model):
    """A word of the field. A tag that was curated is proposed to all; another only where its content may be seen."""

    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    label: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(Text, default="")
    curated: Mapped[bool] = mapped_column(default=False)


class Tagging(Model):
    """A tag on a contribution."""

    __tablename__ = "tagging"
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True)
    __table_args__ = (Index("ix_tagging_tag", "tag_id", "contribution_id"),)


class Classification(Model):
    """A code of a closed list on a contribution; ``scheme`` is « cpv » (8 digits) or « dimension »."""

    __tablename__ = "classification"
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(20), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    __table_args__ = (Index("ix_classification_code", "scheme", "code", "contribution_id"),)
