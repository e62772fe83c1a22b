"""The tables of an index in PostgreSQL. Needs no extension: texts are analysed by our own analyser before they are stored.

A generation is three tables with one suffix: entries (what is shown), segments (what never changes once written: dates,
numbers of entries, lists of a small segment) and postings (the lists of large segments, a row for each name). One row of
`search.state` names the current generation and counts its commits. What goes out of use stays a minute for who reads it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from search_index.backend import SearchUnavailable
from search_index.recipe import FORMAT, Recipe

LAYOUT = FORMAT * 100 + 3
"""Changes with the tables and with the recipe: readers of another one ask for a rebuild."""
LOCK = 7_305_411
"""Writers of the index take this advisory lock: one at a time."""
GRACE = "60 seconds"
"""No search takes so long: what went out of use before that is in nobody's hands."""
TABLES = ("entry", "segment", "posting")
CREATE = (
    "CREATE TABLE {entry} (n bigint PRIMARY KEY, id text NOT NULL, version text NOT NULL, heading bytea NOT NULL, "
    "sequence bytea NOT NULL, record bytea NOT NULL, gone timestamptz)",
    "CREATE INDEX ON {entry} (gone) WHERE gone IS NOT NULL",
    "CREATE SEQUENCE {numbers} OWNED BY {entry}.n",
    "CREATE TABLE {segment} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, size integer NOT NULL, "
    "changed bigint NOT NULL, deleted integer[] NOT NULL DEFAULT '{{}}', stamps bytea NOT NULL, numbers bytea NOT NULL, "
    "lists bytea, retired timestamptz)",
    'CREATE TABLE {posting} (segment bigint NOT NULL, name text COLLATE "C" NOT NULL, held integer NOT NULL, '
    "ids bytea NOT NULL, weights bytea NOT NULL, PRIMARY KEY (segment, name))",
    # already dense: the time spent on compressing them would be lost
    "ALTER TABLE {posting} ALTER ids SET STORAGE EXTERNAL, ALTER weights SET STORAGE EXTERNAL",
    "ALTER TABLE {segment} ALTER lists SET STORAGE EXTERNAL, ALTER stamps SET STORAGE EXTERNAL, "
    "ALTER numbers SET STORAGE EXTERNAL",
)


@dataclass(frozen=True)
class State:
    """The current generation."""

    suffix: str
    commit: int
    recipe: Recipe

    @property
    def label(self) -> str:
        return f"{self.suffix}.{self.commit}"


class Tables:
    """The tables of one generation, through the connection of whichever thread asks."""

    def __init__(self, connect: Callable[[], psycopg.Connection], suffix: str) -> None:
        self.connect = connect
        self.suffix = suffix
        self.names: dict[str, sql.Composable] = {
            name: sql.Identifier("search", f"{name}_{suffix}") for name in (*TABLES, "numbers")
        }

    def statement(self, query: str) -> sql.Composed:
        return sql.SQL(query).format(**self.names)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The answer to a query; bytes come as they are, not spelled out."""
        with self.connect().cursor(binary=True) as cursor:
            return cursor.execute(self.statement(query), values).fetchall()

    def run(self, query: str, values: Sequence[Any] = ()) -> int:
        return self.connect().execute(self.statement(query), values).rowcount

    def copy(self, target: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> int:
        """Write many rows at once; `target` is a table and its columns."""
        count = 0
        with (
            self.connect().cursor() as cursor,
            cursor.copy(self.statement(f"COPY {target} FROM STDIN (FORMAT BINARY)")) as copy,
        ):
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
                count += 1
        return count


def read_state(connection: psycopg.Connection) -> State:
    """The current generation, or SearchUnavailable when there is none that this code can read."""
    try:
        row = connection.execute("SELECT format, suffix, commits, recipe FROM search.state").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InvalidSchemaName):
        row = None
    if row is None or row[0] != LAYOUT:
        raise SearchUnavailable("no readable index in PostgreSQL: rebuild it")
    return State(row[1], row[2], Recipe(**row[3]))


def nothing_there(connection: psycopg.Connection) -> bool:
    """Whether nobody has ever made an index in this database."""
    return connection.execute("SELECT to_regclass('search.state') IS NULL").fetchone() == (True,)


def create(connect: Callable[[], psycopg.Connection], recipe: Recipe) -> State:
    """Empty tables, which nobody reads yet."""
    connection, state = connect(), State(uuid.uuid4().hex[:12], 0, recipe)
    connection.execute("CREATE SCHEMA IF NOT EXISTS search")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS search.state (one boolean PRIMARY KEY DEFAULT true CHECK (one), format integer NOT NULL, "
        "suffix text NOT NULL, commits bigint NOT NULL, recipe jsonb NOT NULL)"
    )
    connection.execute("ALTER TABLE search.state ADD COLUMN IF NOT EXISTS since timestamptz NOT NULL DEFAULT now()")
    tables = Tables(connect, state.suffix)
    for statement in CREATE:
        tables.run(statement)
    return state


def publish(tables: Tables, state: State) -> None:
    """Make a generation the current one."""
    tables.run("ANALYZE {entry}, {segment}, {posting}")
    tables.connect().execute(
        "INSERT INTO search.state (format, suffix, commits, recipe) VALUES (%s, %s, 0, %s) ON CONFLICT (one) DO UPDATE "
        "SET format = excluded.format, suffix = excluded.suffix, commits = 0, recipe = excluded.recipe, since = now()",
        (LAYOUT, state.suffix, Jsonb(state.recipe.as_dict())),
    )


def committed(tables: Tables) -> None:
    """Tell readers that the current generation has changed."""
    tables.connect().execute("UPDATE search.state SET commits = commits + 1")


def sweep(tables: Tables) -> None:
    """Remove what went out of use more than a minute ago."""
    tables.run(f"DELETE FROM {{entry}} WHERE gone < now() - interval '{GRACE}'")
    old = tables.rows(f"DELETE FROM {{segment}} WHERE retired < now() - interval '{GRACE}' RETURNING id")
    if old:
        tables.run("DELETE FROM {posting} WHERE segment = ANY(%s)", ([ident for (ident,) in old],))
    settled = tables.rows(f"SELECT FROM search.state WHERE since < now() - interval '{GRACE}'")
    if settled:
        _forget_others(tables)


def _forget_others(tables: Tables) -> None:
    """Drop the tables of every other generation."""
    others = "SELECT tablename FROM pg_tables WHERE schemaname = 'search' AND tablename <> 'state'"
    for (name,) in tables.rows(others):
        if not name.endswith(tables.suffix):
            tables.connect().execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier("search", name)))
