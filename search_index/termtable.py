"""Where a term's postings are, and what they are: Whoosh's own files, read without the layers around them.

A word that nobody asked for before is looked up once in every field of every segment: that was most of a search's cost.
"""

from __future__ import annotations

from array import array
from io import BytesIO
from itertools import accumulate, repeat
from pickle import load, loads
from struct import Struct
from typing import Any

from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3TermInfo, W3TermsReader
from whoosh.reading import SegmentReader

from search_index.mapped import MappedFile
from search_index.postings import Postings
from search_index.schema import TERM

_POINTER = Struct("!Iq")
_LENGTHS = Struct("!Ii")
_COUNT = Struct("!I")
_EXTENT = Struct("!qi")
_BLOCK = Struct("!i")
INLINE = 1
CUT = b".\x80\x02"
"""The end of a pickle and the beginning of the next."""
COUNT_AT = 5
"""A term's record begins with a flag (1 byte), its weight (4 bytes), then in how many documents it is."""


class TermTable:
    """The terms of one segment: `find(key)` gives the place and the length of its record."""

    def __init__(self, terms: W3TermsReader) -> None:
        table = terms._tindex
        self.terms = terms
        self.buffer = table.dbfile._buf
        self.tables, self.hash = table.tables, table.hashfn
        self.field: bytes = terms._keycoder(TERM, b"")
        self.posts = terms._postfile._buf

    @classmethod
    def of(cls, reader: SegmentReader) -> TermTable | None:
        """None when Whoosh keeps its terms otherwise: the public way then."""
        terms = getattr(reader, "_terms", None)
        if not isinstance(terms, W3TermsReader) or not isinstance(terms._tindex.dbfile, MappedFile):
            return None
        if not isinstance(terms._postfile, MappedFile):
            return None
        return cls(terms)

    def find(self, key: str) -> tuple[int, int] | None:
        """(position, length) of the record of a term, None when nobody wrote it."""
        coded = self.field + key.encode()
        hashed = self.hash(coded)
        start, slots = self.tables[hashed & 255]
        buffer, first = self.buffer, (hashed >> 8) % (slots or 1)
        for slot in range(first, first + slots):
            its_hash, place = _POINTER.unpack_from(buffer, start + slot % slots * _POINTER.size)
            if not place:
                return None
            if its_hash == hashed:
                key_length, length = _LENGTHS.unpack_from(buffer, place)
                data = place + _LENGTHS.size + key_length
                if buffer[place + _LENGTHS.size : data] == coded:
                    return data, length
        return None

    def count(self, place: tuple[int, int] | None) -> int:
        """In how many documents a term is, deleted ones included."""
        return _COUNT.unpack_from(self.buffer, place[0] + COUNT_AT)[0] if place else 0

    def postings(self, place: tuple[int, int]) -> Postings:
        """The whole list of a term found before."""
        start, length = place
        if self.buffer[start] == INLINE:
            info = W3TermInfo.from_bytes(bytes(self.buffer[start : start + length]))
            ids, weights, _ = info.inlined_postings()
            return Postings(array("I", ids), array("f", weights))
        return read_blocks(self.posts, _EXTENT.unpack_from(self.buffer, start + W3TermInfo._struct.size)[0])


def read_blocks(buffer: Any, at: int) -> Postings:
    """The postings written from a place on, block by block: what is said of a block, then gaps and weights."""
    if buffer[at : at + 4] != WHOOSH3_HEADER_MAGIC:
        raise ValueError(f"no postings at {at}")
    ids, weights, peaks = array("I"), array("f"), array("f")
    at, length = at + 4, 0
    while length >= 0:
        (length,) = _BLOCK.unpack_from(buffer, at)
        start, at = at + _BLOCK.size, at + _BLOCK.size + abs(length)
        (count, _, highest, *_), (gaps, held, _) = _unpickled(bytes(buffer[start:at]))
        ids.extend(accumulate(gaps))
        weights.extend(held if isinstance(held, tuple) else repeat(1.0 if held is None else held, count))
        peaks.append(highest)
    return Postings(ids, weights, max(peaks))


def _unpickled(block: bytes) -> tuple[Any, Any]:
    """The two values of a block, one pickled after the other: several times as fast when one knows where to cut."""
    cut = block.find(CUT, 2) + 1
    try:
        told, data = loads(block[:cut]), loads(block[cut:])  # noqa: S301 - our own index, which Whoosh unpickles too
        if len(data[0]) == told[0]:
            return told, data
    except Exception:  # noqa: S110 - the bytes looked for were part of a number
        pass
    stream = BytesIO(block)
    return load(stream), load(stream)  # noqa: S301
