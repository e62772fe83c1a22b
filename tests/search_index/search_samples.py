"""Entries made from the few words that a test is about."""

from datetime import UTC, datetime

from search_index import IndexEntry

PUBLIC = frozenset({"public"})


def entry(ident="question:1", title="", body="", **values):
    kind, _, ref = ident.partition(":")
    values.setdefault("access", PUBLIC)
    values.setdefault("created_at", datetime(2024, 1, 1, 12, tzinfo=UTC))
    return IndexEntry(id=ident, kind=kind, ref=int(ref), title=title, body=body, **values)


def ids(found):
    return [hit.id for hit in getattr(found, "hits", found)]
