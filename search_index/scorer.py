"""The best documents for weighted terms: exact scores, without scoring every document that holds a common word.

A posting carries the document side of its score, so the highest weight of a list bounds what the list can add. Lists are
read from the one that can add most; once those left cannot lift a document above the best found, they are only looked up
for the documents still in the race (Turtle and Flood's MaxScore). All scores are then added up in one order, so that the
result does not depend on which lists were skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import nlargest
from operator import itemgetter

from search_index.segment import Postings, Segment, flags_of
from search_index.snapshot import DocId, Snapshot

Weights = dict[str, float]
"""What each term of the query is worth, rarity left out."""
Priced = list[tuple[float, Postings]]
EPSILON = 1e-9
PROBED = 4
"""The first bound is found among the best documents of so many lists."""


def best(snapshot: Snapshot, weights: Weights, allowed: list[int], limit: int) -> list[tuple[float, DocId]]:
    """The `limit` best documents inside `allowed`, best first; equals by most recent, then by place in the index."""
    priced = snapshot.priced(weights)
    found: list[tuple[float, DocId]] = []
    for number, segment in enumerate(snapshot.segments):
        if allowed[number]:
            found += [(score, (number, i)) for score, i in best_in(segment, priced, allowed[number], limit)]
    found.sort(key=lambda pair: (-pair[0], -snapshot.stamp(pair[1]), pair[1]))
    return found[:limit]


def best_in(segment: Segment, priced: Mapping[str, float], allowed: int, limit: int) -> list[tuple[float, int]]:
    """The best documents of one segment, all those that tie with the last included."""
    lists = [(price, segment.postings(key)) for key, price in priced.items()]
    lists = [(price, found) for price, found in lists if found.ids]
    if not lists:
        return []
    flags = flags_of(allowed, segment.size)
    ordered = sorted(lists, key=lambda one: one[0] * one[1].peak, reverse=True)
    bound = _first_bound(ordered, flags, limit)
    remaining = _race(ordered, flags, bound, limit)
    scored = [(score_of(lists, i), i) for i in remaining]
    if len(scored) > limit:
        last = nlargest(limit, map(itemgetter(0), scored))[-1] - EPSILON
        scored = [pair for pair in scored if pair[0] >= last]
    return scored


def score_of(lists: Priced, docnum: int) -> float:
    """The score of one document, its terms always added in the order of the query."""
    return sum(price * found.weight(docnum) for price, found in lists)


def _first_bound(ordered: Priced, flags: bytes, limit: int) -> float:
    """A score that at least `limit` documents reach, from the documents where the strongest lists weigh most."""
    likely: set[int] = set()
    for _, found in ordered[:PROBED]:
        likely.update([i for i in found.strongest() if flags[i]][:limit])
    if len(likely) < limit:
        return 0.0
    return nlargest(limit, (score_of(ordered, i) for i in likely))[-1]


def _race(ordered: Priced, flags: bytes, bound: float, limit: int) -> list[int]:
    """Documents that may be among the best: read the lists that matter, look the others up."""
    rest = [0.0]
    for price, found in reversed(ordered):
        rest.append(rest[-1] + price * found.peak)
    rest.reverse()  # rest[n]: what lists n and after can add
    scores: dict[int, float] = {}
    get = scores.get
    read = 0
    for price, found in ordered:
        if read and rest[read] < bound - EPSILON:
            break
        if read:
            for i, weight in zip(found.ids, found.weights):  # noqa: B905 - same length, and this is the inner loop
                scores[i] = get(i, 0.0) + price * weight
        else:
            scores.update(zip(found.ids, [price * weight for weight in found.weights]))  # noqa: B905
        read += 1
    kept = {i: score for i, score in scores.items() if score + rest[read] >= bound - EPSILON and flags[i]}
    for number in range(read, len(ordered)):
        if len(kept) <= limit:
            break
        price, found = ordered[number]
        least, weight_of = bound - EPSILON - rest[number + 1], found.weight
        kept = {i: total for i, score in kept.items() if (total := score + price * weight_of(i)) >= least}
    return list(kept)
