"""What anybody may know of moderation: how much, how fast, month by month. Only counts, and none that points at somebody.

A number under five is said to be so, and nothing more; where a single number of a series would be hidden, which the total of the
others would give away, the next smallest is hidden with it. Communities are never told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import median
from typing import Any

from sqlalchemy import extract, func, select

from community.abilities.flags.models import Flag, FlagCase
from community.core.clock import now
from community.core.db import db
from community.services.moderation.models import Appeal, Decision, Hold
from community.services.moderation.vocabulary import DONE

FEW = 5
MONTHS = 12
#: delays are taken on at most this many of the latest cases
SAMPLE = 5000
SERIES = ("flags", "decisions", "holds", "appeals")


@dataclass(frozen=True)
class Report:
    """``months`` are first days, oldest first; ``counts`` by series, None standing for « fewer than five »."""

    months: list[date]
    counts: dict[str, list[int | None]]
    kinds: list[tuple[str, int | None]]
    half_within_hours: float | None
    appeals_reversed: tuple[int | None, int | None]
    #: appeals that whoever had decided answered, because nobody else could
    same_person: int | None = None

    @property
    def highest(self) -> int:
        return max((count or FEW for series in self.counts.values() for count in series), default=FEW)


def transparency() -> Report:
    """Eight statements, whatever there is to count."""
    months = _months()
    since = datetime(months[0].year, months[0].month, 1, tzinfo=UTC)
    series = {
        "flags": _by_month(Flag.created_at, since),
        "decisions": _by_month(Decision.decided_at, since),
        "holds": _by_month(Hold.held_at, since),
        "appeals": _by_month(Appeal.created_at, since),
    }
    counts = {name: without_few([found.get((m.year, m.month), 0) for m in months]) for name, found in series.items()}
    return Report(months, counts, _kinds(since), _half_within(since), _appeals(since), _same_person(since))


def without_few(numbers: Sequence[int]) -> list[int | None]:
    """The numbers, None in place of those under five, and of one more where a single one would be found by subtraction.

    Zero is a number under five like the others: that nothing happened is told of a month that nobody is in.
    """
    shown: list[int | None] = [number if number >= FEW else None for number in numbers]
    if shown.count(None) == 1:
        known = [(number, place) for place, number in enumerate(shown) if number is not None]
        if known:
            shown[min(known)[1]] = None
    return shown


def _months() -> list[date]:
    """The twelve months that end with the present one."""
    today = now().date()
    found = []
    year, month = today.year, today.month
    for _step in range(MONTHS):
        found.append(date(year, month, 1))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]


def _by_month(instant: Any, since: datetime) -> dict[tuple[int, int], int]:
    year, month = extract("year", instant), extract("month", instant)
    query = select(year.label("year"), month.label("month"), func.count().label("count")).where(instant >= since)
    return {(int(row.year), int(row.month)): row.count for row in db.session.execute(query.group_by(year, month))}


def _kinds(since: datetime) -> list[tuple[str, int | None]]:
    """Decisions of the twelve months by what was decided, those taken back left out."""
    standing = (Decision.decided_at >= since, Decision.undone_at.is_(None))
    rows = db.session.execute(select(Decision.action, func.count()).where(*standing).group_by(Decision.action))
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    codes = list(DONE)
    return list(zip(codes, without_few([found.get(code, 0) for code in codes]), strict=True))


def _half_within(since: datetime) -> float | None:
    """In how many hours half of the reports were answered; None under five."""
    query = (
        select(FlagCase.opened_at, FlagCase.closed_at)
        .where(FlagCase.opened_at >= since, FlagCase.closed_at.is_not(None))
        .order_by(FlagCase.id.desc())
        .limit(SAMPLE)
    )
    hours = [(row.closed_at - row.opened_at).total_seconds() / 3600 for row in db.session.execute(query)]
    return median(hours) if len(hours) >= FEW else None


def _appeals(since: datetime) -> tuple[int | None, int | None]:
    """(answered, of which the decision was annulled) over the twelve months."""
    answered = (Appeal.created_at >= since, Appeal.state != "pending")
    rows = db.session.execute(select(Appeal.state, func.count()).where(*answered).group_by(Appeal.state))
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    upheld, reversed_ = found.get("upheld", 0), found.get("reversed", 0)
    kept = without_few([upheld, reversed_])
    return (None, None) if None in kept else (upheld + reversed_, reversed_)


def _same_person(since: datetime) -> int | None:
    """How many appeals were answered by who had decided; under five, None, and none at all is 0: it is a promise kept."""
    query = select(func.count(Appeal.id)).join(Decision, Decision.id == Appeal.decision_id)
    alone = query.where(Appeal.created_at >= since, Appeal.decided_by_id == Decision.decided_by_id)
    count = db.session.scalar(alone) or 0
    return count if count >= FEW or not count else None
