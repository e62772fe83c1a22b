"""Which entries are close to a text, and why: key terms, score, reasons in the words people wrote."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from search_index.analysis import fold, tell_little, term_of, tokens, words
from search_index.entry import Related, Suggestion
from search_index.passages import marked, surface_forms
from search_index.recipe import keys_of
from search_index.reranking import CANDIDATES, TITLE_ONLY, WITH_BODY, reranked
from search_index.schema import facet_key
from search_index.source import Scope, Source, Weights
from search_index.synonyms import Synonyms

KEY_TERMS = 40
TITLE_WEIGHT = 3.0
SYNONYM_WEIGHT = 0.3
MOST_REASONS = 5
MOST_TYPED_REASONS, READ_FOR_WORDS = 3, 600
FULL_MATCH = 4.0
"""What a term is worth, rarity apart, in an entry that has it in its title, its tags and several times in its body."""
MINIMUM = 0.12
"""Below this share of what a full match would score nothing is proposed: better none than a wrong one."""
BESIDE_THE_FIRST = 0.75
"""Nor is what scores less than this share of the first: one good link is worth more than five doubtful ones."""
FACET_WEIGHTS = {"tag": 0.5, "cpv": 0.5, "phase": 0.1, "dimension": 0.1, "contract_type": 0.1}
READ = 30_000
FOR_EACH = 10
"""So many candidates are put in order for each entry asked for: the two or three shown while one types come fast."""
SHORTEST_PREFIX = 3
MOST_EXPANSIONS = 30


@dataclass(frozen=True)
class Text:
    """What links are looked for: a post being written, or one already there."""

    title: str
    body: str = ""
    facets: Mapping[str, Collection[str]] = field(default_factory=dict)


def key_terms(source: Source, title: str, body: str, synonyms: Synonyms) -> Weights:
    """The terms that say what a text is about: those of its title, then the rarest and most repeated of its body."""
    counts = Counter(token.term for token in tokens(body[:READ]))
    weights = {term: 1 + math.log(count) for term, count in counts.items()}
    in_title = [token.term for token in tokens(title[:READ])]
    for term in set(in_title):
        weights[term] = weights.get(term, 0.0) + TITLE_WEIGHT
    for _, others in synonyms.expand(in_title):
        for term in others:
            weights.setdefault(term, SYNONYM_WEIGHT * TITLE_WEIGHT / len(others))
    source.prepare(weights)
    worth = {term: weight * rarity for term, weight in weights.items() if (rarity := source.rarity(term))}
    return {term: weights[term] for term in sorted(worth, key=lambda term: (-worth[term], term))[:KEY_TERMS]}


def related(
    source: Source, text: Text, scope: Scope, synonyms: Synonyms, limit: int, minimum: float | None
) -> list[Related]:
    """The entries of the scope closest to a text, best first, none below the threshold."""
    weights = key_terms(source, text.title, text.body, synonyms)
    full = FULL_MATCH * sum(weight * source.rarity(term) for term, weight in weights.items())
    if not full:
        return []
    found = []
    ranked = source.best(weights, source.select(scope), max(min(CANDIDATES, FOR_EACH * limit), limit))
    asked = {token.term for token in tokens(text.title[:READ])}
    model = WITH_BODY if text.body.strip() else TITLE_ONLY
    for share, doc in reranked(source, ranked, asked, weights, model):
        bonus, facts = shared_facts(source, doc, text.facets)
        found.append((share / full * (1 + bonus), doc, facts))
    found.sort(key=lambda one: -one[0])
    floor = minimum if minimum is not None else max(MINIMUM, BESIDE_THE_FIRST * found[0][0] if found else 0.0)
    written = surface_forms(text.title[:READ], text.body[:READ])
    return [
        describe(source, doc, min(1.0, share), facts + reasons(source, doc, weights, written))
        for share, doc, facts in found[:limit]
        if share >= floor
    ]


def shared_facts(source: Source, doc: Any, facets: Mapping[str, Collection[str]]) -> tuple[float, tuple[str, ...]]:
    """How much the facets in common add, and their values."""
    bonus, shared = 0.0, []
    for name, values in facets.items():
        for value in values:
            if name in FACET_WEIGHTS and source.carries(doc, facet_key(name, value)):
                bonus += FACET_WEIGHTS[name]
                shared.append(value)
    return min(bonus, 1.0), tuple(shared[:2])


def reasons(source: Source, doc: Any, weights: Weights, written: Mapping[str, str]) -> tuple[str, ...]:
    """The shared terms that weighed most, as they were written; numerals and dates only when there is nothing else."""
    worth = []
    for term, weight in weights.items():
        value = sum(source.idf(key) * source.weight(doc, key) for key in keys_of(term))
        if value:
            worth.append((weight * value, term))
    worth.sort(reverse=True)
    shared = [written[term] for _, term in worth if term in written]
    telling = [word for word in shared if fold(word) not in tell_little()]
    return tuple((telling or shared)[:MOST_REASONS])


def describe(source: Source, doc: Any, share: float, why: tuple[str, ...]) -> Related:
    record = source.record(doc)
    distinct = tuple(dict.fromkeys(why))[:MOST_REASONS]
    return Related(record["id"], record["kind"], record["ref"], round(share, 4), record["title"], distinct)


def suggest(source: Source, text: str, scope: Scope, limit: int) -> list[Suggestion]:
    """Titles that hold what is being typed; the last word may be unfinished."""
    typed = tokens(text)
    weights: Weights = {token.term: 1.0 for token in typed}
    expansions = unfinished(source, text)
    for token in (token for word in expansions for token in tokens(word)):
        weights.setdefault(token.term, 0.8)
    source.prepare(weights)
    selection = source.titled(source.select(scope), {*expansions, *_typed_words(text)})
    found = []
    for score, doc in source.best(weights, selection, limit):
        record = source.record(doc)
        parts = marked(record["title"], weights)
        written = surface_forms(text) | surface_forms(record["title"], *record["tags"], record["body"][:READ_FOR_WORDS])
        why = reasons(source, doc, weights, written)[:MOST_TYPED_REASONS]
        found.append(Suggestion(record["id"], record["kind"], record["ref"], score, record["title"], parts, why))
    return found


def _typed_words(text: str) -> list[str]:
    return [word for word in words(text)[:12] if term_of(word)]


def unfinished(source: Source, text: str) -> list[str]:
    """Title words that begin with the last word typed, when it has three letters and no space follows it."""
    typed = words(text)
    if not typed or text != text.rstrip() or len(typed[-1]) < SHORTEST_PREFIX:
        return []
    return source.words_from(typed[-1], MOST_EXPANSIONS)
