"""The index's order for a list of one kind: what a list's own search box asks for."""

from __future__ import annotations

from typing import Any

from community.core import ports
from community.permissions import reader_tokens
from community.services.search.index import reader
from search_index.backend import SearchUnavailable
from search_index.entry import SearchRequest


@ports.provide("ranked")
def ranked(user: Any, kind: str, words: str, limit: int) -> list[int]:
    """The ids of this kind that hold these words, best first; the list filters them again by what ``user`` may see."""
    request = SearchRequest(text=words, readers=reader_tokens(user), kinds=(kind,), limit=limit, passages=0)
    try:
        return [hit.ref for hit in reader().search(request).hits]
    except SearchUnavailable:
        return []
