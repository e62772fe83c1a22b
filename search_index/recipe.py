"""How much each word of an entry counts: BM25 by field, worked out once, when the entry is indexed.

The weight of a posting is the whole document side of the score, so a search only multiplies it by the rarity of the term.
Average lengths are part of the recipe (not of the moment): scores stay comparable from one commit to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice

from search_index.analysis import terms
from search_index.entry import IndexEntry

FORMAT = 4
"""Raise it whenever an index written before can no longer be read or compared: readers then ask for a rebuild."""

SAMPLE = 2_000
Terms = Mapping[str, Sequence[Sequence[str]]]
LETTERS = {"title": "t", "tags": "g", "body": "b", "extra": "x", "asked": "a"}
"""A term is rare or common within a field: « demande » says little in a body and much in a title."""


@dataclass(frozen=True)
class Recipe:
    """Field weights, BM25 constants and average field lengths (in terms), tuned on the relevance collection."""

    k1: float = 2.0
    b: Mapping[str, float] = field(
        default_factory=lambda: {"title": 0.75, "tags": 0.75, "body": 0.75, "extra": 0.75, "asked": 0.3}
    )
    weights: Mapping[str, float] = field(
        default_factory=lambda: {"title": 0.7, "tags": 0.7, "body": 1.0, "extra": 0.5, "asked": 0.5}
    )
    averages: Mapping[str, float] = field(
        default_factory=lambda: {"title": 7.0, "tags": 8.0, "body": 150.0, "extra": 150.0, "asked": 10.0}
    )

    def impacts(self, read: Terms, boost: float = 1.0) -> dict[str, float]:
        """The weight of every term of an entry, by posting key: the letter of the field, then the term."""
        found: dict[str, float] = {}
        for name, texts in read.items():
            counted = Counter(chain.from_iterable(texts))
            b = self.b[name]
            norm = self.k1 * (1 - b + b * counted.total() / self.averages[name])
            scale = self.weights[name] * (self.k1 + 1) * boost
            letter = LETTERS[name]
            for term, count in counted.items():
                found[letter + term] = scale * count / (count + norm)
        return found

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def keys_of(term: str) -> list[str]:
    """The posting lists of a term, one for each field."""
    return [letter + term for letter in LETTERS.values()]


def field_terms(entry: IndexEntry) -> Terms:
    """The terms of an entry, in order: for each field, those of each text in it."""
    return {
        "title": [terms(entry.title)],
        "tags": [terms(tag) for tag in entry.tags],
        "body": [terms(text) for text in (entry.body, *entry.pages) if text],
        "extra": [terms(entry.extra)] if entry.extra else [],
        "asked": [terms(title) for title in entry.asked],
    }


def calibrate(entries: Iterable[IndexEntry]) -> tuple[Recipe, Iterator[IndexEntry]]:
    """The recipe for a collection, from its first entries, and all of its entries again."""
    stream = iter(entries)
    sample = list(islice(stream, SAMPLE))
    return calibrated(sample), chain(sample, stream)


def calibrated(entries: Iterable[IndexEntry]) -> Recipe:
    """The recipe with the average lengths of a sample; a field that is empty nearly everywhere keeps its usual length."""
    totals: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for entry in entries:
        for name, texts in field_terms(entry).items():
            length = sum(map(len, texts))
            totals[name] += length
            seen[name] += length > 0
    usual = Recipe().averages
    averages = {name: totals[name] / seen[name] if seen[name] >= 50 else usual[name] for name in usual}
    return Recipe(averages=averages)
