"""What searching and linking need from an engine. Everything above this line is the same for Whoosh and PostgreSQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from search_index.query import Query
from search_index.recipe import keys_of

Weights = dict[str, float]
"""What each term of a query is worth, rarity left out."""
Ranked = list[tuple[float, Any]]
"""(score, document), best first; a document is whatever the engine knows it by."""
MOST_VALUES = 30


@dataclass(frozen=True)
class Scope:
    """Which documents one reader may get, filters applied: the permission is part of it, never applied afterwards."""

    readers: frozenset[str]
    kinds: Collection[str] = ()
    filters: Mapping[str, Collection[str]] | None = None
    author: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    exclude: Collection[str] = ()


class Source(ABC):
    """An index at one moment. A selection is a set of documents, in the engine's own form."""

    @abstractmethod
    def idf(self, key: str) -> float:
        """Rarity of a posting list: log(1 + (N − n + ½) / (n + ½)), 0 when nobody wrote the term there."""

    @abstractmethod
    def key_rarity(self, key: str) -> float:
        """Rarity of an exact value."""

    @abstractmethod
    def select(self, scope: Scope, query: Query | None = None, terms: Collection[str] = ()) -> Any:
        """The documents of a scope that match a query: phrases and exclusions hold, and one of `terms` is there."""

    @abstractmethod
    def titled(self, selection: Any, words: Collection[str]) -> Any:
        """Those of a selection that have one of these words in their title or tags."""

    @abstractmethod
    def count(self, selection: Any) -> int: ...

    def some(self, selection: Any) -> bool:
        """Whether a selection holds anything."""
        return bool(self.count(selection))

    @abstractmethod
    def count_values(self, selection: Any, name: str) -> Mapping[str, int]:
        """How many documents of a selection carry each value of a facet (`kind` is one)."""

    @abstractmethod
    def facet_names(self) -> Collection[str]: ...

    @abstractmethod
    def best(self, weights: Weights, selection: Any, limit: int) -> Ranked: ...

    @abstractmethod
    def latest(self, selection: Any, limit: int) -> Ranked:
        """The most recent documents; the rank is the moment of creation."""

    @abstractmethod
    def record(self, doc: Any) -> dict[str, Any]: ...

    @abstractmethod
    def tags(self, doc: Any) -> tuple[str, ...]: ...

    @abstractmethod
    def title_terms(self, doc: Any) -> tuple[str, ...]:
        """The different terms of a document's title."""

    @abstractmethod
    def weight(self, doc: Any, key: str) -> float:
        """The weight of a posting in one document, 0 when the term is not there."""

    @abstractmethod
    def carries(self, doc: Any, key: str) -> bool:
        """Whether a document has an exact value."""

    @abstractmethod
    def words_from(self, prefix: str, limit: int) -> list[str]:
        """Words of titles and tags that begin so."""

    @abstractmethod
    def vocabulary(self) -> Collection[str]:
        """Every word of titles and tags."""

    def prepare(self, terms: Iterable[str]) -> None:  # noqa: B027 - most engines have nothing to prepare
        """Told which terms will be asked about, an engine that is far away reads them at once."""

    def rarity(self, term: str) -> float:
        """Rarity of a term in the field where it is most common, 0 when nobody wrote it."""
        return min((idf for key in keys_of(term) if (idf := self.idf(key))), default=0.0)

    def priced(self, weights: Mapping[str, float]) -> dict[str, float]:
        """What each posting list is worth for weighted terms: weight times rarity, field by field."""
        return {
            key: weight * idf for term, weight in weights.items() for key in keys_of(term) if (idf := self.idf(key))
        }
