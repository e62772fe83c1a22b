"""The synonyms in force in this process: the engine's own table and the groups that moderators added.

Every process looks at a cheap version of the table and reads the groups again when it changed, so that an edit takes
effect within seconds everywhere, without touching the index.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from sqlalchemy import func, select

from community.core.db import db
from community.services.search.models import SearchSynonym
from search_index.analysis import terms
from search_index.backend import Backend
from search_index.synonyms import LONGEST, Expression, Synonyms, default_synonyms

#: seconds between two looks at the version
CHECK_EVERY = 2.0
MOST_EXPRESSIONS = 12


class CuratedSynonyms(Synonyms):
    """The table that ships with the engine, then the moderators' groups; ``version`` is that of the rows read."""

    def __init__(self, groups: Iterable[Sequence[str]] = (), version: object = None) -> None:
        super().__init__(groups)
        self.version = version
        self.checked_at = time.monotonic()

    def expand(self, query: Sequence[str]) -> list[tuple[Expression, Expression]]:
        shipped = default_synonyms().expand(query)
        return shipped + [pair for pair in super().expand(query) if pair not in shipped]


def version_columns() -> tuple[Any, Any]:
    """Two scalars that change whenever a group does: to be read with something else, in a statement that runs anyway."""
    latest = select(func.max(SearchSynonym.updated_at)).scalar_subquery()
    return latest.label("latest"), select(func.count(SearchSynonym.id)).scalar_subquery().label("groups")


def bring_up_to_date(backend: Backend, version: tuple[Any, Any] | None = None) -> None:
    """Read the groups again when the version (given, or looked up at most every two seconds) is another one."""
    held = backend.synonyms
    known = held if isinstance(held, CuratedSynonyms) else None
    if version is None:
        if known is not None and time.monotonic() - known.checked_at < CHECK_EVERY:
            return
        version = tuple(db.session.execute(select(*version_columns())).one())
    if known is not None and known.version == _plain(version):
        known.checked_at = time.monotonic()
        return
    backend.synonyms = CuratedSynonyms(active_groups(), _plain(version))


def active_groups(without: int | None = None) -> list[list[str]]:
    """The expressions of the groups in force, one group (being edited) possibly left out."""
    rows = db.session.execute(select(SearchSynonym.id, SearchSynonym.expressions).where(SearchSynonym.active))
    return [row.expressions for row in rows if row.id != without]


def trial(backend: Backend, groups: Iterable[Sequence[str]]) -> Backend:
    """The same index answering with other synonyms; the backend that serves requests is left as it is."""
    other = copy(backend)
    other.synonyms = CuratedSynonyms(groups)
    return other


def read_expressions(text: str) -> list[str]:
    """Expressions typed one a line (or with « ; » or « = » between them), those without meaning left out."""
    pieces = text.replace(";", "\n").replace("=", "\n").splitlines()
    cleaned = (" ".join(piece.split())[:80] for piece in pieces)
    found = dict.fromkeys(piece for piece in cleaned if 0 < len(terms(piece)) <= LONGEST)
    return list(found)[:MOST_EXPRESSIONS]


def _plain(version: tuple[Any, Any]) -> tuple[str, int]:
    return str(version[0]), version[1]
