"""The search engine of Entrepairs: a French full-text index that explains itself. Knows neither Flask nor community."""

import warnings

with warnings.catch_warnings():
    # Whoosh 2.7.4 is older than the warnings on its escapes and comparisons; they are raised once, when it is compiled.
    warnings.simplefilter("ignore")
    import whoosh.codec.whoosh3
    import whoosh.index
    import whoosh.query
    import whoosh.searching
    import whoosh.writing  # noqa: F401

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
