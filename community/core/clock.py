"""What time it is: one place, so that the demo can tell the past and every stored instant is UTC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC; inside at(), the instant that is being told."""
    return _told.get() or datetime.now(UTC)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """What runs inside happens at ``instant`` (the demo and imports tell the past through the ordinary actions)."""
    token = _told.set(instant)
    try:
        yield
    finally:
        _told.reset(token)
