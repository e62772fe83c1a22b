"""One Whoosh segment, read in bulk: postings as arrays, exact values as bit sets, kept between requests."""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from whoosh.reading import SegmentReader

from search_index.analysis import terms
from search_index.bits import FEW, bits_of, flags_of
from search_index.mapped import MappedStorage
from search_index.postings import NOTHING, Postings, postings_of, read_postings
from search_index.recipe import LETTERS
from search_index.schema import KEY, RECORD, STAMP, TERM, WORD
from search_index.termtable import TermTable

MOST_READERS = 500
FEW_VALUES = 100
"""A facet of more values is counted document by document."""
ENTRY, SPARE = 32, 200_000
"""What a cached list costs beside its postings, and what any segment may keep, counted in postings (8 bytes)."""


class Segment:
    """A read-only view of a segment. Documents deleted since are the snapshot's business, not the segment's."""

    CACHED_PER_DOCUMENT = 40
    CACHED_BITS = 4_000

    def __init__(self, reader: SegmentReader) -> None:
        self.reader = reader
        self.size = reader.doc_count_all()
        self._stamp_column = self._opened()
        self._lock = threading.RLock()  # Whoosh files have one read position, shared by threads
        self._postings: OrderedDict[str, Postings] = OrderedDict()
        self._held = 0
        self._frequencies: dict[str, int] = {}
        self._table = TermTable.of(reader)
        self._places: dict[str, tuple[int, int]] = {}
        self._bits: OrderedDict[str, int] = OrderedDict()
        self._stamps: array | None = None
        self._readable: dict[frozenset[str], int] = {}
        self._flags: tuple[int, bytes] | None = None
        self._forward: dict[str, list[tuple[int, ...]]] = {}
        self._headings: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._by_date: array | None = None
        self._vocabulary: list[str] | None = None
        self._kind_keys: list[str] | None = None
        self._facet_keys: dict[str, list[str]] | None = None

    def _opened(self) -> Any:
        """The column of dates, all files of the segment opened now: a merge may remove them at any moment.

        Whoosh opens columns when they are first read, and takes one that has gone for one that never was.
        """
        if not self.size:
            return None
        if not self.reader.has_column(STAMP):
            raise FileNotFoundError(STAMP)
        column = self.reader.column_reader(STAMP)
        try:
            self.reader.stored_fields(0)
        except TypeError as error:
            raise FileNotFoundError(RECORD) from error
        return column

    def in_use(self) -> list[str]:
        """The posting lists held, those used last at the end."""
        with self._lock:
            return list(self._postings)

    def readers_seen(self) -> list[frozenset[str]]:
        with self._lock:
            return list(self._readable)

    def warm(self, keys: Iterable[str], readers: Iterable[frozenset[str]]) -> None:
        """Read what searches will need; the lock is taken bit by bit, so that nobody waits."""
        self.by_date()
        self.vocabulary()
        for key in keys:
            if len(self.postings(key).ids) > FEW:
                self._cached_bits(key, lambda key=key: self.postings(key).ids)
        for tokens in readers:
            self.readable(tokens)
        for name, values in self.facet_names().items():
            if len(values) > FEW_VALUES:
                self.carried(name)
            else:
                for value in values:
                    self.key_bits(value)

    def shrunk(self) -> bool:
        """Whether a file of the segment was cut since it was opened."""
        storage = self.reader.storage()
        return isinstance(storage, MappedStorage) and storage.shrunk(self.reader.segment().segment_id())

    def postings(self, key: str) -> Postings:
        with self._lock:
            known = self._postings.get(key)
            if known is not None:
                self._postings.move_to_end(key)
                return known
            known = self._read(key)
            self._postings[key] = known
            self._held += len(known.ids) + ENTRY
            while self._held > self.size * self.CACHED_PER_DOCUMENT + SPARE:
                _, dropped = self._postings.popitem(last=False)
                self._held -= len(dropped.ids) + ENTRY
            return known

    def frequency(self, key: str) -> int:
        """How many documents hold a term in a field, deleted ones included."""
        with self._lock:
            known = self._frequencies.get(key)
            if known is None:
                if len(self._frequencies) > 100_000:
                    self._frequencies.clear()
                    self._places.clear()
                known = self._frequencies[key] = self._count(key)
            return known

    def _count(self, key: str) -> int:
        if self._table is None:
            return self.reader.doc_frequency(TERM, key)
        place = self._table.find(key)
        if place is not None:
            self._places[key] = place
        return self._table.count(place)

    def _read(self, key: str) -> Postings:
        """The list of a term, without a second look in the table of terms when its frequency was asked before."""
        place = self._places.pop(key, None)
        if place is not None and self._table is not None:
            return postings_of(self._table.matcher(key, place, self.reader.schema[TERM].format))
        return NOTHING if self._frequencies.get(key) == 0 else read_postings(self.reader, TERM, key)

    def term_bits(self, term: str) -> int:
        """Documents that hold a term in any field."""
        bits = 0
        for letter in LETTERS.values():
            if self.frequency(letter + term):
                bits |= self._cached_bits(letter + term, lambda key=letter + term: self.postings(key).ids)
        return bits

    def key_bits(self, key: str) -> int:
        """Documents that carry an exact value, as a bit set."""
        return self._cached_bits("k" + key, lambda: read_postings(self.reader, KEY, key).ids)

    def key_ids(self, key: str) -> Any:
        with self._lock:
            return read_postings(self.reader, KEY, key).ids

    def readable(self, readers: frozenset[str]) -> int:
        """Documents that one of these tokens opens; the same readers come again and again."""
        with self._lock:
            bits = self._readable.get(readers)
            if bits is None:
                if len(self._readable) >= MOST_READERS:
                    self._readable.clear()
                bits = 0
                for token in readers:
                    bits |= self.key_bits(f"access:{token}")
                self._readable[readers] = bits
            return bits

    def flags(self, bits: int) -> bytes:
        """`flags_of` for this segment; the last ones are kept, several parts of a search need the same."""
        kept = self._flags
        if kept is None or kept[0] != bits:
            kept = self._flags = (bits, flags_of(bits, self.size))
        return kept[1]

    def _cached_bits(self, name: str, ids: Any) -> int:
        with self._lock:
            bits = self._bits.get(name)
            if bits is None:
                bits = self._bits[name] = bits_of(ids(), self.size)
                if len(self._bits) > self.CACHED_BITS:
                    self._bits.popitem(last=False)
            else:
                self._bits.move_to_end(name)
            return bits

    def facet_keys(self, name: str) -> list[str]:
        """The keys of every value of a facet, written =facet=value."""
        return self.facet_names().get(name, [])

    def facet_names(self) -> dict[str, list[str]]:
        with self._lock:
            if self._facet_keys is None:
                self._facet_keys = {}
                for key in self.expand(KEY, "=", limit=200_000):
                    self._facet_keys.setdefault(key[1:].partition("=")[0], []).append(key)
            return self._facet_keys

    def vocabulary(self) -> list[str]:
        """Every word of titles and tags."""
        if self._vocabulary is None:
            self._vocabulary = self.expand(WORD, "", limit=1_000_000)
        return self._vocabulary

    def carried(self, name: str) -> list[tuple[int, ...]]:
        """For each document the values of a facet it carries, as positions in `facet_keys`."""
        with self._lock:
            known = self._forward.get(name)
            if known is None:
                lists: list[list[int]] = [[] for _ in range(self.size)]
                for number, key in enumerate(self.facet_keys(name)):
                    for i in self.key_ids(key):
                        lists[i].append(number)
                same: dict[tuple[int, ...], tuple[int, ...]] = {}
                known = self._forward[name] = [same.setdefault(one, one) for one in map(tuple, lists)]
            return known

    def kind_keys(self) -> list[str]:
        if self._kind_keys is None:
            self._kind_keys = self.expand(KEY, "kind:", limit=100)
        return self._kind_keys

    def by_date(self) -> array:
        """Document numbers, most recent first."""
        if self._by_date is None:
            stamps = self.stamps()
            self._by_date = array("I", sorted(range(self.size), key=stamps.__getitem__, reverse=True))
        return self._by_date

    def expand(self, field: str, prefix: str, limit: int) -> list[str]:
        """Terms of a field that begin with `prefix`, in order, at most `limit`."""
        found = []
        with self._lock:
            for name, term in self.reader.terms_from(field, prefix):
                text = term.decode()
                if name != field or not text.startswith(prefix) or len(found) >= limit:
                    break
                found.append(text)
        return found

    def field_postings(self, field: str, term: str) -> Postings:
        with self._lock:
            return read_postings(self.reader, field, term)

    def stamps(self) -> array:
        """Creation time of every document, in seconds."""
        with self._lock:
            if self._stamps is None:
                self._stamps = array("I", (self._stamp_column[i] for i in range(self.size)))
            return self._stamps

    def heading(self, docnum: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tags of a document, and the different terms of its title."""
        known = self._headings.get(docnum)
        if known is None:
            record = self.record(docnum)
            titled = tuple(dict.fromkeys(terms(record["title"])))
            known = self._headings[docnum] = (record["facets"].get("tag", ()), titled)
        return known

    def record(self, docnum: int) -> dict[str, Any]:
        with self._lock:
            return self.reader.stored_fields(docnum)[RECORD]
