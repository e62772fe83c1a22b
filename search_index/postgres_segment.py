"""A segment of an index in PostgreSQL: the lists of a large one are read when they are needed, several on one journey.

The lists of a small one, which posts that arrive bring at every moment, come whole when it is opened.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterator
from typing import Any

from search_index.lists import FIELD_LETTERS, NamedList, Packed, clean, from_bytes
from search_index.postgres_store import Tables
from search_index.postings import NOTHING, Postings
from search_index.segment import Heading, Segment

MOST_COUNTED = 200_000
WALKED = 2_000
"""Lists read together in a merge."""


class PostgresSegment(Segment):
    """A segment whose numbers and dates are known; see `open_segments`."""

    RECORDS_AT_ONCE = 64

    def __init__(self, tables: Tables, number: int, stamps: bytes, numbers: bytes) -> None:
        self.numbers = array("q")
        self.numbers.frombytes(numbers)
        super().__init__(f"{tables.suffix}.{number}", len(self.numbers))
        self.tables = tables
        self.number = number
        self._stamps = array("I")
        self._stamps.frombytes(stamps)

    def read_stamps(self) -> array:
        return array("I") if self._stamps is None else self._stamps

    def read_lists(self, field: str, names: Collection[str]) -> dict[str, Postings]:
        letter = FIELD_LETTERS[field]
        wanted = {letter + clean(name): name for name in names}
        query = "SELECT name, ids, weights FROM {posting} WHERE segment = %s AND name = ANY(%s)"
        found = dict.fromkeys(names, NOTHING)
        for name, ids, weights in self.tables.rows(query, (self.number, list(wanted))) if wanted else ():
            found[wanted[name]] = from_bytes(ids, weights)
        return found

    def fetch(self, keys: Collection[str]) -> None:
        with self._lock:
            missing = [key for key in keys if key not in self._postings and self._frequencies.get(key) != 0]
            for key, found in self.read_lists("term", missing).items() if missing else ():
                self._keep(key, found)

    def count_ahead(self, keys: Collection[str]) -> None:
        with self._lock:
            missing = [key for key in keys if key not in self._frequencies]
            if missing:
                if len(self._frequencies) > MOST_COUNTED:
                    self._frequencies.clear()
                self._frequencies.update(dict.fromkeys(missing, 0))
                query = "SELECT name, held FROM {posting} WHERE segment = %s AND name = ANY(%s)"
                self._frequencies.update(self.tables.rows(query, (self.number, [clean(key) for key in missing])))

    def read_count(self, key: str) -> int:
        self.count_ahead([key])
        return self._frequencies[key]

    def expand(self, field: str, prefix: str, limit: int) -> list[str]:
        letter = FIELD_LETTERS[field]
        start = letter + clean(prefix)
        query = "SELECT name FROM {posting} WHERE segment = %s AND name >= %s AND name < %s ORDER BY name LIMIT %s"
        names = self.tables.rows(query, (self.number, start, start + "\U0010ffff", limit))
        return [name[len(letter) :] for (name,) in names]

    def walk(self) -> Iterator[NamedList]:
        """Every list, by name."""
        last = ""
        query = (
            f"SELECT name, ids, weights FROM {{posting}} WHERE segment = %s AND name > %s ORDER BY name LIMIT {WALKED}"
        )
        while rows := self.tables.rows(query, (self.number, last)):
            last = rows[-1][0]
            for name, ids, weights in rows:
                yield name, from_bytes(ids, weights)

    def records(self, docnums: Collection[int]) -> dict[int, dict[str, Any]]:
        found = {}
        for docnum, record, sequence in self._rows_of(docnums, "record, sequence"):
            found[docnum] = json.loads(record) | {"sequence": sequence.decode()}
        return found

    def read_headings(self, docnums: Collection[int]) -> dict[int, Heading]:
        found = {}
        for docnum, heading in self._rows_of(docnums, "heading"):
            tags, titled = json.loads(heading)
            found[docnum] = (tuple(tags), tuple(titled))
        return found

    def _rows_of(self, docnums: Collection[int], columns: str) -> Iterator[tuple[Any, ...]]:
        asked = {self.numbers[docnum]: docnum for docnum in docnums}
        query = f"SELECT n, {columns} FROM {{entry}} WHERE n = ANY(%s)"
        for n, *values in self.tables.rows(query, (list(asked),)):
            yield asked[n], *values

    def holding(self, docnums: list[int], text: str) -> list[int]:
        asked = {self.numbers[docnum]: docnum for docnum in docnums}
        query = "SELECT n FROM {entry} WHERE n = ANY(%s) AND position(%s in sequence) > 0"
        found = self.tables.rows(query, (list(asked), text.encode("utf-8", "replace")))
        return sorted(asked[n] for (n,) in found)


class SmallSegment(PostgresSegment):
    """A segment of which all lists were read when it was opened."""

    def __init__(self, tables: Tables, number: int, stamps: bytes, numbers: bytes, lists: bytes) -> None:
        super().__init__(tables, number, stamps, numbers)
        self.packed = Packed(lists)

    def read_lists(self, field: str, names: Collection[str]) -> dict[str, Postings]:
        letter = FIELD_LETTERS[field]
        return {name: self.packed.get(letter + clean(name)) for name in names}

    def fetch(self, keys: Collection[str]) -> None:
        """All are there."""

    def count_ahead(self, keys: Collection[str]) -> None:
        """All are there."""

    def read_count(self, key: str) -> int:
        return self.packed.count(key)

    def expand(self, field: str, prefix: str, limit: int) -> list[str]:
        letter = FIELD_LETTERS[field]
        return [name[len(letter) :] for name in self.packed.names_from(letter + clean(prefix), limit)]

    def walk(self) -> Iterator[NamedList]:
        return self.packed.walk()


def open_segments(tables: Tables, numbers: Collection[int]) -> list[PostgresSegment]:
    """Segments by their number in the table."""
    query = "SELECT id, stamps, numbers, lists FROM {segment} WHERE id = ANY(%s)"
    return [
        PostgresSegment(tables, *row[:3]) if row[3] is None else SmallSegment(tables, *row)
        for row in tables.rows(query, (list(numbers),))
    ]
