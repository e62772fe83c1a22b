"""The index in PostgreSQL tables: written by one process, read by every machine. Needs no extension.

Texts are analysed by our own analyser before they are stored, so both engines match and score alike; PostgreSQL keeps
the terms in arrays under GIN indexes. Tables of a generation share a suffix; one row of `search.state` names the current.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from search_index.analysis import words
from search_index.backend import SearchUnavailable
from search_index.entry import IndexEntry
from search_index.recipe import FORMAT, Recipe, calibrate, field_terms
from search_index.schema import keys, record, seconds

LOCK = 7_305_411
"""Writers of the index take this advisory lock: one at a time."""
COLUMNS = ("id", "created", "version", "keys", "terms", "impacts", "sequence", "record")
ALL = "*"
"""The row of the term table that counts entries."""
WORD_LETTER, KEY_LETTER = "w", "k"


@dataclass(frozen=True)
class State:
    """The current generation."""

    suffix: str
    commit: int
    recipe: Recipe

    @property
    def entries(self) -> sql.Identifier:
        return sql.Identifier("search", f"entry_{self.suffix}")

    @property
    def terms(self) -> sql.Identifier:
        return sql.Identifier("search", f"term_{self.suffix}")


def read_state(connection: psycopg.Connection) -> State:
    """The current generation, or SearchUnavailable when there is none that this code can read."""
    row = None
    if connection.execute("SELECT to_regclass('search.state')").fetchone()[0]:
        row = connection.execute("SELECT format, suffix, commits, recipe FROM search.state").fetchone()
    if row is None or row[0] != FORMAT:
        raise SearchUnavailable("no readable index in PostgreSQL: rebuild it")
    return State(row[1], row[2], Recipe(**row[3]))


def create(connection: psycopg.Connection, recipe: Recipe) -> State:
    """Empty tables beside the current ones."""
    state = State(uuid.uuid4().hex[:12], 0, recipe)
    connection.execute("CREATE SCHEMA IF NOT EXISTS search")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS search.state (one boolean PRIMARY KEY DEFAULT true CHECK (one), "
        "format integer NOT NULL, suffix text NOT NULL, commits bigint NOT NULL, recipe jsonb NOT NULL)"
    )
    connection.execute(
        sql.SQL(
            "CREATE TABLE {} (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, "
            "created bigint NOT NULL, version text NOT NULL, keys text[] NOT NULL, terms text[] NOT NULL, "
            "impacts jsonb NOT NULL, sequence text NOT NULL, record jsonb NOT NULL)"
        ).format(state.entries)
    )
    connection.execute(
        sql.SQL('CREATE TABLE {} (key text COLLATE "C" PRIMARY KEY, n integer NOT NULL)').format(state.terms)
    )
    return state


def publish(connection: psycopg.Connection, state: State) -> None:
    """Index the tables of a generation and make it the current one."""
    for column in ("keys", "terms"):
        connection.execute(sql.SQL("CREATE INDEX ON {} USING gin ({})").format(state.entries, sql.Identifier(column)))
    connection.execute(sql.SQL("CREATE INDEX ON {} (created DESC)").format(state.entries))
    connection.execute(sql.SQL("ANALYZE {}").format(state.entries))
    connection.execute(
        "INSERT INTO search.state (format, suffix, commits, recipe) VALUES (%s, %s, 0, %s) ON CONFLICT (one) DO UPDATE "
        "SET format = excluded.format, suffix = excluded.suffix, commits = 0, recipe = excluded.recipe",
        (FORMAT, state.suffix, Jsonb(state.recipe.as_dict())),
    )


def forget_others(connection: psycopg.Connection, state: State) -> None:
    """Drop the tables of every other generation."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'search' AND tablename <> 'state'")
    for (name,) in rows.fetchall():
        if not name.endswith(state.suffix):
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier("search", name)))


