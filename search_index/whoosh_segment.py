"""A segment of a Whoosh index: its lists read whole, block by block, from memory-mapped files."""

from __future__ import annotations

from array import array
from collections.abc import Collection
from typing import Any

from whoosh.reading import SegmentReader

from search_index.analysis import terms
from search_index.mapped import MappedStorage
from search_index.postings import NOTHING, Postings, read_postings
from search_index.schema import RECORD, STAMP, TERM
from search_index.segment import Heading, Segment
from search_index.termtable import TermTable

MOST_PLACES = 100_000


class WhooshSegment(Segment):
    """One segment, all of its files opened at once. Whoosh files have one read position, shared by threads: hence locks."""

    def __init__(self, reader: SegmentReader) -> None:
        super().__init__(reader.segment().segment_id(), reader.doc_count_all())
        self.reader = reader
        self._stamp_column = self._opened()
        self._table = TermTable.of(reader)
        self._places: dict[str, tuple[int, int]] = {}

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

    def shrunk(self) -> bool:
        storage = self.reader.storage()
        return isinstance(storage, MappedStorage) and storage.shrunk(self.ident)

    def read_lists(self, field: str, names: Collection[str]) -> dict[str, Postings]:
        with self._lock:
            if field == TERM:
                return {key: self._read_term(key) for key in names}
            return {name: read_postings(self.reader, field, name) for name in names}

    def _read_term(self, key: str) -> Postings:
        """The list of a term, without a second look in the table of terms when its frequency was asked before."""
        if self._frequencies.get(key) == 0:
            return NOTHING
        if self._table is None:
            return read_postings(self.reader, TERM, key)
        place = self._places.pop(key, None) or self._table.find(key)
        return self._table.postings(place) if place else NOTHING

    def read_count(self, key: str) -> int:
        if self._table is None:
            return self.reader.doc_frequency(TERM, key)
        place = self._table.find(key)
        if place is not None:
            if len(self._places) > MOST_PLACES:
                self._places.clear()
            self._places[key] = place
        return self._table.count(place)

    def expand(self, field: str, prefix: str, limit: int) -> list[str]:
        found = []
        with self._lock:
            for name, term in self.reader.terms_from(field, prefix):
                text = term.decode()
                if name != field or not text.startswith(prefix) or len(found) >= limit:
                    break
                found.append(text)
        return found

    def read_stamps(self) -> array:
        return array("I", (self._stamp_column[i] for i in range(self.size)))

    def records(self, docnums: Collection[int]) -> dict[int, dict[str, Any]]:
        with self._lock:
            return {docnum: self.reader.stored_fields(docnum)[RECORD] for docnum in docnums}

    def read_headings(self, docnums: Collection[int]) -> dict[int, Heading]:
        return {
            docnum: (record["facets"].get("tag", ()), tuple(dict.fromkeys(terms(record["title"]))))
            for docnum, record in self.records(docnums).items()
        }

    def holding(self, docnums: list[int], text: str) -> list[int]:
        return [docnum for docnum in docnums if text in self.record(docnum)["sequence"]]
