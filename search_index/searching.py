"""A search request answered from any engine: scope, matches, ranking, facets, extracts, pages, correction."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from search_index.entry import Hit, SearchRequest, SearchResults
from search_index.passages import marked, passages, surface_forms
from search_index.query import Query, day_after, parse
from search_index.reranking import CANDIDATES, TITLE_ONLY, reranked
from search_index.source import MOST_VALUES, Ranked, Scope, Source, Weights
from search_index.spelling import corrected
from search_index.synonyms import Synonyms

DEEPEST = 1_000
"""Nobody reads further than this many hits; narrower words serve better."""
SYNONYM_WEIGHT = 0.5
MOST_CORRECTED = 2
"""Looking for the closest word reads every word of every title: no more than so many words of a search."""


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
        except (ValueError, TypeError, OverflowError, RecursionError):
            return None


def search(source: Source, request: SearchRequest, synonyms: Synonyms) -> SearchResults:
    """The page a reader asked for; words that nothing visible holds are read as they are likely spelt.

    A word that finds something is never replaced, so a correction only adds to what was found.
    """
    found = find(source, request, synonyms)
    if request.every_word or not request.text or (found.total and not found.unknown):
        return found
    likely = corrected(source, request.text, request.readers, MOST_CORRECTED)
    if likely is None:
        return found
    again = find(source, replace(request, text=likely), synonyms)
    return replace(again, corrected=likely, unknown=found.unknown) if again.total else found


def find(source: Source, request: SearchRequest, synonyms: Synonyms) -> SearchResults:
    """The page of results for the words as written."""
    query = parse(request.text)
    query.every_word = request.sort == "date" or request.every_word
    query.strict = request.every_word
    weights, query.alternatives = expanded(query.terms, synonyms)
    query.meanings = synonyms.expand(query.terms) if query.every_word else []
    source.prepare(weights)
    if not weights and query.text and not query.narrows():
        return SearchResults()
    scope = scope_of(request, query)
    selection = source.select(scope, query, found_by(query, weights))
    cursor = Cursor.decode(request.cursor)
    ranked = ranking(source, request, weights, selection, cursor)
    page = ranked[: request.limit]
    hits = tuple(show(source, doc, score, weights, request.passages) for score, doc in page)
    facets = facet_counts(source, query, weights, scope, selection)  # first: who tallied a selection has counted it
    return SearchResults(
        hits=hits,
        total=source.count(selection),
        facets=facets,
        next_cursor=_next(hits, page, cursor) if len(ranked) > request.limit else None,
        unknown=unknown(source, query, request.readers),
    )


def unknown(source: Source, query: Query, readers: frozenset[str]) -> tuple[str, ...]:
    """The words typed that no entry the reader may see holds; what others wrote is not told."""
    visible = Scope(readers=frozenset(readers))
    missing = [term for term in dict.fromkeys(query.terms) if not source.some(source.select(visible, Query(), [term]))]
    typed = surface_forms(query.text)
    return tuple(typed.get(term, term) for term in missing)


def expanded(terms: list[str], synonyms: Synonyms) -> tuple[Weights, list[tuple[str, ...]]]:
    """What each term is worth (what was typed counts fully, what also means it less), and phrases that also mean it."""
    weights: Weights = {}
    for term in terms:
        weights[term] = weights.get(term, 0.0) + 1.0
    others = [other for _, other in synonyms.expand(terms)]
    for other in others:
        for term in other:
            weights.setdefault(term, SYNONYM_WEIGHT / len(other))
    return weights, [other for other in others if len(other) > 1]


def found_by(query: Query, weights: Weights) -> list[str]:
    """The terms that are enough to be found; those of a phrase that also means what was typed are not, one by one."""
    in_phrases = {term for phrase in query.alternatives for term in phrase}
    return [term for term in weights if term in query.terms or term not in in_phrases]


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


def ranking(source: Source, request: SearchRequest, weights: Weights, selection: Any, cursor: Cursor | None) -> Ranked:
    """The hits after the cursor, one more than the page holds when there are more."""
    wanted = min((cursor.seen if cursor else 0) + request.limit + 1, DEEPEST + 1)
    if request.sort == "date" or not weights:
        ranked = source.latest(selection, wanted)
    elif len(weights) == 1:
        ranked = source.best(weights, selection, wanted)
    else:
        typed = {term for term, weight in weights.items() if weight >= 1}
        ranked = source.best(weights, selection, max(wanted, CANDIDATES))
        ranked = reranked(source, ranked, typed, weights, TITLE_ONLY)[:wanted]
    return _after(source, ranked, cursor) if cursor else ranked


def _after(source: Source, ranked: Ranked, cursor: Cursor) -> Ranked:
    """What follows the last hit shown, found by its id, or by its rank when it has gone."""
    for position, (rank, doc) in enumerate(ranked):
        if abs(rank - cursor.rank) < 1e-6 * max(1.0, abs(rank)) and source.record(doc)["id"] == cursor.id:
            return ranked[position + 1 :]
    return [pair for pair in ranked if pair[0] < cursor.rank]


def _next(hits: tuple[Hit, ...], page: Ranked, cursor: Cursor | None) -> str | None:
    seen = (cursor.seen if cursor else 0) + len(hits)
    return Cursor(seen, page[-1][0], hits[-1].id).encode() if hits and seen < DEEPEST else None


def facet_counts(
    source: Source, query: Query, weights: Weights, scope: Scope, selection: Any
) -> Mapping[str, list[tuple[str, int]]]:
    """How many visible matches carry each value; a facet already used to narrow still shows its other values."""
    counts = {}
    for name in ("kind", *sorted(source.facet_names())):
        wider = _without(scope, name)
        tally = source.count_values(source.select(wider, query, found_by(query, weights)) if wider else selection, name)
        if tally:
            counts[name] = sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES]
    return counts


def _without(scope: Scope, name: str) -> Scope | None:
    """The scope without its filter on one facet; None when there is none."""
    if name == "kind":
        return replace(scope, kinds=()) if scope.kinds else None
    filters = scope.filters or {}
    return replace(scope, filters={one: filters[one] for one in filters if one != name}) if name in filters else None


def show(source: Source, doc: Any, score: float, weights: Weights, extracts: int) -> Hit:
    """One hit with its marked title and extracts."""
    record = source.record(doc)
    worth = {term: weight * source.rarity(term) for term, weight in weights.items()}
    return Hit(
        id=record["id"],
        kind=record["kind"],
        ref=record["ref"],
        score=score,
        title=record["title"],
        title_html_parts=marked(record["title"], weights),
        passages=passages(record, worth, extracts),
        facets=record["facets"],
        author=record["author"],
        created_at=datetime.fromtimestamp(record["created"], UTC) if record["created"] else None,
    )
