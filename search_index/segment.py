"""One segment of an index, read in bulk: postings as arrays, exact values as bit sets, kept between requests.

What is here is the same for both engines; `whoosh_segment.py` and `postgres_segment.py` say where the lists are read from.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from search_index.bits import FEW, bits_of, flags_of
from search_index.postings import Postings
from search_index.recipe import LETTERS
from search_index.schema import KEY, TERM, WORD

MOST_READERS = 500
FEW_VALUES = 100
"""A facet of more values is counted document by document."""
ENTRY, SPARE = 32, 200_000
"""What a cached list costs beside its postings, and what any segment may keep, counted in postings (8 bytes)."""
Heading = tuple[tuple[str, ...], tuple[str, ...]]


class Segment(ABC):
    """A read-only view of a segment. Documents deleted since are the snapshot's business, not the segment's."""

    CACHED_PER_DOCUMENT = 40
    CACHED_BITS = 4_000
    RECORDS_AT_ONCE = 1
    """How many records are worth reading together: many where each reading is a journey."""

    def __init__(self, ident: str, size: int) -> None:
        self.ident = ident
        self.size = size
        self._lock = threading.RLock()
        self._postings: OrderedDict[str, Postings] = OrderedDict()
        self._held = 0
        self._frequencies: dict[str, int] = {}
        self._bits: OrderedDict[str, int] = OrderedDict()
        self._stamps: array | None = None
        self._readable: dict[frozenset[str], int] = {}
        self._flags: tuple[int, bytes] | None = None
        self._forward: dict[str, list[tuple[int, ...]]] = {}
        self._headings: dict[int, Heading] = {}
        self._by_date: array | None = None
        self._vocabulary: list[str] | None = None
        self._kind_keys: list[str] | None = None
        self._facet_keys: dict[str, list[str]] | None = None

    @abstractmethod
    def read_lists(self, field: str, names: Collection[str]) -> dict[str, Postings]:
        """The posting lists of terms of a field; an empty one for what nobody wrote."""

    @abstractmethod
    def read_count(self, key: str) -> int:
        """How many documents hold a term, deleted ones included."""

    @abstractmethod
    def expand(self, field: str, prefix: str, limit: int) -> list[str]:
        """Terms of a field that begin with `prefix`, in order, at most `limit`."""

    @abstractmethod
    def read_stamps(self) -> array: ...

    @abstractmethod
    def records(self, docnums: Collection[int]) -> dict[int, dict[str, Any]]: ...

    @abstractmethod
    def read_headings(self, docnums: Collection[int]) -> dict[int, Heading]: ...

    @abstractmethod
    def holding(self, docnums: list[int], text: str) -> list[int]:
        """Those of some documents whose terms, in order and between spaces, hold this text."""

    def shrunk(self) -> bool:
        """Whether a file of the segment was cut since it was opened."""
        return False

    def count_ahead(self, keys: Collection[str]) -> None:  # noqa: B027 - nothing to gain where reading is no journey
        """Told whose frequency will be asked, read them together."""

    def fetch(self, keys: Collection[str]) -> None:  # noqa: B027
        """Told which lists will be read, read them together."""

    def record(self, docnum: int) -> dict[str, Any]:
        return self.records([docnum])[docnum]

    def heading(self, docnum: int, others: Iterable[int] = ()) -> Heading:
        """The tags of a document and the different terms of its title; those of others are read on the same journey."""
        known = self._headings.get(docnum)
        if known is None:
            near = (other for other in others if other != docnum and other not in self._headings)
            self._headings.update(self.read_headings([docnum, *islice(near, self.RECORDS_AT_ONCE - 1)]))
            known = self._headings[docnum]
        return known

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
                self.bits_of_keys(values)

    def postings(self, key: str) -> Postings:
        with self._lock:
            known = self._postings.get(key)
            if known is not None:
                self._postings.move_to_end(key)
                return known
            known = self.read_lists(TERM, [key])[key]
            self._keep(key, known)
            return known

    def _keep(self, key: str, found: Postings) -> None:
        self._postings[key] = found
        self._held += len(found.ids) + ENTRY
        while self._held > self.size * self.CACHED_PER_DOCUMENT + SPARE:
            _, dropped = self._postings.popitem(last=False)
            self._held -= len(dropped.ids) + ENTRY

    def frequency(self, key: str) -> int:
        """How many documents hold a term in a field, deleted ones included."""
        with self._lock:
            known = self._frequencies.get(key)
            if known is None:
                if len(self._frequencies) > 100_000:
                    self._frequencies.clear()
                known = self._frequencies[key] = self.read_count(key)
            return known

    def term_bits(self, term: str) -> int:
        """Documents that hold a term in any field."""
        bits = 0
        for letter in LETTERS.values():
            if self.frequency(letter + term):
                bits |= self._cached_bits(letter + term, lambda key=letter + term: self.postings(key).ids)
        return bits

    def key_bits(self, key: str) -> int:
        """Documents that carry an exact value, as a bit set."""
        return self._cached_bits("k" + key, lambda: self.read_lists(KEY, [key])[key].ids)

    def bits_of_keys(self, keys: Collection[str]) -> list[int]:
        """`key_bits` of several values, those not known read together."""
        with self._lock:
            missing = [key for key in keys if "k" + key not in self._bits]
            lists = self.read_lists(KEY, missing) if missing else {}
            return [
                self._cached_bits("k" + key, lambda key=key: lists[key].ids) if key in lists else self.key_bits(key)
                for key in keys
            ]

    def key_ids(self, key: str) -> Any:
        with self._lock:
            return self.read_lists(KEY, [key])[key].ids

    def readable(self, readers: frozenset[str]) -> int:
        """Documents that one of these tokens opens; the same readers come again and again."""
        with self._lock:
            bits = self._readable.get(readers)
            if bits is None:
                if len(self._readable) >= MOST_READERS:
                    self._readable.clear()
                bits = 0
                for opened in self.bits_of_keys([f"access:{token}" for token in readers]):
                    bits |= opened
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
                keys = self.facet_keys(name)
                found = self.read_lists(KEY, keys)
                for number, key in enumerate(keys):
                    for i in found[key].ids:
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

    def word_bits(self, words: Collection[str]) -> int:
        """Documents that have one of these words in their title or tags."""
        with self._lock:
            lists = self.read_lists(WORD, words)
        bits = 0
        for found in lists.values():
            bits |= bits_of(found.ids, self.size)
        return bits

    def stamps(self) -> array:
        """Creation time of every document, in seconds."""
        with self._lock:
            if self._stamps is None:
                self._stamps = self.read_stamps()
            return self._stamps
