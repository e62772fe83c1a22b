"""The search engine of Entrepairs: a French full-text index that explains itself. Knows neither Flask nor community."""

from search_index.backend import Backend, SearchUnavailable, open_backend
from search_index.entry import Hit, IndexEntry, Passage, Related, SearchRequest, SearchResults, Suggestion
from search_index.synonyms import Synonyms

__all__ = [
    "Backend",
    "Hit",
    "IndexEntry",
    "Passage",
    "Related",
    "SearchRequest",
    "SearchResults",
    "SearchUnavailable",
    "Suggestion",
    "Synonyms",
    "open_backend",
]
