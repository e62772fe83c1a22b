"""What goes into the index and what comes out of it: plain values, no engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

Segment = tuple[str, bool]
"""A piece of text and whether it matched: the page turns matches into markup, the index never writes HTML."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One searchable thing. A reader sees it only when one of their tokens is in `access`.

    `body` is plain text; `extra` holds what answers it (answers, comments) and weighs less; `asked` the titles of the
    questions that people confirmed it answers (it is found by them, they are never shown); `pages` the text of each page
    of a document; `version` changes whenever the entry does; `boost` multiplies its score (certified answers above 1).
    """

    id: str
    kind: str
    ref: int
    title: str
    body: str = ""
    extra: str = ""
    asked: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    access: frozenset[str] = frozenset()
    author: str = ""
    author_id: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: str = ""
    pages: tuple[str, ...] = ()
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Passage:
    """An extract that shows why an entry was found; `page` counts from 1 and is None outside documents."""

    segments: tuple[Segment, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One result, best first. `title_html_parts` are (text, is_match) pairs of the title: text, to be escaped."""

    id: str
    kind: str
    ref: int
    score: float
    title: str
    title_html_parts: tuple[Segment, ...]
    passages: tuple[Passage, ...]
    facets: Mapping[str, tuple[str, ...]]
    author: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What one reader asks for. `filters` narrows by facet: values of one facet are alternatives, facets add up.

    `every_word`: only what holds every word, spelt as it is written.
    """

    text: str
    readers: frozenset[str]
    filters: Mapping[str, Collection[str]] = field(default_factory=dict)
    kinds: Collection[str] = ()
    sort: str = "relevance"
    after: date | None = None
    before: date | None = None
    limit: int = 20
    cursor: str | None = None
    passages: int = 1
    every_word: bool = False


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of hits. `total` and `facets` count only what the reader may see.

    `corrected` is the text that was really searched when the words as written find nothing; `unknown` the words of the
    query that no visible entry holds.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: Mapping[str, list[tuple[str, int]]] = field(default_factory=dict)
    next_cursor: str | None = None
    corrected: str | None = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title offered while somebody types, and the words that weighed most, as its title or the text typed spells them."""

    id: str
    kind: str
    ref: int
    score: float
    title: str
    title_html_parts: tuple[Segment, ...]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """An entry close to a text, with the three to five terms or facts that weighed most, as people write them.

    `score` runs from 0 to 1: the share of the text's own weight that the entry holds.
    """

    id: str
    kind: str
    ref: int
    score: float
    title: str
    reasons: tuple[str, ...]
