"""How the index in PostgreSQL is changed: a commit adds one small segment; merges follow in transactions of their own."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import psycopg

from search_index import building
from search_index.analysis import terms
from search_index.entry import IndexEntry
from search_index.lists import Growing, NamedList, Remap, as_bytes, clean, merged, pack
from search_index.policy import Size
from search_index.postgres_segment import PostgresSegment
from search_index.postgres_store import LOCK, State, Tables, committed, create, publish
from search_index.recipe import Recipe, Terms, calibrate, field_terms
from search_index.schema import record, seconds
from search_index.snapshot import Snapshot

SMALL = 2_000
"""A segment of no more entries keeps its lists in one place and is read whole."""
MOST_POSTINGS = 20_000_000
"""A rebuild holds so many postings in memory (160 MB a process), then writes a segment."""
MANY = 5_000
"""From so many entries on, a rebuild uses every core."""
BATCH, LISTS_AT_ONCE = 250, 2_000


def lock(connection: psycopg.Connection) -> None:
    """One writer at a time, until the end of the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))


def write(
    tables: Tables, state: State, snapshot: Snapshot, upserts: Iterable[IndexEntry], deletes: Iterable[str]
) -> None:
    """Write a batch; of several entries with one id the last counts."""
    entries = {entry.id: entry for entry in upserts}
    for number, docnums in snapshot.places([*deletes, *entries]).items():
        segment: Any = snapshot.segments[number]
        query = "UPDATE {segment} SET deleted = deleted || %s::integer[], changed = %s WHERE id = %s"
        tables.run(query, (docnums, state.commit + 1, segment.number))
        dead = [segment.numbers[docnum] for docnum in docnums]
        tables.run("UPDATE {entry} SET gone = now() WHERE n = ANY(%s)", (dead,))
    if entries:
        part = Part(tables, state.recipe, state.commit + 1)
        part.add(list(entries.values()))
        part.flush()
    committed(tables)


class Part:
    """A segment in the making: entries are written at once, their lists when it is full."""

    def __init__(self, tables: Tables, recipe: Recipe, commit: int = 0) -> None:
        self.tables = tables
        self.recipe = recipe
        self.commit = commit
        self._begin()

    def _begin(self) -> None:
        self.lists, self.stamps, self.numbers = Growing(), array("I"), array("q")

    def add(self, entries: Sequence[IndexEntry]) -> None:
        query = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
        name = self.tables.names["numbers"].as_string(None)
        numbers = [n for (n,) in self.tables.rows(query, (name, len(entries)))]
        rows = (self._row(n, entry) for n, entry in zip(numbers, entries, strict=True))
        types = ("int8", "text", "text", "bytea", "bytea", "bytea")
        self.tables.copy("{entry} (n, id, version, heading, sequence, record)", types, rows)
        if self.lists.postings > MOST_POSTINGS:
            self.flush()

    def _row(self, n: int, entry: IndexEntry) -> tuple[Any, ...]:
        read = field_terms(entry)
        self.lists.add(entry, read, self.recipe)
        self.stamps.append(seconds(entry.created_at))
        self.numbers.append(n)
        return n, clean(entry.id), clean(entry.version), *shown(entry, read)

    def flush(self) -> None:
        """Write the segment and begin another."""
        if self.numbers:
            write_segment(self.tables, self.commit, self.stamps, self.numbers, self.lists.walk())
        self._begin()


