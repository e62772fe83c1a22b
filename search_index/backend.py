"""The one door to an index, whatever engine is behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from search_index.entry import IndexEntry, Related, SearchRequest, SearchResults, Suggestion
from search_index.synonyms import Synonyms


class SearchUnavailable(Exception):
    """The index cannot answer now: missing, damaged, of another version or being rebuilt. The site stays up."""


class Backend(Protocol):
    """What every engine offers. Reads may run in any process; `apply`, `settle`, `rebuild` and `optimize` in one only."""

    synonyms: Synonyms

    def apply(self, upserts: Iterable[IndexEntry], deletes: Iterable[str] = ()) -> None: ...

    def rebuild(self, entries: Iterable[IndexEntry], progress: Callable[[int], None] | None = None) -> int: ...

    def settle(self) -> bool: ...

    def optimize(self) -> None: ...

    def search(self, request: SearchRequest) -> SearchResults: ...

    def suggest(
        self, text: str, readers: frozenset[str], kinds: Collection[str] = (), limit: int = 8
    ) -> list[Suggestion]: ...

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
    ) -> list[Related]: ...

    def versions(self) -> dict[str, str]: ...

    def generation(self) -> str: ...

    def segments(self) -> int: ...

    def healthy(self) -> bool: ...

    def close(self) -> None: ...


def open_backend(url: str, synonyms: Synonyms | None = None) -> Backend:
    """The backend named by `url`: a folder, `whoosh:/folder` or `postgresql://…`. Nothing is read before the first use."""
    if url.startswith(("postgresql:", "postgresql+psycopg:", "postgres:")):
        from search_index.postgres_backend import PostgresBackend

        return PostgresBackend(url, synonyms)
    scheme, found, folder = url.partition(":")
    if found and scheme not in ("whoosh", "file"):
        raise ValueError(f"SEARCH_URL: unknown engine {scheme!r} (whoosh:/folder or postgresql://…)")
    from search_index.whoosh_backend import WhooshBackend

    path = folder if found else url
    return WhooshBackend("/" + path.lstrip("/") if path.startswith("//") else path, synonyms)
