"""Which entries are close to a text, and why: key terms, score, reasons in the words people wrote."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping

from search_index.analysis import term_of, tokens, words
from search_index.entry import Related, Suggestion
from search_index.passages import marked
from search_index.schema import WORD, facet_key
from search_index.scorer import Weights, best
from search_index.segment import bits_of
from search_index.snapshot import DocId, Scope, Snapshot

KEY_TERMS = 24
MOST_REASONS = 5
MINIMUM = 0.12
"""Below this share of the text's own weight nothing is proposed: better none than a wrong one."""
FACET_WEIGHTS = {"tag": 0.5, "cpv": 0.5, "phase": 0.1, "dimension": 0.1, "contract_type": 0.1}
READ = 30_000
SHORTEST_PREFIX = 3
MOST_EXPANSIONS = 30


def key_terms(snapshot: Snapshot, title: str, body: str) -> Weights:
    """The terms that say what a text is about: its title twice, the rarest and most repeated of its body."""
    counts = Counter(token.term for token in tokens(body[:READ]))
    for token in tokens(title[:READ]):
        counts[token.term] += 2
    weights = {term: 1 + math.log(count) for term, count in counts.items() if snapshot.idf(term)}
    best_terms = sorted(weights, key=lambda term: (-weights[term] * snapshot.idf(term), term))[:KEY_TERMS]
    return {term: weights[term] for term in best_terms}


def related(
    snapshot: Snapshot,
    title: str,
    body: str,
    scope: Scope,
    facets: Mapping[str, Collection[str]],
    limit: int,
    minimum: float | None,
) -> list[Related]:
    """The entries of the scope closest to a text, best first, none below the threshold."""
    weights = key_terms(snapshot, title, body)
    whole = sum(weight * snapshot.idf(term) for term, weight in weights.items()) * snapshot.recipe.ceiling
    if not whole:
        return []
    found = []
    for score, doc in best(snapshot, weights, snapshot.allowed(scope), limit * 4):
        bonus, facts = shared_facts(snapshot, doc, facets)
        found.append((min(1.0, score / whole * (1 + bonus)), doc, facts))
    found.sort(key=lambda one: (-one[0], one[1]))
    floor = MINIMUM if minimum is None else minimum
    written = surface_forms(title, body)
    return [
        describe(snapshot, doc, share, facts + reasons(snapshot, doc, weights, written))
        for share, doc, facts in found[:limit]
        if share >= floor
    ]


def shared_facts(
    snapshot: Snapshot, doc: DocId, facets: Mapping[str, Collection[str]]
) -> tuple[float, tuple[str, ...]]:
    """How much the facets in common add, and their values."""
    bonus, shared = 0.0, []
    for name, values in facets.items():
        for value in values:
            if name in FACET_WEIGHTS and snapshot.segments[doc[0]].key_bits(facet_key(name, value)) >> doc[1] & 1:
                bonus += FACET_WEIGHTS[name]
                shared.append(value)
    return min(bonus, 1.0), tuple(shared[:2])


def reasons(snapshot: Snapshot, doc: DocId, weights: Weights, written: Mapping[str, str]) -> tuple[str, ...]:
    """The shared terms that weighed most, as they were written."""
    worth = []
    for term, weight in weights.items():
        found = snapshot.segments[doc[0]].postings(term)
        at = bisect_left(found.ids, doc[1])
        if at < len(found.ids) and found.ids[at] == doc[1]:
            worth.append((weight * snapshot.idf(term) * found.weights[at], term))
    worth.sort(reverse=True)
    return tuple(written[term] for _, term in worth[:MOST_REASONS] if term in written)


def surface_forms(title: str, body: str) -> dict[str, str]:
    """How each term is spelled in a text: its most usual form, acronyms in capitals."""
    forms: dict[str, Counter[str]] = {}
    for text in (title[:READ], body[:READ]):
        for token in tokens(text):
            word = text[token.start : token.end]
            word = word.rpartition("’")[2].rpartition("'")[2] or word
            forms.setdefault(token.term, Counter())[word if word.isupper() else word.lower()] += 1
    return {term: counted.most_common(1)[0][0] for term, counted in forms.items()}


def describe(snapshot: Snapshot, doc: DocId, share: float, why: tuple[str, ...]) -> Related:
    record = snapshot.record(doc)
    distinct = tuple(dict.fromkeys(why))[:MOST_REASONS]
    return Related(record["id"], record["kind"], record["ref"], round(share, 4), record["title"], distinct)


def suggest(snapshot: Snapshot, text: str, scope: Scope, limit: int) -> list[Suggestion]:
    """Titles that hold what is being typed; the last word may be unfinished."""
    typed = tokens(text)
    weights: Weights = {token.term: 1.0 for token in typed}
    expansions = unfinished(snapshot, text)
    for token in (token for word in expansions for token in tokens(word)):
        weights.setdefault(token.term, 0.8)
    allowed = []
    for segment, bits in zip(snapshot.segments, snapshot.allowed(scope), strict=True):
        in_titles = 0
        for word in {*expansions, *_typed_words(text)}:
            in_titles |= bits_of(segment.field_postings(WORD, word).ids, segment.size)
        allowed.append(bits & in_titles)
    found = []
    for score, doc in best(snapshot, weights, allowed, limit):
        record = snapshot.record(doc)
        parts = marked(record["title"], weights)
        found.append(Suggestion(record["id"], record["kind"], record["ref"], score, record["title"], parts))
    return found


def _typed_words(text: str) -> list[str]:
    return [word for word in words(text)[:12] if term_of(word)]


def unfinished(snapshot: Snapshot, text: str) -> list[str]:
    """Title words that begin with the last word typed, when it has three letters and no space follows it."""
    typed = words(text)
    if not typed or text != text.rstrip() or len(typed[-1]) < SHORTEST_PREFIX:
        return []
    found: dict[str, None] = {}
    for segment in snapshot.segments:
        found.update(dict.fromkeys(segment.expand(WORD, typed[-1], MOST_EXPANSIONS)))
    return list(found)[:MOST_EXPANSIONS]
