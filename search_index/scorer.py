"""The best documents for weighted terms, term at a time over whole arrays of postings."""

from __future__ import annotations

from heapq import nlargest

from search_index.segment import Segment, flags_of
from search_index.snapshot import DocId, Snapshot

Weights = dict[str, float]
"""What each term of the query is worth, rarity left out."""


def best(snapshot: Snapshot, weights: Weights, allowed: list[int], limit: int) -> list[tuple[float, DocId]]:
    """The `limit` best documents inside `allowed`, best first; equals by most recent, then by place in the index."""
    priced = snapshot.priced(weights)
    found: list[tuple[float, DocId]] = []
    for number, segment in enumerate(snapshot.segments):
        if allowed[number]:
            scores = score_segment(segment, priced, allowed[number])
            found += [(score, (number, i)) for i, score in nlargest(limit, scores.items(), key=lambda pair: pair[1])]
    found.sort(key=lambda pair: (-pair[0], -snapshot.stamp(pair[1]), pair[1]))
    return found[:limit]


def score_segment(segment: Segment, priced: Weights, allowed: int) -> dict[int, float]:
    """Every allowed document of a segment that holds a priced term, with its score."""
    scores: dict[int, float] = {}
    get = scores.get
    for key, price in priced.items():
        found = segment.postings(key)
        for i, weight in zip(found.ids, found.weights, strict=True):
            scores[i] = get(i, 0.0) + price * weight
    flags = flags_of(allowed, segment.size)
    return {i: score for i, score in scores.items() if flags[i]}
