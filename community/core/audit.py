"""The audit log: who did what, on what, why and when; rows are only ever added, each chained to the one before.

A row's digest covers its own fields and the digest of the row before it, so that a row that was changed or taken out
breaks the chain from there on; ``flask audit verify`` walks it. Rows hold ids and names of acts, never content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, event, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from community.core.clock import now
from community.core.db import Instant, Model, db

GENESIS = "0" * 64
BATCH = 1000
_LOCK = 7_205_759_403_792  # any number that nothing else locks on


class AuditEntry(Model):
    """One act. ``number`` has no gap; ``act`` is a noun and a past participle ("member.suspended")."""

    __tablename__ = "audit_entry"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    act: Mapped[str] = mapped_column(String(60), index=True)
    target_type: Mapped[str] = mapped_column(String(30), default="")
    target_id: Mapped[int | None]
    community_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(1000), default="")
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    __table_args__ = (Index("ix_audit_entry_target", "target_type", "target_id"),)


class AuditIsAppendOnly(RuntimeError):
    """Somebody tried to change or delete a row of the audit log through the application."""


def record(actor: Any, act: str, target: Any = None, reason: str = "", community_id: int | None = None) -> AuditEntry:
    """Add one act to the log, in the current transaction. ``target`` is any row with an id; ``actor`` None is the system."""
    db.session.flush()
    _wait_for_turn()
    number, previous = _head()
    entry = AuditEntry(
        number=number + 1,
        at=now(),
        actor_id=getattr(actor, "id", None),
        act=act,
        target_type=(getattr(target, "outbox_type", None) or type(target).__tablename__) if target is not None else "",
        target_id=getattr(target, "id", None),
        community_id=community_id if community_id is not None else getattr(target, "community_id", None),
        reason=" ".join(reason.split())[:1000],
        previous=previous,
    )
    entry.digest = digest_of(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


def digest_of(entry: AuditEntry) -> str:
    """SHA-256 over the row's fields, in a fixed order and writing, and the digest of the row before."""
    fields = [
        entry.number,
        entry.at.isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.act,
        entry.target_type,
        entry.target_id,
        entry.community_id,
        entry.reason,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: the row's number, and why."""

    number: int
    why: str


def breaks() -> Iterator[Break]:
    """Walk the whole log; every place where it was tampered with: a row changed, missing, or out of place."""
    number, previous = 0, GENESIS
    while True:
        rows = list(
            db.session.scalars(
                select(AuditEntry).where(AuditEntry.number > number).order_by(AuditEntry.number).limit(BATCH)
            )
        )
        for row in rows:
            if row.number != number + 1:
                yield Break(number + 1, "missing")
            elif row.previous != previous:
                yield Break(row.number, "unchained")
            if row.digest != digest_of(row):
                yield Break(row.number, "changed")
            number, previous = row.number, row.digest
        if len(rows) < BATCH:
            return


def head() -> tuple[int, str]:
    """Number and digest of the last row: kept elsewhere (log lines, a printed copy), it shows a log cut at its end."""
    return _head()


def _head() -> tuple[int, str]:
    last = db.session.execute(
        select(AuditEntry.number, AuditEntry.digest).order_by(AuditEntry.number.desc()).limit(1)
    ).first()
    return (last.number, last.digest) if last else (0, GENESIS)


def _wait_for_turn() -> None:
    """Two rows must not take the same place: SQLite's writers wait already, PostgreSQL's take a lock till they commit."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


@event.listens_for(Session, "before_flush")
def _append_only(session: Session, _context: object, _instances: object) -> None:
    touched = [row for row in session.deleted if isinstance(row, AuditEntry)]
    touched += [row for row in session.dirty if isinstance(row, AuditEntry) and session.is_modified(row)]
    if touched:
        raise AuditIsAppendOnly(f"audit_entry {touched[0].number}")
