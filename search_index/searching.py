"""A search request answered from a snapshot: scope, matches, ranking, facets, extracts, pages."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, compress
from typing import Any

from search_index.entry import Hit, SearchRequest, SearchResults
from search_index.passages import marked, passages
from search_index.query import Query, day_after, parse
from search_index.schema import facet_key
from search_index.scorer import Weights, best
from search_index.segment import FEW_VALUES, Segment, bits_of
from search_index.snapshot import DocId, Scope, Snapshot
from search_index.synonyms import Synonyms

DEEPEST = 1_000
"""Nobody reads further than this many hits; narrower words serve better."""
MOST_VALUES = 30
PHRASES_READ = 2_000
SYNONYM_WEIGHT = 0.5


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: how many hits were shown, and the rank and id of the last one."""

    seen: int
    rank: float
    id: str

    def encode(self) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.seen, self.rank, self.id]).encode()).decode()

    @classmethod
    def decode(cls, text: str | None) -> Cursor | None:
        """None for a first page, and for anything that is not one of our cursors."""
        try:
            seen, rank, ident = json.loads(base64.urlsafe_b64decode((text or "").encode()))
            return cls(max(0, min(int(seen), DEEPEST)), float(rank), str(ident))
        except (ValueError, TypeError):
            return None


def search(snapshot: Snapshot, request: SearchRequest, synonyms: Synonyms) -> SearchResults:
    """The page of results a reader asked for."""
    query = parse(request.text)
    weights = expanded(query.terms, synonyms)
    scope = scope_of(request, query)
    allowed = restrict(snapshot, query, snapshot.allowed(scope))
    query.every_word = request.sort == "date"
    matched = matching(snapshot, query, weights, allowed)
    ranked, cursor = ranking(snapshot, request, query, weights, matched)
    page = ranked[: request.limit]
    hits = tuple(show(snapshot, doc, score, weights, request.passages) for score, doc in page)
    return SearchResults(
        hits=hits,
        total=sum(bits.bit_count() for bits in matched),
        facets=facet_counts(snapshot, query, weights, scope, matched),
        next_cursor=_next(hits, page, cursor) if len(ranked) > request.limit else None,
        unknown=tuple(dict.fromkeys(term for term in query.terms if not snapshot.rarity(term))),
    )


def expanded(terms: list[str], synonyms: Synonyms) -> Weights:
    """What each term is worth: what was typed counts fully, what also means it less."""
    weights: Weights = {}
    for term in terms:
        weights[term] = weights.get(term, 0.0) + 1.0
    for _, others in synonyms.expand(terms):
        for term in others:
            weights.setdefault(term, SYNONYM_WEIGHT / len(others))
    return weights


def scope_of(request: SearchRequest, query: Query) -> Scope:
    """The filters of the page and those typed in the box, together."""
    filters = {name: tuple(values) for name, values in request.filters.items() if values}
    if query.tags:
        filters["tag"] = tuple(query.tags)
    if query.communities:
        filters["community"] = tuple(query.communities)
    kinds = tuple(request.kinds)
    if query.kinds:
        kinds = tuple(kind for kind in query.kinds if not kinds or kind in kinds) or ("",)
    days_after = [day for day in (request.after, query.after) if day]
    days_before = [day for day in (day_after(request.before) if request.before else None, query.before) if day]
    return Scope(
        readers=frozenset(request.readers),
        kinds=kinds,
        filters=filters,
        author=query.author,
        after=max(days_after, default=None),
        before=min(days_before, default=None),
    )


def restrict(snapshot: Snapshot, query: Query, allowed: list[int]) -> list[int]:
    """Keep what holds every phrase and nothing excluded."""
    kept = []
    for segment, bits in zip(snapshot.segments, allowed, strict=True):
        for phrase in query.phrases:
            bits = phrase_bits(segment, phrase, bits)
        for excluded in query.excluded:
            bits &= ~phrase_bits(segment, excluded, bits)
        kept.append(bits)
    return kept


def phrase_bits(segment: Segment, phrase: tuple[str, ...], within: int) -> int:
    """Documents that hold these terms next to each other, stop words aside."""
    for term in phrase:
        within &= segment.term_bits(term)
    if len(phrase) == 1 or not within:
        return within
    wanted = f" {' '.join(phrase)} "
    candidates = list(compress(range(segment.size), segment.flags(within)))[-PHRASES_READ:]
    return bits_of([i for i in candidates if wanted in segment.record(i)["sequence"]], segment.size)


def matching(snapshot: Snapshot, query: Query, weights: Weights, allowed: list[int]) -> list[int]:
    """Documents that hold a word of the query; without words, every document of the scope."""
    if not weights:
        return allowed if not query.text or _only_filters(query) else [0] * len(allowed)
    matched = []
    for segment, bits in zip(snapshot.segments, allowed, strict=True):
        any_term = 0
        for term in weights:
            any_term |= segment.term_bits(term)
        matched.append(bits & any_term)
    return all_terms(snapshot, query, matched) if query.every_word else matched


def _only_filters(query: Query) -> bool:
    return bool(
        query.tags or query.communities or query.kinds or query.author or query.after or query.before or query.excluded
    )


