"""The index in PostgreSQL: for several web machines, which all see a change as soon as it is committed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

import psycopg

from search_index import linking, postgres_store, searching
from search_index.backend import SearchUnavailable
from search_index.entry import IndexEntry, Related, SearchRequest, SearchResults, Suggestion
from search_index.postgres_source import PostgresSource
from search_index.query import LONGEST_TEXT
from search_index.source import Scope
from search_index.synonyms import Synonyms, default_synonyms

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
CONNECT_SECONDS = 5
PLANNER = "-c enable_seqscan=off -c jit=off"
"""Reading every row costs far more than the planner believes: the arrays of each have to be unpacked."""


class PostgresBackend:
    """Searches tables of a PostgreSQL database. See `Backend` for what each method promises."""

    def __init__(self, url: str, synonyms: Synonyms | None = None) -> None:
        self.url = "postgresql:" + url.partition(":")[2]
        self.synonyms = synonyms if synonyms is not None else default_synonyms()
        self._mine = threading.local()

    def apply(self, upserts: Iterable[IndexEntry], deletes: Iterable[str] = ()) -> None:
        """Add, replace and remove entries in one transaction."""
        entries, gone = list(upserts), list(deletes)
        self._guarded(lambda connection: postgres_store.apply(connection, entries, gone))

    def rebuild(self, entries: Iterable[IndexEntry], progress: Callable[[int], None] | None = None) -> int:
        """Fill new tables beside the live ones, swap them in and say how many entries they hold."""
        return postgres_store.rebuild(self._connection(), entries, progress)

    def optimize(self) -> None:
        """Let PostgreSQL tidy its tables; for the night."""
        self._guarded(
            lambda connection: [
                connection.execute(psycopg.sql.SQL("VACUUM (ANALYZE) {}").format(table))
                for state in (postgres_store.read_state(connection),)
                for table in (state.entries, state.terms)
            ]
        )

    def search(self, request: SearchRequest) -> SearchResults:
        return self._read(lambda source: searching.search(source, request, self.synonyms))

    def suggest(
        self, text: str, readers: frozenset[str], kinds: Collection[str] = (), limit: int = 8
    ) -> list[Suggestion]:
        """Titles for what is being typed."""
        scope = Scope(readers=frozenset(readers), kinds=kinds)
        return self._read(lambda source: linking.suggest(source, text[:LONGEST_TEXT], scope, limit))

    def related(
        self,
        title: str,
        body: str = "",
        *,
        facets: Mapping[str, Collection[str]] | None = None,
        kinds: Collection[str] = (),
        readers: frozenset[str],
        exclude: Collection[str] = (),
        limit: int = 5,
        minimum: float | None = None,
    ) -> list[Related]:
        """Entries close to a text, with their reasons; none below the threshold."""
        scope = Scope(readers=frozenset(readers), kinds=kinds, exclude=tuple(exclude))
        text = linking.Text(title, body, facets or {})
        return self._read(lambda source: linking.related(source, text, scope, self.synonyms, limit, minimum))

    def versions(self) -> dict[str, str]:
        """The version of every entry of the index, to compare with the database."""
        return self._read(lambda source: dict(source._rows("SELECT id, version FROM {entries}")))

    def generation(self) -> str:
        """A name that changes with every commit."""
        return self._read(lambda source: f"{source.state.suffix}.{source.state.commit}")

    def healthy(self) -> bool:
        """Whether reads work now."""
        try:
            self._read(lambda source: source._rows("SELECT n, terms, impacts FROM {entries} LIMIT 1"))
        except SearchUnavailable:
            return False
        return True

    def close(self) -> None:
        """Close this thread's connection; the next use opens another."""
        connection = getattr(self._mine, "connection", None)
        self._mine.connection = None
        if connection is not None:
            connection.close()

    def _connection(self) -> psycopg.Connection:
        connection = getattr(self._mine, "connection", None)
        if connection is None or connection.closed:
            connection = psycopg.connect(
                self.url, autocommit=True, connect_timeout=CONNECT_SECONDS, options=PLANNER, application_name="search"
            )
            self._mine.connection = connection
        return connection

    def _read(self, answer: Callable[[PostgresSource], Answer]) -> Answer:
        return self._guarded(
            lambda connection: answer(PostgresSource(connection, postgres_store.read_state(connection)))
        )

    def _guarded(self, action: Callable[[psycopg.Connection], Answer]) -> Answer:
        """A generation may be swapped, or a connection lost, between two statements: try once more, then say so."""
        for last in (False, True):
            try:
                return action(self._connection())
            except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.UndefinedTable) as error:
                self.close()
                if last:
                    log.warning("search index in PostgreSQL unreadable: %r", error)
                    raise SearchUnavailable("the index in PostgreSQL cannot be read") from error
            except psycopg.Error as error:
                log.warning("search index in PostgreSQL unreadable: %r", error, exc_info=True)
                self.close()
                raise SearchUnavailable("the index in PostgreSQL cannot be read: rebuild it") from error
        raise AssertionError("unreachable")