def row(entry: IndexEntry, recipe: Recipe) -> tuple[Any, ...]:
    """The columns of an entry."""
    read = field_terms(entry)
    impacts = {key: round(weight, 6) for key, weight in recipe.impacts(read, entry.boost).items()}
    typed = {WORD_LETTER + word for word in (*words(entry.title), *words(" . ".join(entry.tags)))}
    held = record(entry, read)
    sequence = held.pop("sequence")
    terms = sorted({*impacts, *typed})
    moment = seconds(entry.created_at)
    columns = (entry.id, moment, entry.version, keys(entry), terms, Jsonb(impacts), sequence, Jsonb(held, dumps=_dumps))
    return tuple(_clean(column) if isinstance(column, str) else column for column in columns)


def _dumps(value: Any) -> str:
    return json.dumps(value).replace("\\u0000", "")


def _clean(text: str) -> str:
    """PostgreSQL refuses NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def apply(connection: psycopg.Connection, upserts: Iterable[IndexEntry], deletes: Iterable[str]) -> None:
    """Write a batch in one transaction; of several entries with one id the last counts."""
    entries = {entry.id: entry for entry in upserts}
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        try:
            state = read_state(connection)
        except SearchUnavailable:
            if connection.execute("SELECT to_regclass('search.state')").fetchone()[0]:
                raise
            state = create(connection, Recipe())
            publish(connection, state)
        counts = Counter[str]()
        gone = sql.SQL("DELETE FROM {} WHERE id = ANY(%s) RETURNING terms, keys").format(state.entries)
        for terms, exact in connection.execute(gone, ([*deletes, *entries],)).fetchall():
            counts.subtract(_counted(terms, exact))
        rows = [row(entry, state.recipe) for entry in entries.values()]
        for one in rows:
            counts.update(_counted(one[4], one[3]))
        _copy(connection, state, rows)
        _count(connection, state, counts)
        connection.execute("UPDATE search.state SET commits = commits + 1")


def _counted(terms: Iterable[str], exact: Iterable[str]) -> list[str]:
    """The rows of the term table that an entry counts in: its terms, its facets, and itself."""
    return [*terms, *(KEY_LETTER + key for key in exact if key.startswith(("=", "kind:"))), ALL]


def _copy(connection: psycopg.Connection, state: State, rows: Iterable[tuple[Any, ...]]) -> int:
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    count = 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(state.entries, columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for one in rows:
            copy.write_row(one)
            count += 1
    return count


def _count(connection: psycopg.Connection, state: State, counts: Counter[str]) -> None:
    changed = {key: n for key, n in counts.items() if n}
    connection.execute(
        sql.SQL(
            "INSERT INTO {0} AS held (key, n) SELECT * FROM unnest(%s::text[], %s::integer[]) ORDER BY 1 "
            "ON CONFLICT (key) DO UPDATE SET n = held.n + excluded.n"
        ).format(state.terms),
        (list(changed), list(changed.values())),
    )
    connection.execute(
        sql.SQL("DELETE FROM {} WHERE key = ANY(%s) AND n <= 0").format(state.terms),
        ([key for key, n in changed.items() if n < 0],),
    )


def rebuild(
    connection: psycopg.Connection, entries: Iterable[IndexEntry], progress: Callable[[int], None] | None
) -> int:
    """Fill new tables beside the live ones and swap them in, in one transaction."""
    recipe, stream = calibrate(entries)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        state = create(connection, recipe)
        count = _copy(connection, state, _reported(({entry.id: entry for entry in stream}).values(), recipe, progress))
        connection.execute(
            sql.SQL(
                "INSERT INTO {terms} (key, n) SELECT key, count(*) FROM {entries}, unnest(terms) AS key GROUP BY key "
                "UNION ALL SELECT 'k' || key, count(*) FROM {entries}, unnest(keys) AS key "
                "WHERE key LIKE '=%%' OR key LIKE 'kind:%%' GROUP BY key "
                "UNION ALL SELECT '*', count(*) FROM {entries}"
            ).format(terms=state.terms, entries=state.entries),
            (),
        )
        publish(connection, state)
    forget_others(connection, state)
    if progress:
        progress(count)
    return count


def _reported(entries: Iterable[IndexEntry], recipe: Recipe, progress: Callable[[int], None] | None) -> Iterable[Any]:
    for count, entry in enumerate(entries, start=1):
        yield row(entry, recipe)
        if progress and count % 500 == 0:
            progress(count)
