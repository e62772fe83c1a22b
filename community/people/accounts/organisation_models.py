"""Organisations: the public buyers that members work for, their mail domains, and the merges of those written twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from community.core.clock import now
from community.core.db import Instant, JsonText, Model
from community.core.slugs import slugify


def name_key(name: str) -> str:
    """The name without accents or capitals, a hyphen before every word; whole, so that long names stay different."""
    words = [slugify(word) for word in name.split() if any(character.isalnum() for character in word)]
    return f"-{'-'.join(words)}"[:180]


class Organisation(Model):
    """A member's employer. ``territory`` is a département's or région's code; ``siret`` is 14 digits or nothing.

    ``merged_into_id``: this one was a second writing of that other one; kept, so that a merge can be undone.
    """

    __tablename__ = "organisation"
    outbox_type = "organisation"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160))
    name_key: Mapped[str] = mapped_column(String(180), default="", server_default="", index=True)
    type: Mapped[str] = mapped_column(String(30))
    territory: Mapped[str] = mapped_column(String(4))
    siret: Mapped[str | None] = mapped_column(String(14), index=True)
    population_band: Mapped[str | None] = mapped_column(String(40))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    __table_args__ = (UniqueConstraint("name", "type", "territory"),)

    @validates("name")
    def _keep_name_key(self, _field: str, name: str) -> str:
        self.name_key = name_key(name)
        return name


class OrganisationDomain(Model):
    """A mail domain of an organisation: an address there, once confirmed, proves that one works for it."""

    __tablename__ = "organisation_domain"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    domain: Mapped[str] = mapped_column(String(190), primary_key=True, index=True)


class OrganisationMerge(Model):
    """Two records that were one organisation: who was moved, so that it can be undone."""

    __tablename__ = "organisation_merge"
    outbox_type = "organisation_merge"
    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    merged_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    #: {"members": [ids], "domains": [domains that the kept one did not have], "siret": whether it was handed over}
    moved: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    at: Mapped[datetime] = mapped_column(Instant, default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_organisation_merge_kept_id", "kept_id"),)