def ranking(
    snapshot: Snapshot, request: SearchRequest, query: Query, weights: Weights, matched: list[int]
) -> tuple[list[tuple[float, DocId]], Cursor | None]:
    """The hits after the cursor, one more than the page holds when there are more."""
    cursor = Cursor.decode(request.cursor)
    wanted = min((cursor.seen if cursor else 0) + request.limit + 1, DEEPEST + 1)
    if request.sort == "date" or not weights:
        ranked = latest(snapshot, matched, wanted)
    else:
        ranked = best(snapshot, weights, matched, wanted)
    return (_after(snapshot, ranked, cursor) if cursor else ranked), cursor


def all_terms(snapshot: Snapshot, query: Query, matched: list[int]) -> list[int]:
    """By date, one rare word is not enough: keep what holds every word, or everything when nothing does."""
    strict = []
    for segment, bits in zip(snapshot.segments, matched, strict=True):
        for term in query.terms:
            bits &= segment.term_bits(term)
        strict.append(bits)
    return strict if any(strict) else matched


def latest(snapshot: Snapshot, matched: list[int], limit: int) -> list[tuple[float, DocId]]:
    """The most recent documents; the rank is the moment of creation."""
    found: list[tuple[float, DocId]] = []
    for number, (segment, bits) in enumerate(zip(snapshot.segments, matched, strict=True)):
        if not bits:
            continue
        flags, stamps, taken = segment.flags(bits), segment.stamps(), 0
        for i in segment.by_date():
            if flags[i]:
                found.append((float(stamps[i]), (number, i)))
                taken += 1
                if taken == limit:
                    break
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return found[:limit]


def _after(snapshot: Snapshot, ranked: list[tuple[float, DocId]], cursor: Cursor) -> list[tuple[float, DocId]]:
    """What follows the last hit shown, found by its id, or by its rank when it has gone."""
    for position, (rank, doc) in enumerate(ranked):
        if abs(rank - cursor.rank) < 1e-6 * max(1.0, abs(rank)) and snapshot.record(doc)["id"] == cursor.id:
            return ranked[position + 1 :]
    return [pair for pair in ranked if pair[0] < cursor.rank]


def _next(hits: tuple[Hit, ...], page: list[tuple[float, DocId]], cursor: Cursor | None) -> str | None:
    seen = (cursor.seen if cursor else 0) + len(hits)
    return Cursor(seen, page[-1][0], hits[-1].id).encode() if hits and seen < DEEPEST else None


def facet_counts(
    snapshot: Snapshot, query: Query, weights: Weights, scope: Scope, matched: list[int]
) -> dict[str, list[tuple[str, int]]]:
    """How many visible matches carry each value; a facet already used to narrow still shows its other values."""
    counts: dict[str, Counter[str]] = {}
    open_scopes = {name: _without(snapshot, query, weights, scope, name) for name in _narrowed(scope)}
    for number, segment in enumerate(snapshot.segments):
        for name in ("kind", *segment.facet_names()):
            bits = open_scopes.get(name, matched)[number]
            if bits:
                counts.setdefault(name, Counter()).update(count_values(segment, name, bits))
    return {
        name: sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES]
        for name, tally in counts.items()
    }


def count_values(segment: Segment, name: str, bits: int) -> dict[str, int]:
    """How many of these documents carry each value: bit by bit for few values, document by document for many."""
    keys = segment.kind_keys() if name == "kind" else segment.facet_keys(name)
    if len(keys) > FEW_VALUES:
        carried = Counter(chain.from_iterable(compress(segment.carried(name), segment.flags(bits))))
        counted = ((keys[number], count) for number, count in carried.items())
    else:
        counted = ((key, (bits & segment.key_bits(key)).bit_count()) for key in keys)
    start = len("kind:") if name == "kind" else len(facet_key(name, ""))
    return {key[start:]: count for key, count in counted if count}


def _narrowed(scope: Scope) -> list[str]:
    return [*(scope.filters or {}), *(["kind"] if scope.kinds else [])]


def _without(snapshot: Snapshot, query: Query, weights: Weights, scope: Scope, name: str) -> list[int]:
    if name == "kind":
        wider = replace(scope, kinds=())
    else:
        wider = replace(scope, filters={one: values for one, values in (scope.filters or {}).items() if one != name})
    return matching(snapshot, query, weights, restrict(snapshot, query, snapshot.allowed(wider)))


def show(snapshot: Snapshot, doc: DocId, score: float, weights: Weights, extracts: int) -> Hit:
    """One hit with its marked title and extracts."""
    record: dict[str, Any] = snapshot.record(doc)
    priced = {term: weight * snapshot.rarity(term) for term, weight in weights.items()}
    return Hit(
        id=record["id"],
        kind=record["kind"],
        ref=record["ref"],
        score=score,
        title=record["title"],
        title_html_parts=marked(record["title"], weights),
        passages=passages(record, priced, extracts),
        facets=record["facets"],
        author=record["author"],
        created_at=datetime.fromtimestamp(record["created"], UTC) if record["created"] else None,
    )
