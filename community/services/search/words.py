"""What makes two searches the same: their index terms, in any order."""

from __future__ import annotations

from search_index.analysis import terms
from search_index.query import LONGEST_TEXT


def search_key(text: str) -> str:
    """The same text for the same words whatever their order, accents and endings; empty when no word means anything."""
    return " ".join(sorted(set(terms(text[:LONGEST_TEXT]))))[:LONGEST_TEXT]
