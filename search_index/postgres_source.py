"""Selections, counts and rankings in SQL. A selection is a condition and its parameters.

For a ranking, entries that hold one of the terms worth most are candidates; each gets its exact score, the same sum of
price times weight as in the other engine.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from search_index.analysis import terms
from search_index.postgres_store import ALL, KEY_LETTER, WORD_LETTER, State
from search_index.query import Query
from search_index.recipe import keys_of
from search_index.schema import facet_key, facet_value, same_facet
from search_index.snapshot import day_start
from search_index.source import Ranked, Scope, Source, Weights

ENOUGH = 3_000
"""Terms are taken, those worth most first, until so many postings are candidates."""
LIKELY = 300
"""Entries whose exact score is worked out."""
READ_AT_ONCE = 64


@dataclass(frozen=True)
class Selection:
    """Conditions that all hold, written in SQL with their parameters."""

    conditions: tuple[str, ...] = ("true",)
    values: tuple[Any, ...] = ()

    def and_(self, condition: str, *values: Any) -> Selection:
        return Selection((*self.conditions, condition), (*self.values, *values))

    @property
    def where(self) -> sql.SQL:
        return sql.SQL(" AND ".join(f"({condition})" for condition in self.conditions))


@dataclass
class Held:
    """What was read of an entry."""

    record: dict[str, Any]
    keys: frozenset[str]
    impacts: Mapping[str, float]


@dataclass
class PostgresSource(Source):
    """One generation seen through one connection, for the time of one answer."""

    connection: psycopg.Connection
    state: State
    _counts: dict[str, int] = field(default_factory=dict)
    _held: dict[int, Held] = field(default_factory=dict)
    _ranked: list[int] = field(default_factory=list)
    _tallies: dict[tuple[Any, ...], dict[str, int]] = field(default_factory=dict)
    _facets: list[str] | None = None

    def _rows(self, query: str, values: Sequence[Any] = (), **names: Any) -> list[tuple[Any, ...]]:
        names = {"entries": self.state.entries, "terms": self.state.terms, **names}
        return self.connection.execute(sql.SQL(query).format(**names), values).fetchall()

    def prepare(self, terms: Iterable[str]) -> None:
        self._count([key for term in terms for key in keys_of(term)])

    def _count(self, keys: Collection[str]) -> None:
        asked = [key for key in {*keys, ALL} if key not in self._counts]
        if asked:
            self._counts.update(dict.fromkeys(asked, 0))
            self._counts.update(self._rows("SELECT key, n FROM {terms} WHERE key = ANY(%s)", (asked,)))

    def _n(self, key: str) -> int:
        if key not in self._counts or ALL not in self._counts:
            self._count([key])
        return self._counts[key]

    def idf(self, key: str) -> float:
        n = self._n(key)
        return math.log(1 + (self._counts[ALL] - n + 0.5) / (n + 0.5)) if n else 0.0

    def key_rarity(self, key: str) -> float:
        n = self._n(KEY_LETTER + key)
        return math.log(1 + self._counts[ALL] / n) if n else 0.0

    def select(self, scope: Scope, query: Query | None = None, terms: Collection[str] = ()) -> Selection:
        found = self._within(scope)
        if query is None:
            return found
        for phrase in query.phrases:
            found = found.and_(*_phrase(phrase))
        for excluded in query.excluded:
            condition, *values = _phrase(excluded)
            found = found.and_(f"NOT ({condition})", *values)
        if terms:
            ways: list[tuple[Any, ...]] = [("terms && %s::text[]", [key for term in terms for key in keys_of(term)])]
            ways += [_phrase(phrase) for phrase in query.alternatives]
            condition = " OR ".join(f"({way[0]})" for way in ways)
            found = found.and_(condition, *(value for way in ways for value in way[1:]))
        if query.every_word and query.terms:
            strict = found.and_(*_every_word(query))
            found = strict if query.strict or self.some(strict) else found
        return found

    def _within(self, scope: Scope) -> Selection:
        found = Selection().and_("keys && %s::text[]", [f"access:{token}" for token in scope.readers])
        if scope.kinds:
            found = found.and_("keys && %s::text[]", [f"kind:{kind}" for kind in scope.kinds])
        for name, values in (scope.filters or {}).items():
            wanted = {same_facet(value) for value in values}
            same = [key for key in self._facet_keys() if key.startswith(facet_key(name, ""))]
            same = [key for key in same if same_facet(facet_value(key)) in wanted]
            found = found.and_("keys && %s::text[]", same)
        for word in scope.author:
            found = found.and_("keys @> %s::text[]", [f"author:{word}"])
        if scope.exclude:
            found = found.and_("NOT keys && %s::text[]", [f"id:{ident}" for ident in scope.exclude])
        if scope.after:
            found = found.and_("created >= %s", day_start(scope.after))
        if scope.before:
            found = found.and_("created < %s", day_start(scope.before))
        return found

    def titled(self, selection: Selection, words: Collection[str]) -> Selection:
        return selection.and_("terms && %s::text[]", [WORD_LETTER + word for word in words])

    def some(self, selection: Selection) -> bool:
        query = "SELECT EXISTS (SELECT FROM {entries} WHERE {where})"
        return self._rows(query, selection.values, where=selection.where)[0][0]

    def count(self, selection: Selection) -> int:
        """Every entry is of one kind: a selection whose kinds were tallied is counted."""
        tally = self._tallies.get(_name_of(selection))
        if tally is not None:
            return sum(n for key, n in tally.items() if key.startswith("kind:"))
        return self._rows("SELECT count(*) FROM {entries} WHERE {where}", selection.values, where=selection.where)[0][0]

    def _facet_keys(self) -> list[str]:
        if self._facets is None:
            prefix = KEY_LETTER + "="
            rows = self._rows("SELECT key FROM {terms} WHERE key >= %s AND key < %s", (prefix, prefix + "\U0010ffff"))
            self._facets = [key[1:] for (key,) in rows]
        return self._facets

    def facet_names(self) -> Collection[str]:
        return {key[1:].partition("=")[0] for key in self._facet_keys()}

    def count_values(self, selection: Selection, name: str) -> Mapping[str, int]:
        asked = _name_of(selection)
        if asked not in self._tallies:
            query = (
                "SELECT key, count(*) FROM {entries}, unnest(keys) AS key WHERE {where} "
                "AND (starts_with(key, '=') OR starts_with(key, 'kind:')) GROUP BY key"
            )
            self._tallies[asked] = dict(self._rows(query, selection.values, where=selection.where))
        start = "kind:" if name == "kind" else facet_key(name, "")
        return {key[len(start) :]: n for key, n in self._tallies[asked].items() if key.startswith(start)}

    def best(self, weights: Weights, selection: Selection, limit: int) -> Ranked:
        priced = self.priced(weights)
        essential, postings = [], 0
        for key in sorted(priced, key=lambda key: (-priced[key], key)):
            if postings >= ENOUGH:
                break
            essential.append(key)
            postings += self._n(key)
        found = self._scored(selection, priced, essential, limit)
        if len(found) < limit and len(essential) < len(priced):
            found = self._scored(selection, priced, list(priced), limit)
        self._ranked = [doc for _, doc in found]
        return found

    def _scored(self, selection: Selection, priced: Mapping[str, float], keys: list[str], limit: int) -> Ranked:
        """Exact scores for the entries where the terms held are worth most, all weights taken as equal.

        Adding an empty object to the weights makes PostgreSQL unpack them once for an entry, not once for each term.
        """
        query = (
            "WITH likely AS (SELECT held.n, sum(asked.price) FROM unnest(%s::text[], %s::float8[]) AS asked(key, price), "
            "LATERAL (SELECT n FROM {entries} WHERE terms @> ARRAY[asked.key] AND {where}) AS held "
            "GROUP BY held.n ORDER BY 2 DESC, held.n LIMIT %s), "
            "open AS (SELECT n, created, impacts || '{{}}' AS impacts FROM {entries} JOIN likely USING (n) OFFSET 0), "
            "scored AS (SELECT n, created, (SELECT sum((impacts->>asked.key)::float8 * asked.price) "
            "FROM unnest(%s::text[], %s::float8[]) AS asked(key, price)) AS score FROM open OFFSET 0) "
            "SELECT score, n FROM scored WHERE score > 0 ORDER BY score DESC, created DESC, n LIMIT %s"
        )
        likely = ([*keys], [priced[key] for key in keys], *selection.values, max(LIKELY, 3 * limit))
        values = (*likely, list(priced), list(priced.values()), limit)
        return [(float(score), n) for score, n in self._rows(query, values, where=selection.where)]

    def latest(self, selection: Selection, limit: int) -> Ranked:
        query = "SELECT created, n FROM {entries} WHERE {where} ORDER BY created DESC, n LIMIT %s"
        rows = self._rows(query, (*selection.values, limit), where=selection.where)
        self._ranked = [n for _, n in rows]
        return [(float(created), n) for created, n in rows]

    def _entry(self, doc: int) -> Held:
        """An entry, read together with others of the ranking: they will be asked for next."""
        if doc not in self._held:
            wanted = [doc, *[other for other in self._ranked if other not in self._held][:READ_AT_ONCE]]
            for n, record, keys, impacts in self._rows(
                "SELECT n, record, keys, impacts FROM {entries} WHERE n = ANY(%s)", (wanted,)
            ):
                self._held[n] = Held(record, frozenset(keys), impacts)
        return self._held[doc]

    def record(self, doc: int) -> dict[str, Any]:
        return self._entry(doc).record

    def tags(self, doc: int) -> tuple[str, ...]:
        return tuple(self._entry(doc).record["facets"].get("tag", ()))

    def title_terms(self, doc: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(terms(self._entry(doc).record["title"])))

    def weight(self, doc: int, key: str) -> float:
        return self._entry(doc).impacts.get(key, 0.0)

    def carries(self, doc: int, key: str) -> bool:
        return key in self._entry(doc).keys

    def words_from(self, prefix: str, limit: int) -> list[str]:
        start = WORD_LETTER + prefix
        query = "SELECT key FROM {terms} WHERE key >= %s AND key < %s ORDER BY key LIMIT %s"
        return [key[1:] for (key,) in self._rows(query, (start, start + "\U0010ffff", limit))]

    def vocabulary(self) -> Collection[str]:
        return self.words_from("", 1_000_000)


def _name_of(selection: Selection) -> tuple[Any, ...]:
    return selection.conditions, repr(selection.values)


def _every_word(query: Query) -> tuple[Any, ...]:
    """The condition that an entry holds every word typed, or what also means it, and its parameters."""
    ways, values = [], []
    for words, phrase in query.wordings():
        parts = ["terms && %s::text[]"] * len(words)
        values += [keys_of(term) for term in words]
        if phrase:
            condition, *more = _phrase(phrase)
            parts.append(condition)
            values += more
        ways.append(" AND ".join(parts))
    return " OR ".join(f"({way})" for way in ways), *values


def _phrase(phrase: tuple[str, ...]) -> tuple[Any, ...]:
    """The condition that an entry holds these terms side by side, and its parameters."""
    condition = " AND ".join(["terms && %s::text[]"] * len(phrase))
    values = [keys_of(term) for term in phrase]
    if len(phrase) == 1:
        return condition, *values
    return f"{condition} AND position(%s in sequence) > 0", *values, f" {' '.join(phrase)} "
