"""Words that mean the same to a public buyer. Read at query time: an edit takes effect without touching the index."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files

from search_index.analysis import terms

Expression = tuple[str, ...]
LONGEST = 5
"""Expressions of more terms than this are not looked for in a query."""


class Synonyms:
    """Groups of expressions that stand for each other, looked up by their terms."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        self._others: dict[Expression, list[Expression]] = {}
        for group in groups:
            self._add([expression for text in group if (expression := tuple(terms(text)))])

    def _add(self, expressions: list[Expression]) -> None:
        for one in expressions:
            known = self._others.setdefault(one, [])
            known.extend(other for other in expressions if other != one and other not in known)

    def __len__(self) -> int:
        return len(self._others)

    def expand(self, query: Sequence[str]) -> list[tuple[Expression, Expression]]:
        """(what was written, what also means it) for every known expression in a sequence of terms."""
        found = []
        for start in range(len(query)):
            for length in range(1, min(LONGEST, len(query) - start) + 1):
                written = tuple(query[start : start + length])
                found.extend((written, other) for other in self._others.get(written, ()))
        return found


@lru_cache(maxsize=1)
def default_synonyms() -> Synonyms:
    """The table that ships with the code: acronyms of public procurement, feminine and masculine pairs."""
    lines = (files("search_index") / "data" / "synonyms.csv").read_text("utf-8").splitlines()
    rows = csv.reader((line for line in lines if line and not line.startswith("#")), delimiter=";")
    return Synonyms([cell.strip() for cell in row if cell.strip()] for row in rows)
