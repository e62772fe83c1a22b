"""Events that the worker gave up on: put back in the queue, one or all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import NotFound
from community.core.outbox import Event


def retry_event(id: int, user: Any) -> None:
    """Let the worker try this event again from the start; one that is no longer parked is not there."""
    event = db.session.scalars(select(Event).where(Event.id == id, Event.parked_at.is_not(None))).one_or_none()
    if event is None:
        raise NotFound()
    _unpark(event)
    record(user, "event.retried", event, event.name)


def retry_all(user: Any) -> int:
    """Put every parked event back; gives how many."""
    events = db.session.scalars(select(Event).where(Event.parked_at.is_not(None))).all()
    for event in events:
        _unpark(event)
    if events:
        record(user, "event.retried", reason=f"all: {len(events)}")
    return len(events)


def _unpark(event: Event) -> None:
    event.parked_at, event.tries, event.due_at = None, 0, now()
