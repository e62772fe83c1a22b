"""Searches that find nothing: counted by the worker, answered by moderators. The person is never kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.paging import Key, Page, paginate
from community.services.search.models import SearchMiss
from community.services.search.words import search_key

#: rows kept: beyond, new words are not written, so that nobody can fill the table
MOST = 5_000
#: seen once and never again, after so long: forgotten
KEPT = timedelta(days=180)
OLDEST_FIRST = (Key(SearchMiss.first_at, "first_at", descending=False), Key(SearchMiss.id, "id", descending=False))
LATEST_FIRST = (Key(SearchMiss.solved_at, "solved_at"), Key(SearchMiss.id, "id"))


def count_miss(text: str) -> None:
    """Count these words. What a synonym or a chosen result was to answer, and is asked again in vain, is open again."""
    key, words = search_key(text), " ".join(text.split())[:200]
    if not key or not _has_room(key):
        return
    moment = now()
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(SearchMiss).values(
        key=key, words=words, count=1, first_at=moment, last_at=moment, outcome=None, solved_at=None
    )
    again = {"count": SearchMiss.count + 1, "last_at": moment, "words": words}
    db.session.execute(insert.on_conflict_do_update(index_elements=["key"], set_=again))
    row = db.session.scalars(select(SearchMiss).where(SearchMiss.key == key)).one()
    db.session.refresh(row)
    if row.outcome in ("synonym", "pin"):
        row.outcome = row.solved_at = row.solved_by_id = None


def misses_page(solved: bool, cursor: str | None = None) -> Page:
    """Those that wait, the oldest first; or those that were answered, the latest first."""
    query = select(SearchMiss).where(SearchMiss.solved_at.is_not(None) if solved else SearchMiss.solved_at.is_(None))
    return paginate(query.with_only_columns(*SearchMiss.__table__.c), LATEST_FIRST if solved else OLDEST_FIRST, cursor)


def latest_words(limit: int = 100) -> list[str]:
    """The words of the last searches that found nothing."""
    query = select(SearchMiss.words).order_by(SearchMiss.last_at.desc(), SearchMiss.id.desc()).limit(limit)
    return list(db.session.scalars(query))


def get_miss(id: int) -> SearchMiss:
    miss = db.session.get(SearchMiss, id)
    if miss is None:
        raise NotFound()
    return miss


def solve(miss: SearchMiss, user: Any, outcome: str) -> None:
    """A moderator answered these words; answering again replaces the answer."""
    miss.outcome, miss.solved_at, miss.solved_by_id = outcome, now(), user.id


def reopen(miss: SearchMiss) -> None:
    if miss.solved_at is None:
        raise Conflict()
    miss.outcome = miss.solved_at = miss.solved_by_id = None


def forget_old_misses() -> None:
    db.session.execute(delete(SearchMiss).where(SearchMiss.last_at < now() - KEPT))


def _has_room(key: str) -> bool:
    if db.session.scalar(select(SearchMiss.id).where(SearchMiss.key == key)) is not None:
        return True
    return (db.session.scalar(select(func.count()).select_from(SearchMiss)) or 0) < MOST
