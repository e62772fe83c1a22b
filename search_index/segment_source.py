"""Selections, counts and rankings over the segments of a snapshot. A selection is one bit set for each segment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import chain, compress, islice
from typing import Any

from search_index.bits import bits_of
from search_index.query import Query
from search_index.recipe import keys_of
from search_index.schema import WORD, facet_key
from search_index.scorer import best
from search_index.segment import FEW_VALUES, Segment
from search_index.snapshot import DocId, Snapshot
from search_index.source import Ranked, Scope, Source, Weights

Selection = list[int]
PHRASES_READ = 2_000
"""A phrase is checked word by word in so many documents of a segment, the last written ones."""


class SegmentSource(Source):
    """A snapshot, asked the questions of searching and linking."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._ranked: list[list[int]] = [[] for _ in snapshot.segments]
        self._records: dict[DocId, dict[str, Any]] = {}

    def prepare(self, terms: Iterable[str]) -> None:
        self.snapshot.count_ahead([key for term in terms for key in keys_of(term)])

    def idf(self, key: str) -> float:
        return self.snapshot.idf(key)

    def key_rarity(self, key: str) -> float:
        return self.snapshot.key_rarity(key)

    def select(self, scope: Scope, query: Query | None = None, terms: Collection[str] = ()) -> Selection:
        selected = self.snapshot.allowed(scope)
        if query is None:
            return selected
        selected = [self._hold(segment, bits, query) for segment, bits in self._each(selected)]
        if terms or query.terms:
            self.snapshot.fetch([key for term in {*terms, *query.terms} for key in keys_of(term)])
        if terms:
            selected = [self._matching(segment, bits, terms, query) for segment, bits in self._each(selected)]
        if query.every_word:
            strict = [every_word(segment, bits, query) for segment, bits in self._each(selected)]
            selected = strict if query.strict or any(strict) else selected
        return selected

    def _each(self, selection: Selection) -> list[tuple[Segment, int]]:
        return list(zip(self.snapshot.segments, selection, strict=True))

    def _hold(self, segment: Segment, bits: int, query: Query) -> int:
        for phrase in query.phrases:
            bits = phrase_bits(segment, phrase, bits)
        for excluded in query.excluded:
            bits &= ~phrase_bits(segment, excluded, bits)
        return bits

    def _matching(self, segment: Segment, bits: int, terms: Collection[str], query: Query) -> int:
        matching = bits & any_term(segment, terms)
        for phrase in query.alternatives:
            matching |= phrase_bits(segment, phrase, bits & ~matching)
        return matching

    def titled(self, selection: Selection, words: Collection[str]) -> Selection:
        return [bits & segment.word_bits(words) for segment, bits in self._each(selection)]

    def count(self, selection: Selection) -> int:
        return sum(bits.bit_count() for bits in selection)

    def facet_names(self) -> Collection[str]:
        return {name for segment in self.snapshot.segments for name in segment.facet_names()}

    def count_values(self, selection: Selection, name: str) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for segment, bits in self._each(selection):
            if bits:
                counts.update(count_in(segment, name, bits))
        return counts

    def best(self, weights: Weights, selection: Selection, limit: int) -> Ranked:
        priced = self.priced(weights)
        self.snapshot.fetch(priced)
        return self._remembered(best(self.snapshot, priced, selection, limit))

    def _remembered(self, ranked: Ranked) -> Ranked:
        """A ranking, kept: what is asked of its first document will be asked of the next ones."""
        self._ranked = [[] for _ in self.snapshot.segments]
        for _, (number, docnum) in ranked:
            self._ranked[number].append(docnum)
        return ranked

    def latest(self, selection: Selection, limit: int) -> Ranked:
        found: Ranked = []
        for number, (segment, bits) in enumerate(self._each(selection)):
            if bits:
                flags, stamps = segment.flags(bits), segment.stamps()
                taken = 0
                for i in segment.by_date():
                    if flags[i]:
                        found.append((float(stamps[i]), (number, i)))
                        taken += 1
                        if taken == limit:
                            break
        found.sort(key=lambda pair: (-pair[0], pair[1]))
        return self._remembered(found[:limit])

    def record(self, doc: DocId) -> dict[str, Any]:
        if doc not in self._records:
            number, docnum = doc
            segment = self.snapshot.segments[number]
            near = (other for other in self._ranked[number] if other != docnum and (number, other) not in self._records)
            found = segment.records([docnum, *islice(near, segment.RECORDS_AT_ONCE - 1)])
            self._records.update({(number, one): record for one, record in found.items()})
        return self._records[doc]

    def tags(self, doc: DocId) -> tuple[str, ...]:
        return self.snapshot.segments[doc[0]].heading(doc[1], self._ranked[doc[0]])[0]

    def title_terms(self, doc: DocId) -> tuple[str, ...]:
        return self.snapshot.segments[doc[0]].heading(doc[1], self._ranked[doc[0]])[1]

    def weight(self, doc: DocId, key: str) -> float:
        return self.snapshot.segments[doc[0]].postings(key).weight(doc[1])

    def carries(self, doc: DocId, key: str) -> bool:
        return bool(self.snapshot.segments[doc[0]].key_bits(key) >> doc[1] & 1)

    def words_from(self, prefix: str, limit: int) -> list[str]:
        found: dict[str, None] = {}
        for segment in self.snapshot.segments:
            found.update(dict.fromkeys(segment.expand(WORD, prefix, limit)))
        return list(found)[:limit]

    def vocabulary(self) -> Collection[str]:
        return {word for segment in self.snapshot.segments for word in segment.vocabulary()}


def any_term(segment: Segment, terms: Collection[str]) -> int:
    bits = 0
    for term in terms:
        bits |= segment.term_bits(term)
    return bits


def every_term(segment: Segment, bits: int, terms: Collection[str]) -> int:
    for term in terms:
        bits &= segment.term_bits(term)
    return bits


def every_word(segment: Segment, bits: int, query: Query) -> int:
    """Documents that hold every word typed, or what also means it."""
    found = 0
    for terms, phrase in query.wordings():
        within = every_term(segment, bits & ~found, terms)
        found |= phrase_bits(segment, phrase, within) if phrase else within
    return found


def phrase_bits(segment: Segment, phrase: tuple[str, ...], within: int) -> int:
    """Documents that hold these terms next to each other, stop words aside."""
    within = every_term(segment, within, phrase)
    if len(phrase) == 1 or not within:
        return within
    wanted = f" {' '.join(phrase)} "
    candidates = list(compress(range(segment.size), segment.flags(within)))[-PHRASES_READ:]
    return bits_of(segment.holding(candidates, wanted), segment.size)


def count_in(segment: Segment, name: str, bits: int) -> dict[str, int]:
    """How many of these documents carry each value: bit by bit for few values, document by document for many."""
    keys = segment.kind_keys() if name == "kind" else segment.facet_keys(name)
    if len(keys) > FEW_VALUES:
        carried = Counter(chain.from_iterable(compress(segment.carried(name), segment.flags(bits))))
        counted = [(keys[number], count) for number, count in carried.items()]
    else:
        carried_by = segment.bits_of_keys(keys)
        counted = [(key, (bits & held).bit_count()) for key, held in zip(keys, carried_by, strict=True)]
    start = len("kind:") if name == "kind" else len(facet_key(name, ""))
    return {key[start:]: count for key, count in counted if count}
