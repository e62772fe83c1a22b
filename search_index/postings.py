"""Postings read whole from a Whoosh segment: who holds a term, and how much it weighs there."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from heapq import nlargest
from itertools import accumulate, repeat
from typing import Any

from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.reading import SegmentReader, TermNotFound

STRONGEST = 128


class Postings:
    """The documents that hold a term in a field, in order, with its weight in each."""

    __slots__ = ("_strongest", "ids", "peak", "weights")

    def __init__(self, ids: array, weights: array, peak: float | None = None) -> None:
        self.ids = ids
        self.weights = weights
        self.peak: float = max(weights, default=0.0) if peak is None else peak
        self._strongest: array | None = None

    def weight(self, docnum: int) -> float:
        """The weight in one document, 0 when the term is not there."""
        ids = self.ids
        at = bisect_left(ids, docnum)
        return self.weights[at] if at < len(ids) and ids[at] == docnum else 0.0

    def strongest(self) -> array:
        """The documents where the term weighs most."""
        if self._strongest is None:
            if len(self.ids) <= STRONGEST:
                self._strongest = self.ids
            else:
                top = nlargest(STRONGEST, zip(self.weights, self.ids, strict=True))
                self._strongest = array("I", (i for _, i in top))
        return self._strongest

    def floor(self) -> float:
        """What the term weighs at most outside its strongest documents."""
        return self.weight(self.strongest()[-1]) if len(self.ids) > STRONGEST else 0.0


NOTHING = Postings(array("I"), array("f"))


def read_postings(reader: SegmentReader, field: str, term: str) -> Postings:
    """All postings of a term, deleted documents included: whole blocks when they are in Whoosh's own format."""
    try:
        matcher = reader.postings(field, term)
    except TermNotFound:
        return NOTHING
    return postings_of(matcher)


def postings_of(matcher: Any) -> Postings:
    """What a matcher that nobody moved yet goes through."""
    blocks = getattr(matcher, "child", matcher)
    if not isinstance(blocks, W3LeafMatcher):
        return _step_through(matcher)
    if blocks is not matcher:  # a filter over it has already looked for the first posting that it lets through
        blocks.reset()
    ids, weights = array("I"), array("f")
    while True:
        blocks._read_data()
        gaps, held, _ = blocks._data
        ids.extend(accumulate(gaps))
        if isinstance(held, tuple):
            weights.extend(held)
        else:
            weights.extend(repeat(1.0 if held is None else held, len(gaps)))
        if blocks._lastblock:
            return Postings(ids, weights)
        blocks._next_block()


def _step_through(matcher: Any) -> Postings:
    """The public way, posting by posting, for any other format."""
    ids, weights = array("I"), array("f")
    while matcher.is_active():
        ids.append(matcher.id())
        weights.append(matcher.weight())
        matcher.next()
    return Postings(ids, weights)
