"""The outbox: what happened is written in the transaction that made it happen, and handled afterwards, at least once.

``emit()`` inserts a row. After the commit the worker is nudged; it drains rows in order into handlers, each idempotent,
each re-reading the state of the world rather than trusting the event. A handler that fails is retried with back-off and
parked after its last try, where an administrator sees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Index, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, JsonText, Model, db, reading

log = structlog.get_logger(__name__)
Handler = Callable[[Sequence["Event"]], None]

BATCH = 200
LAST_TRY = 8
_handlers: dict[str, list[Handler]] = defaultdict(list)
#: names of events whose handling takes seconds (reading a file): a lane of their own, so that nothing waits behind them
_slow: set[str] = set()
LANES = ("quick", "slow")


class Event(Model):
    """Something that happened: a name in the past tense and the subject's type and id. Deleted once every handler is done."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    actor_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    due_at: Mapped[datetime] = mapped_column(Instant, default=now)
    tries: Mapped[int] = mapped_column(default=0)
    done: Mapped[list[str]] = mapped_column(JsonText, default=list)
    parked_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index(
            "ix_outbox_due",
            "due_at",
            sqlite_where=parked_at.column.is_(None),
            postgresql_where=parked_at.column.is_(None),
        ),
    )


def emit(name: str, subject: Any, actor: Any = None, **payload: Any) -> None:
    """Record that something happened to ``subject`` (any row with an id), in the current transaction."""
    db.session.flush()
    db.session.add(
        Event(
            name=name,
            subject_type=getattr(subject, "outbox_type", type(subject).__tablename__),
            subject_id=subject.id,
            actor_id=getattr(actor, "id", None),
            payload=payload,
        )
    )


def on(*names: str, slow: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler for events of these names. It receives a batch, oldest first, and must be idempotent.

    ``slow``: these events are handled apart (the worker drains them in a thread of their own, which touches no index).
    """

    def register(handler: Handler) -> Handler:
        if slow:
            _slow.update(names)
        for name in names:
            if handler not in _handlers[name]:
                _handlers[name].append(handler)
        return handler

    return register


def drain(limit: int = 10_000, lane: str | None = None) -> int:
    """Handle what is due, in order, batch by batch. Returns how many events were finished. Runs in the worker only.

    ``lane`` "quick" or "slow" handles only the events of one lane; by default both.
    """
    finished = 0
    while finished < limit:
        batch = _due_events(lane)
        if not batch:
            break
        before = finished
        finished += _handle(batch)
        if finished == before:
            break
    return finished


def pending() -> int:
    """How many events still wait, parked ones excluded (shown by /sante/pret and the administrator's page)."""
    return db.session.scalar(select(func.count()).select_from(Event).where(Event.parked_at.is_(None))) or 0


def _due_events(lane: str | None = None) -> list[Event]:
    due = select(Event).where(Event.parked_at.is_(None), Event.due_at <= now()).order_by(Event.id).limit(BATCH)
    if lane is not None:
        due = due.where(Event.name.in_(_slow) if lane == "slow" else Event.name.not_in(_slow))
    with reading():
        events = list(db.session.scalars(due))
        db.session.expunge_all()
        db.session.rollback()
    return events


def _handle(batch: list[Event]) -> int:
    failed: dict[int, str] = {}
    by_handler: dict[Handler, list[Event]] = defaultdict(list)
    for event in batch:
        for handler in _handlers.get(event.name, ()):
            if _name(handler) not in event.done:
                by_handler[handler].append(event)
    ids = [event.id for event in batch]
    for handler, events in by_handler.items():
        _run(handler, [event.id for event in events], failed)
    return _settle(ids, failed)


def _run(handler: Handler, ids: list[int], failed: dict[int, str]) -> None:
    """Run one handler over its events; when a batch fails, one by one, so that one bad event stops no other."""
    try:
        _attempt(handler, ids)
    except Exception as error:
        db.session.rollback()
        if len(ids) > 1:
            for one in ids:
                _run(handler, [one], failed)
            return
        log.exception("handler_failed", handler=_name(handler), event_id=ids[0])
        failed[ids[0]] = f"{_name(handler)}: {type(error).__name__}: {error}"[:2000]


def _attempt(handler: Handler, ids: list[int]) -> None:
    """The handler gets detached events and no open transaction: a slow one (the index) must not hold the write lock."""
    with reading():
        events = list(db.session.scalars(select(Event).where(Event.id.in_(ids)).order_by(Event.id)))
        db.session.expunge_all()
        db.session.rollback()
    handler(events)
    for event in db.session.scalars(select(Event).where(Event.id.in_(ids))):
        event.done = [*event.done, _name(handler)]
    db.session.commit()


def _settle(ids: list[int], failed: dict[int, str]) -> int:
    events = list(db.session.scalars(select(Event).where(Event.id.in_(ids))))
    for event in events:
        if event.id not in failed:
            db.session.delete(event)
            continue
        event.tries += 1
        event.error = failed[event.id]
        event.due_at = now() + timedelta(seconds=min(3600, 2**event.tries))
        if event.tries >= LAST_TRY:
            event.parked_at = now()
    db.session.commit()
    return len(ids) - len(failed)


def _name(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"
