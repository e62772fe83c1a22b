"""Where a term's postings are: Whoosh's own table of terms, looked up without the layers around it.

A word that nobody asked for before is looked up once in every field of every segment: that was most of a search's cost.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

from whoosh.codec.whoosh3 import W3TermInfo, W3TermsReader
from whoosh.reading import SegmentReader

from search_index.mapped import MappedFile
from search_index.schema import TERM

_POINTER = Struct("!Iq")
_LENGTHS = Struct("!Ii")
_COUNT = Struct("!I")
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

    @classmethod
    def of(cls, reader: SegmentReader) -> TermTable | None:
        """None when Whoosh keeps its terms otherwise: the public way then."""
        terms = getattr(reader, "_terms", None)
        if not isinstance(terms, W3TermsReader) or not isinstance(terms._tindex.dbfile, MappedFile):
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

    def matcher(self, key: str, place: tuple[int, int], format_: Any) -> Any:
        """Whoosh's own reader of the postings of a term found before."""
        info = W3TermInfo.from_bytes(bytes(self.buffer[place[0] : place[0] + place[1]]))
        return self.terms._codec.postings_reader(self.terms._postfile, info, format_, term=(TERM, key.encode()))