def shown(entry: IndexEntry, read: Terms) -> tuple[bytes, bytes, bytes]:
    """What is read of an entry once it is found: (tags and terms of the title, all terms in order, the record)."""
    held = record(entry, read)
    sequence = held.pop("sequence").encode("utf-8", "replace")
    heading = [held["facets"].get("tag", ()), list(dict.fromkeys(terms(entry.title)))]
    return _json(heading), sequence, _json(held)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def write_segment(tables: Tables, commit: int, stamps: array, numbers: array, lists: Iterator[NamedList]) -> None:
    """A new segment, its lists in one piece when it is small, else a row for each."""
    small = len(numbers) <= SMALL
    query = "INSERT INTO {segment} (size, changed, stamps, numbers, lists) VALUES (%s, %s, %s, %s, %s) RETURNING id"
    packed = pack(lists) if small else None
    values = (len(numbers), commit, stamps.tobytes(), numbers.tobytes(), packed)
    ((ident,),) = tables.rows(query, values)
    if small:
        return
    types = ("int8", "text", "int4", "bytea", "bytea")
    while some := list(islice(lists, LISTS_AT_ONCE)):
        rows = ((ident, name, len(found.ids), *as_bytes(name, found)) for name, found in some)
        tables.copy("{posting} (segment, name, held, ids, weights)", types, rows)


def sizes(snapshot: Snapshot) -> list[Size]:
    """What each segment of a snapshot holds."""
    alive = [live.bit_count() for live in snapshot.live]
    return [Size(n, segment.size - n) for n, segment in zip(alive, snapshot.segments, strict=True)]


def merge(tables: Tables, state: State, snapshot: Snapshot, positions: Collection[int]) -> None:
    """Put some segments together; the old ones stay a minute for the searches that are reading them."""
    stamps, numbers = array("I"), array("q")
    sources: list[tuple[Iterator[NamedList], Remap]] = []
    for position in positions:
        segment: Any = snapshot.segments[position]
        assert isinstance(segment, PostgresSegment)
        flags, before = segment.flags(snapshot.live[position]), len(numbers)
        stamps.extend(stamp for stamp, alive in zip(segment.stamps(), flags, strict=True) if alive)
        numbers.extend(n for n, alive in zip(segment.numbers, flags, strict=True) if alive)
        sources.append((segment.walk(), remap(flags, before)))
    if numbers:
        write_segment(tables, state.commit + 1, stamps, numbers, merged(sources))
    old = [getattr(snapshot.segments[position], "number") for position in positions]  # noqa: B009
    tables.run("UPDATE {segment} SET retired = now() WHERE id = ANY(%s)", (old,))
    committed(tables)


def remap(flags: bytes, start: int) -> Remap:
    """The new number of each document when the dead ones go and the first is `start`."""
    if 0 not in flags:
        return start
    found, following = [], start
    for alive in flags:
        found.append(following if alive else -1)
        following += alive
    return found


def rebuild(
    connect: Callable[[], psycopg.Connection],
    url: str,
    entries: Iterable[IndexEntry],
    progress: Callable[[int], None] | None,
) -> int:
    """Fill new tables beside the live ones, with every core, and swap them in."""
    recipe, stream = calibrate(entries)
    many, stream = building.counted(stream, MANY)
    connection = connect()
    connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    try:
        state = create(connect, recipe)
        tables = Tables(connect, state.suffix)
        if many and building.cores() > 1:
            count, _ = building.spread(_build_part, [(url, state.suffix, recipe)] * building.cores(), stream, progress)
        else:
            count = _build_here(tables, recipe, stream, progress)
        publish(tables, state)
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
    if progress:
        progress(count)
    return count


def _build_here(
    tables: Tables, recipe: Recipe, entries: Iterable[IndexEntry], progress: Callable[[int], None] | None
) -> int:
    part, count, stream = Part(tables, recipe), 0, iter(entries)
    while batch := list(islice(stream, BATCH)):
        part.add(batch)
        count += len(batch)
        if progress and count % 500 == 0:
            progress(count)
    part.flush()
    return count


def _build_part(url: str, suffix: str, recipe: Recipe, batches: Iterator[list[IndexEntry]]) -> None:
    """What each process of a rebuild does with the batches it gets."""
    with psycopg.connect(url, autocommit=True) as connection:
        part = Part(Tables(lambda: connection, suffix), recipe)
        for batch in batches:
            part.add(batch)
        part.flush()
