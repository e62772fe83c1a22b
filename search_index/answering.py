"""What both engines answer alike, from the segments of a snapshot: the engine says how a snapshot is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from search_index import linking, searching
from search_index.backend import SearchUnavailable
from search_index.entry import Related, SearchRequest, SearchResults, Suggestion
from search_index.query import LONGEST_TEXT
from search_index.segment_source import SegmentSource
from search_index.source import Scope
from search_index.synonyms import Synonyms

Answer = TypeVar("Answer")


class Answering(ABC):
    """The reads of `Backend` that do not depend on where segments are kept."""

    synonyms: Synonyms

    @abstractmethod
    def _read(self, answer: Callable[[SegmentSource], Answer]) -> Answer:
        """Call with the snapshot of the last commit; SearchUnavailable when there is none to be read."""

    def search(self, request: SearchRequest) -> SearchResults:
        return self._read(lambda source: searching.search(source, request, self.synonyms))

    def suggest(
        self, text: str, readers: frozenset[str], kinds: Collection[str] = (), limit: int = 8
    ) -> list[Suggestion]:
        """Titles for what is being typed."""
        scope = Scope(readers=frozenset(readers), kinds=kinds)
        return self._read(lambda source: linking.suggest(source, text[:LONGEST_TEXT], scope, limit))

    def related(
        self,
        title: str,
        body: str = "",
        *,
        facets: Mapping[str, Collection[str]] | None = None,
        kinds: Collection[str] = (),
        readers: frozenset[str],
        exclude: Collection[str] = (),
        limit: int = 5,
        minimum: float | None = None,
    ) -> list[Related]:
        """Entries close to a text, with their reasons; none below the threshold."""
        scope = Scope(readers=frozenset(readers), kinds=kinds, exclude=tuple(exclude))
        text = linking.Text(title, body, facets or {})
        return self._read(lambda source: linking.related(source, text, scope, self.synonyms, limit, minimum))

    def segments(self) -> int:
        """How many segments a search reads."""
        return self._read(lambda source: len(source.snapshot.segments))

    def healthy(self) -> bool:
        """Whether reads work now."""
        try:
            self._read(lambda source: source.snapshot.check())
        except SearchUnavailable:
            return False
        return True
