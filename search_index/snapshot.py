"""The index at one moment: its segments, which of their documents are alive, and how rare each term is."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from whoosh.index import FileIndex
from whoosh.reading import SegmentReader

from search_index.bits import bits_of, flags_of
from search_index.mapped import MappedStorage
from search_index.recipe import Recipe
from search_index.schema import KEY, facet_value, make_schema, same_facet
from search_index.segment import Segment
from search_index.source import Scope
from search_index.whoosh_segment import WhooshSegment

DocId = tuple[int, int]
"""(segment position, document number in it)"""

MOST_RARITIES = 200_000
"""Words are asked that nobody wrote: what is remembered of them must not grow for ever."""
WARM_FROM = 2_000
"""A new segment of more documents than this is read in the background before it is searched."""


class Snapshot:
    """Readable for as long as it is held, whatever the writer does meanwhile."""

    def __init__(self, label: str, segments: list[Segment], live: list[int], recipe: Recipe) -> None:
        self.label = label
        self.segments = segments
        self.live = live
        self.recipe = recipe
        self.size = sum(segment.size for segment in segments)
        self._idf: dict[str, float] = {}

    @classmethod
    def open(cls, folder: str, label: str, recipe: Recipe, known: Mapping[str, Segment]) -> Snapshot:
        """Read the last commit of a Whoosh folder, keeping the segments of `known` that are still part of it."""
        storage, schema = MappedStorage(folder), make_schema()
        segments, live = [], []
        for inner in FileIndex(storage, schema=schema)._segments():
            segment = known.get(inner.segment_id()) or WhooshSegment(SegmentReader(storage, schema, inner))
            segments.append(segment)
            live.append((1 << segment.size) - 1 & ~bits_of(list(inner.deleted_docs()), segment.size))
        return cls(label, segments, live, recipe)

    def by_segment_id(self) -> dict[str, Segment]:
        return {segment.ident: segment for segment in self.segments}

    def idf(self, key: str) -> float:
        """Rarity of a term in a field: log(1 + (N − n + ½) / (n + ½)), 0 when nobody wrote it."""
        known = self._idf.get(key)
        if known is None:
            n = sum(segment.frequency(key) for segment in self.segments)
            if len(self._idf) > MOST_RARITIES:
                self._idf.clear()
            known = self._idf[key] = math.log(1 + (self.size - n + 0.5) / (n + 0.5)) if n else 0.0
        return known

    def count_ahead(self, keys: Collection[str]) -> None:
        """Told whose rarity will be asked: engines that are far away read it at once."""
        asked = [key for key in keys if key not in self._idf]
        for segment in self.segments:
            segment.count_ahead(asked)

    def fetch(self, keys: Collection[str]) -> None:
        """Told which posting lists will be read."""
        for segment in self.segments:
            segment.fetch(keys)

    def key_rarity(self, key: str) -> float:
        """Rarity of an exact value."""
        n = sum(segment.key_bits(key).bit_count() for segment in self.segments)
        return math.log(1 + self.size / n) if n else 0.0

    def allowed(self, scope: Scope) -> list[int]:
        """For each segment, the bit set of documents inside the scope."""
        return [self._allowed_in(segment, live, scope) for segment, live in zip(self.segments, self.live, strict=True)]

    def _allowed_in(self, segment: Segment, live: int, scope: Scope) -> int:
        bits = live & segment.readable(scope.readers)
        if scope.kinds:
            bits &= any_of(segment, "kind:", scope.kinds)
        for name, values in (scope.filters or {}).items():
            bits &= any_facet(segment, name, values)
        for word in scope.author:
            bits &= segment.key_bits(f"author:{word}")
        for ident in scope.exclude:
            bits &= ~segment.key_bits(f"id:{ident}")
        if bits and (scope.after or scope.before):
            bits &= period(segment, scope.after, scope.before)
        return bits

    def places(self, idents: Collection[str]) -> dict[int, list[int]]:
        """Where the living documents of these ids are: document numbers, by segment position."""
        found: dict[int, list[int]] = {}
        for number, (segment, live) in enumerate(zip(self.segments, self.live, strict=True)):
            lists = segment.read_lists(KEY, [f"id:{ident}" for ident in dict.fromkeys(idents)])
            docnums = [docnum for one in lists.values() for docnum in one.ids if live >> docnum & 1]
            if docnums:
                found[number] = docnums
        return found

    def record(self, doc: DocId) -> dict[str, Any]:
        return self.segments[doc[0]].record(doc[1])

    def cold_segments(self, before: Snapshot | None) -> list[Segment]:
        """Large segments that the snapshot before did not have."""
        known = {id(segment) for segment in before.segments} if before else set()
        return [segment for segment in self.segments if segment.size > WARM_FROM and id(segment) not in known]

    def warm(self, before: Snapshot | None) -> None:
        """Read what every search needs, and into new segments what the old ones had in use."""
        old = before.segments if before else []
        used = dict.fromkeys(key for segment in old for key in segment.in_use())
        readers = {readers for segment in old for readers in segment.readers_seen()}
        for segment in self.cold_segments(before):
            segment.warm(used, readers)

    def versions(self) -> dict[str, str]:
        """The version of every living entry."""
        found = {}
        for segment, live in zip(self.segments, self.live, strict=True):
            flags = flags_of(live, segment.size)
            for docnum in range(segment.size):
                if flags[docnum]:
                    record = segment.record(docnum)
                    found[record["id"]] = record["version"]
        return found

    def check(self) -> None:
        """Read a little of every part of every segment; raises whatever a damaged file makes it raise."""
        for segment in self.segments:
            segment.stamps()
            for docnum in {0, segment.size - 1} if segment.size else ():
                record = segment.record(docnum)
                segment.key_ids(f"id:{record['id']}")
            for term in segment.expand("term", "", 3):
                segment.postings(term)

    def stamp(self, doc: DocId) -> int:
        return self.segments[doc[0]].stamps()[doc[1]]


def any_of(segment: Segment, prefix: str, values: Collection[str]) -> int:
    bits = 0
    for value in values:
        bits |= segment.key_bits(prefix + value)
    return bits


def any_facet(segment: Segment, name: str, values: Collection[str]) -> int:
    """Documents with one of these values of a facet; case, accents and hyphens do not matter."""
    bits = 0
    wanted = {same_facet(value) for value in values}
    for key in segment.facet_keys(name):
        if same_facet(facet_value(key)) in wanted:
            bits |= segment.key_bits(key)
    return bits


def period(segment: Segment, after: date | None, before: date | None) -> int:
    """Documents created on or after one day and strictly before another."""
    low = day_start(after) if after else 0
    high = day_start(before) if before else 2**32
    return bits_of([i for i, stamp in enumerate(segment.stamps()) if low <= stamp < high], segment.size)


def day_start(day: date) -> int:
    return int(datetime.combine(day, time.min, UTC).timestamp())
