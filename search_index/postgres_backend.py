"""The index in PostgreSQL: for several web machines, which all see a change as soon as it is committed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import psycopg

from search_index import policy, postgres_store, postgres_writing
from search_index.answering import Answering
from search_index.backend import SearchUnavailable
from search_index.bits import bits_of
from search_index.entry import IndexEntry
from search_index.postgres_segment import open_segments
from search_index.postgres_store import State, Tables
from search_index.segment import Segment
from search_index.segment_source import SegmentSource
from search_index.snapshot import Snapshot
from search_index.synonyms import Synonyms, default_synonyms

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
PATIENCE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A server that vanished without a word is given up after twenty seconds, not after a quarter of an hour."""
PLANNER = "-c enable_seqscan=off -c jit=off"
"""Tables that were just filled or emptied are asked by their keys, whatever the planner believes of them."""
LARGEST = 250_000
"""The nightly merge makes no segment of more entries."""


class PostgresBackend(Answering):
    """Searches tables of a PostgreSQL database. See `Backend` for what each method promises."""

    def __init__(self, url: str, synonyms: Synonyms | None = None) -> None:
        self.url = "postgresql:" + url.partition(":")[2]
        self.synonyms = synonyms if synonyms is not None else default_synonyms()
        self._mine = threading.local()
        self._snapshot: Snapshot | None = None
        self._live: dict[str, tuple[int, int]] = {}
        self._opening = threading.Lock()
        self._warming = threading.Lock()
        self._writes = False

    def apply(self, upserts: Iterable[IndexEntry], deletes: Iterable[str] = ()) -> None:
        """Add, replace and remove entries in one transaction; then merge what costs little."""
        entries, gone = list(upserts), list(deletes)
        self._writes = True
        self._guarded(lambda connection: self._write(connection, entries, gone))
        self._merge(policy.following)

    def settle(self) -> bool:
        """One merge that posts should not wait for; whether there was one to do."""
        return self._merge(policy.settling)

    def rebuild(self, entries: Iterable[IndexEntry], progress: Callable[[int], None] | None = None) -> int:
        """Fill new tables beside the live ones, swap them in and say how many entries they hold."""
        self._writes = True
        return postgres_writing.rebuild(self._connection, self.url, entries, progress)

    def optimize(self) -> None:
        """Merge the segments and let PostgreSQL tidy its tables; for the night."""
        self._merge(lambda sizes: policy.nightly(sizes, LARGEST))
        self._guarded(self._tidy)

    def versions(self) -> dict[str, str]:
        """The version of every entry of the index, to compare with the database."""
        query = "SELECT id, version FROM {entry} WHERE gone IS NULL"
        return self._guarded(lambda connection: dict(self._tables(connection)[1].rows(query)))

    def generation(self) -> str:
        """A name that changes with every commit."""
        return self._guarded(lambda connection: postgres_store.read_state(connection).label)

    def close(self) -> None:
        """Close this thread's connection and forget what was read; the next use begins anew."""
        self._snapshot = None
        self._disconnect()

    def _disconnect(self) -> None:
        connection = getattr(self._mine, "connection", None)
        self._mine.connection = None
        if connection is not None:
            connection.close()

    def _connection(self) -> psycopg.Connection:
        connection = getattr(self._mine, "connection", None)
        if connection is None or connection.closed:
            connection = psycopg.connect(
                self.url, autocommit=True, options=PLANNER, application_name="search", **PATIENCE
            )
            self._mine.connection = connection
        return connection

    def _tables(self, connection: psycopg.Connection) -> tuple[State, Tables]:
        state = postgres_store.read_state(connection)
        return state, Tables(self._connection, state.suffix)

    def _read(self, answer: Callable[[SegmentSource], Answer]) -> Answer:
        return self._guarded(lambda connection: answer(SegmentSource(self._current(connection))))

    def _current(self, connection: psycopg.Connection) -> Snapshot:
        """The snapshot of the last commit; segments already open are kept.

        A large segment that is new (a merge, a rebuild) is warmed in the background while the snapshot before answers:
        what it reads stays in the tables for a minute.
        """
        state, tables = self._tables(connection)
        held = self._snapshot
        if held is not None and (held.label == state.label or self._warming.locked()):
            return held
        with self._opening:
            fresh = self._open(state, tables)
            cold = fresh.cold_segments(held)
            if held is None or self._writes or not cold:
                self._snapshot = held = fresh
            if cold and not self._writes and self._warming.acquire(blocking=False):
                threading.Thread(target=self._warm, args=(fresh, held), daemon=True).start()
            return held

    def _open(self, state: State, tables: Tables) -> Snapshot:
        known: dict[str, Segment] = self._snapshot.by_segment_id() if self._snapshot else {}
        rows = tables.rows("SELECT id, size, changed FROM {segment} WHERE retired IS NULL ORDER BY id")
        names = {number: f"{state.suffix}.{number}" for number, _, _ in rows}
        missing = [number for number, name in names.items() if name not in known]
        known |= {segment.ident: segment for segment in open_segments(tables, missing)} if missing else {}
        changed = [number for number, _, at in rows if self._live.get(names[number], (-1, 0))[0] != at]
        deleted = dict(tables.rows("SELECT id, deleted FROM {segment} WHERE id = ANY(%s)", (changed,)))
        alive = {
            names[number]: (at, (1 << size) - 1 & ~bits_of(deleted[number], size))
            if number in deleted
            else self._live[names[number]]
            for number, size, at in rows
        }
        self._live = alive
        segments = [known[names[number]] for number, _, _ in rows]
        return Snapshot(state.label, segments, [alive[one.ident][1] for one in segments], state.recipe)

    def _warm(self, fresh: Snapshot, held: Snapshot) -> None:
        """Fill the caches of a snapshot, then put it in the place of the one that answers, unless it is that one."""
        try:
            fresh.warm(held if held is not fresh else None)
            if self._snapshot is held:
                self._snapshot = fresh
        except Exception as error:
            log.warning("search index in PostgreSQL could not be warmed: %r", error)
            self._snapshot = None
        finally:
            self._disconnect()
            self._warming.release()

    def _write(self, connection: psycopg.Connection, entries: list[IndexEntry], gone: list[str]) -> None:
        if postgres_store.nothing_there(connection):
            postgres_writing.rebuild(self._connection, self.url, (), None)
        with connection.transaction():
            postgres_writing.lock(connection)
            state, tables = self._tables(connection)
            self._snapshot = self._open(state, tables)
            postgres_writing.write(tables, state, self._snapshot, entries, gone)
            postgres_store.sweep(tables)

    def _merge(self, chosen: Callable[[list[policy.Size]], list[int]]) -> bool:
        return self._guarded(lambda connection: self._merge_some(connection, chosen))

    def _merge_some(self, connection: psycopg.Connection, chosen: Callable[[list[policy.Size]], list[int]]) -> bool:
        with connection.transaction():
            postgres_writing.lock(connection)
            state, tables = self._tables(connection)
            self._snapshot = snapshot = self._open(state, tables)
            positions = chosen(postgres_writing.sizes(snapshot))
            if positions:
                postgres_writing.merge(tables, state, snapshot, positions)
        return bool(positions)

    def _tidy(self, connection: psycopg.Connection) -> None:
        with connection.transaction():
            postgres_writing.lock(connection)  # a rebuild elsewhere would lose the tables that it is filling
            tables = self._tables(connection)[1]
            postgres_store.sweep(tables)
        tables.run("VACUUM (ANALYZE) {entry}, {segment}, {posting}")

    def _guarded(self, action: Callable[[psycopg.Connection], Answer]) -> Answer:
        """A connection may be lost, or what was being read go out of use: try once more, then say so."""
        for last in (False, True):
            try:
                return action(self._connection())
            except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.UndefinedTable, KeyError) as error:
                self.close()
                if last:
                    log.warning("search index in PostgreSQL unreadable: %r", error)
                    raise SearchUnavailable("the index in PostgreSQL cannot be read") from error
            except psycopg.Error as error:
                log.warning("search index in PostgreSQL unreadable: %r", error, exc_info=True)
                self.close()
                raise SearchUnavailable("the index in PostgreSQL cannot be read: rebuild it") from error
        raise AssertionError("unreachable")
