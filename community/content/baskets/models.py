"""Baskets: the clause versions that a buyer carries into a contract, with the values of their variables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.content.clauses.models import Clause, ClauseVersion
from community.core.clock import now
from community.core.db import Instant, JsonText, Model


class Basket(Model):
    """A named set of clause versions. One of them is open: what one adds goes there (a partial unique index says one).

    ``share_key`` opens it, read only, to members who may see every clause in it; without a key nobody else does.
    """

    __tablename__ = "basket"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    is_open: Mapped[bool] = mapped_column(default=True)
    share_key: Mapped[str | None] = mapped_column(String(40), unique=True)
    values: Mapped[dict[str, str]] = mapped_column(JsonText, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now)
    __table_args__ = (
        Index(
            "uq_basket_open",
            "owner_id",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
    )


class BasketItem(Model):
    """One clause in a basket, at one version; adding another version replaces it."""

    __tablename__ = "basket_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    basket_id: Mapped[int] = mapped_column(ForeignKey("basket.id", ondelete="CASCADE"))
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("clause_version.id", ondelete="CASCADE"))
    position: Mapped[int]
    clause: Mapped[Clause] = relationship(lazy="raise")
    version: Mapped[ClauseVersion] = relationship(lazy="raise")
    __table_args__ = (UniqueConstraint("basket_id", "clause_id"),)


class ClauseExport(Model):
    """Somebody left with a version of a clause in a document: counted, and told when the clause changes."""

    __tablename__ = "clause_export"
    id: Mapped[int] = mapped_column(primary_key=True)
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    form: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
