"""What time it is: one place, so that tests can travel and every stored instant is UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC, without microseconds finer than the databases keep."""
    return datetime.now(UTC)
