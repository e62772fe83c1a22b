"""What one entry looks like inside Whoosh: three posting fields, one column, one stored record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from whoosh import columns, fields, formats

from search_index.analysis import fold, words
from search_index.entry import IndexEntry
from search_index.recipe import Recipe, Terms, field_terms

TERM, WORD, KEY, STAMP, RECORD = "term", "word", "key", "stamp", "record"
STORED_BODY = 20_000
STORED_PAGE = 6_000


class Postings(fields.FieldType):
    """A field given as {term: weight}: the weight is kept with the posting, nothing is analysed."""

    indexed = True
    scorable = False
    stored = False

    def __init__(self) -> None:
        self.format = formats.Existence()
        self.analyzer = None
        self.vector = None

    def index(self, value: Mapping[str, float], **_: Any) -> Iterable[tuple[bytes, int, float, bytes]]:
        for term, weight in value.items():
            yield term.encode(), 1, weight, b""


def make_schema() -> fields.Schema:
    return fields.Schema(
        term=Postings(),
        word=Postings(),
        key=Postings(),
        stamp=fields.COLUMN(columns.NumericColumn("I")),
        record=fields.STORED(),
    )


def document(entry: IndexEntry, recipe: Recipe) -> dict[str, Any]:
    """The fields that Whoosh is given for an entry."""
    read = field_terms(entry)
    return {
        TERM: recipe.impacts(read, entry.boost),
        WORD: dict.fromkeys((*words(entry.title), *words(" . ".join(entry.tags))), 1.0),
        KEY: dict.fromkeys(keys(entry), 1.0),
        STAMP: seconds(entry.created_at),
        RECORD: record(entry, read),
    }


def keys(entry: IndexEntry) -> list[str]:
    """Exact values an entry can be filtered by: own:value, and =facet=value for facets (first in order, listed fast)."""
    found = [f"id:{entry.id}", f"kind:{entry.kind}"]
    found += [f"access:{token}" for token in entry.access]
    found += [f"author:{word}" for word in words(entry.author)]
    for name, values in facets(entry).items():
        found += [facet_key(name, value) for value in values]
    return found


def facet_key(name: str, value: str) -> str:
    return f"={name}={value}"


def facet_value(key: str) -> str:
    return key[1:].partition("=")[2]


def facets(entry: IndexEntry) -> dict[str, tuple[str, ...]]:
    """The entry's facets; its tags are one of them, whether or not the caller said so."""
    found = {name: tuple(values) for name, values in entry.facets.items() if values}
    if entry.tags and "tag" not in found:
        found["tag"] = tuple(entry.tags)
    return found


def record(entry: IndexEntry, read: Terms) -> dict[str, Any]:
    """What is shown without asking the database, and the term sequence that proves a phrase."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "ref": entry.ref,
        "title": entry.title,
        "body": entry.body[:STORED_BODY],
        "extra": entry.extra[:STORED_BODY],
        "pages": tuple(page[:STORED_PAGE] for page in entry.pages),
        "tags": tuple(entry.tags),
        "facets": facets(entry),
        "author": entry.author,
        "created": seconds(entry.created_at),
        "version": entry.version,
        "sequence": sequence(read),
    }


def sequence(read: Terms) -> str:
    """The terms of an entry in reading order, between spaces; texts are parted so that no phrase runs across them."""
    return "|".join(f" {' '.join(text)} " for texts in read.values() for text in texts if text)


def seconds(moment: datetime | None) -> int:
    """Seconds since 1970, 0 when unknown; a naive moment is UTC."""
    if moment is None:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, min(int(moment.timestamp()), 2**32 - 1))


def same_facet(value: str) -> str:
    """Facet values compared as people type them: without case, accents, spaces or hyphens."""
    return fold(value).replace(" ", "-").replace("_", "-")
