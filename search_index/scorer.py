"""The best documents for weighted terms: exact scores, without scoring every document that holds a common word.

A posting carries the document side of its score, so the highest weight of a list bounds what the list can add. Lists are
read from the one that can add most; once those left cannot lift a document above the best found, they are only looked up
for the documents still in the race (Turtle and Flood's MaxScore). All scores are then added up in one order, so that the
result does not depend on which lists were skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import nlargest
from itertools import accumulate
from operator import itemgetter

from search_index.segment import Postings, Segment
from search_index.snapshot import DocId, Snapshot

Priced = list[tuple[float, Postings]]
EPSILON = 1e-9
PROBED, SUMMED = 4, 12
"""The first bound comes from the best documents of the first four lists, counting what twelve lists give them."""
SHORT = 2_000
"""So few postings are read faster than a bound is found."""
FEW = 1_000
SCAN = 8
"""Looking a document up in a list costs as much as reading this many postings."""


def best(snapshot: Snapshot, priced: Mapping[str, float], allowed: list[int], limit: int) -> list[tuple[float, DocId]]:
    """The `limit` best documents inside `allowed`, best first; equals by most recent, then by place in the index."""
    found: list[tuple[float, DocId]] = []
    for number, segment in enumerate(snapshot.segments):
        if allowed[number]:
            found += [(score, (number, i)) for score, i in best_in(segment, priced, allowed[number], limit)]
    found.sort(key=itemgetter(0), reverse=True)
    last = found[limit - 1][0] if len(found) > limit else 0.0
    found = [pair for pair in found if pair[0] >= last]
    if len(dict(found)) < len(found):  # equals
        found.sort(key=lambda pair: (-pair[0], -snapshot.stamp(pair[1]), pair[1]))
    return found[:limit]


def best_in(segment: Segment, priced: Mapping[str, float], allowed: int, limit: int) -> list[tuple[float, int]]:
    """The best documents of one segment, all those that tie with the last included."""
    lists = [(price, segment.postings(key)) for key, price in priced.items()]
    lists = [(price, found) for price, found in lists if found.ids]
    if not lists:
        return []
    flags = segment.flags(allowed)
    if sum(len(found.ids) for _, found in lists) < SHORT:
        whole = _read_whole(lists, flags)
        return [(whole[i], i) for i in _leaders(whole, limit)]
    ordered = sorted(lists, key=lambda one: one[0] * one[1].peak, reverse=True)
    rest = list(accumulate((price * found.peak for price, found in reversed(ordered)), initial=0.0))[::-1]
    scores, read, bound = _read_lists(ordered, rest, flags, limit)
    kept = _look_up(ordered, rest, scores, read, bound)
    return [(score_of(lists, i), i) for i in _leaders(kept, limit)]


def _read_whole(lists: Priced, flags: bytes) -> dict[int, float]:
    """The score of every document, its terms added in the order of the query."""
    price, found = lists[0]
    scores = {i: price * weight for i, weight in zip(found.ids, found.weights) if flags[i]}  # noqa: B905
    get = scores.get
    for price, found in lists[1:]:
        for i, weight in zip(found.ids, found.weights):  # noqa: B905 - the inner loop of every search
            if flags[i]:
                scores[i] = get(i, 0.0) + price * weight
    return scores


def score_of(lists: Priced, docnum: int) -> float:
    """The score of one document, its terms always added in the order of the query."""
    return sum(price * found.weight(docnum) for price, found in lists)


def _read_lists(ordered: Priced, rest: list[float], flags: bytes, limit: int) -> tuple[dict[int, float], int, float]:
    """Read lists while a document found in none of those before could still be among the best.

    `rest[n]` is what list n and those after it can add. Returns partial scores, the number of lists read, and a score
    that `limit` documents are known to reach. When only the documents where the first list weighs most can reach it, that
    list is not read whole either.
    """
    bound = _first_bound(ordered, flags, limit)
    price, found = ordered[0]
    if price * found.floor() + rest[1] < bound - EPSILON:
        return {i: price * found.weight(i) for i in found.strongest() if flags[i]}, 1, bound
    scores: dict[int, float] = {}
    get = scores.get
    for read, (price, found) in enumerate(ordered):
        if rest[read] < bound - EPSILON:
            return scores, read, bound
        for i, weight in zip(found.ids, found.weights):  # noqa: B905 - the inner loop of every search
            if flags[i]:
                scores[i] = get(i, 0.0) + price * weight
        if read & (read + 1) == 0 and len(scores) > limit:  # after 1, 2, 4, 8… lists
            bound = max(bound, nlargest(limit, scores.values())[-1])
    return scores, len(ordered), bound


def _first_bound(ordered: Priced, flags: bytes, limit: int) -> float:
    """A score that at least `limit` documents reach, from the documents where the strongest lists weigh most."""
    likely: set[int] = set()
    for _, found in ordered[:PROBED]:
        likely.update([i for i in found.strongest() if flags[i]][:limit])
    if len(likely) < limit:
        return 0.0
    return nlargest(limit, (score_of(ordered[:SUMMED], i) for i in likely))[-1]


def _look_up(ordered: Priced, rest: list[float], scores: dict[int, float], read: int, bound: float) -> dict[int, float]:
    """Complete the scores of the documents that can still reach the bound, from the lists that were not read."""
    least = bound - EPSILON - rest[read]
    kept = {i: score for i, score in scores.items() if score >= least}
    for (price, found), after in zip(ordered[read:], rest[read + 1 :], strict=True):
        least = bound - EPSILON - after
        if len(found.ids) < SCAN * len(kept):
            for i, weight in zip(found.ids, found.weights):  # noqa: B905 - the inner loop of every search
                if i in kept:
                    kept[i] += price * weight
            kept = {i: score for i, score in kept.items() if score >= least}
        else:
            weight_of = found.weight
            kept = {i: total for i, score in kept.items() if (total := score + price * weight_of(i)) >= least}
    return kept


def _leaders(scores: dict[int, float], limit: int) -> list[int]:
    """The documents with the best scores, ties with the last included."""
    if len(scores) <= limit:
        return list(scores)
    last = _nth(scores, limit) - EPSILON
    return [i for i, score in scores.items() if score >= last]


def _nth(scores: dict[int, float], limit: int) -> float:
    """The score of the `limit`-th best document: few are sorted, of many the best are picked out."""
    if len(scores) < FEW:
        return sorted(scores.values(), reverse=True)[limit - 1]
    return nlargest(limit, scores.values())[-1]
