"""Searches that members follow: kept with their filters, and tried on what was just published, on nothing else.

The new pages are put in an index of their own, of a few entries, and the followed searches are run on it: the very same
words, filters and synonyms as on the results page, at a cost that does not depend on what was published before.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from community.contributions.indexing import build_entries
from community.contributions.models import Contribution
from community.core.db import db, reading
from community.core.errors import Conflict, NotFound
from community.permissions import is_out
from community.services.notifications.actions import Cause, tell_about
from community.services.search.index import reader
from community.services.search.models import FollowedSearch
from community.services.search.results import Query, narrowing
from search_index.backend import open_backend
from search_index.entry import IndexEntry, SearchRequest
from search_index.synonyms import Synonyms

MOST = 50
BATCH = 500


def signature(query: Query) -> str:
    """The same for the same words and filters, in any order."""
    words = " ".join(query.text.casefold().split())
    return hashlib.sha256(json.dumps([words, kept_filters(query)], sort_keys=True).encode()).hexdigest()


def kept_filters(query: Query) -> dict[str, list[str]]:
    """What is kept beside the words: kind and facets; a period would end, an order changes nothing."""
    kept = {name: sorted(values) for name, values in query.filters.items() if values}
    return kept | ({"type": [query.kind]} if query.kind else {})


def follow_search(user: Any, query: Query) -> None:
    """Tell this member of what is published and matches; repeating it changes nothing."""
    if not query.text and not kept_filters(query):
        raise Conflict()
    count = select(func.count()).select_from(FollowedSearch).where(FollowedSearch.member_id == user.id)
    if (db.session.scalar(count) or 0) >= MOST:
        raise Conflict()
    row = FollowedSearch(
        member_id=user.id, words=query.text[:200], filters=kept_filters(query), signature=signature(query)
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return


def unfollow_search(user: Any, id: int) -> None:
    """Stop; another member's search does not exist."""
    which = delete(FollowedSearch).where(FollowedSearch.id == id, FollowedSearch.member_id == user.id)
    if not db.session.execute(which.returning(FollowedSearch.id)).all():
        raise NotFound()


def followed_searches(user: Any) -> list[FollowedSearch]:
    query = select(FollowedSearch).where(FollowedSearch.member_id == user.id)
    return list(db.session.scalars(query.order_by(FollowedSearch.id.desc())))


def tell_followers(ids: Collection[int], moment: Any, actors: dict[int, int | None]) -> None:
    """Tell, once a page and a member, those whose followed search matches one of these pages (by id)."""
    with reading():
        pages = {page.id: page for page in db.session.scalars(_new_pages(ids))}
        matches = _matches(pages) if pages else {}
        db.session.expunge_all()
        db.session.rollback()
    for id, members in matches.items():
        cause = Cause(actors.get(id), moment)
        tell_about(pages[id], members, "search.matched", f"search:{id}", cause)


def _new_pages(ids: Iterable[int]) -> Any:
    query = select(Contribution).where(Contribution.id.in_(list(ids)), Contribution.thread_id.is_(None), is_out())
    return query.options(joinedload(Contribution.community), joinedload(Contribution.thread))


def _matches(pages: dict[int, Contribution]) -> dict[int, set[int]]:
    """Page → the members who follow a search that it matches, and followed it before it was published."""
    found: dict[int, set[int]] = defaultdict(set)
    if db.session.scalar(select(FollowedSearch.id).limit(1)) is None:
        return found
    entries = _entries(pages)
    with _IndexOf(entries) as small:
        for group in _followed():
            first = group[0]
            for id in _matched(small, first):
                published = pages[id].published_at
                found[id].update(row.member_id for row in group if published and row.created_at <= published)
    return found


def _entries(pages: dict[int, Contribution]) -> list[IndexEntry]:
    by_kind: dict[str, list[int]] = defaultdict(list)
    for page in pages.values():
        by_kind[page.kind].append(page.id)
    return [entry for kind, ids in by_kind.items() for entry in build_entries(kind, ids)]


class _IndexOf:
    """A context: an index of these entries alone, in a folder that goes with it."""

    def __init__(self, entries: list[IndexEntry]) -> None:
        self.entries = entries
        self.everything = frozenset(token for entry in entries for token in entry.access)

    def __enter__(self) -> _IndexOf:
        synonyms: Synonyms = reader().synonyms
        self.folder = tempfile.TemporaryDirectory(prefix="suivies-")
        self.backend = open_backend(f"whoosh:{self.folder.name}/index", synonyms)
        self.backend.rebuild(self.entries)
        return self

    def __exit__(self, *_: object) -> None:
        self.backend.close()
        self.folder.cleanup()


def _matched(small: _IndexOf, followed: FollowedSearch) -> list[int]:
    """The pages of the small index that hold every word of the search, as it was written, and pass its filters."""
    query = Query.from_kept(followed.words, followed.filters)
    request = SearchRequest(
        text=query.text,
        readers=small.everything,
        filters=narrowing(query),
        kinds=(query.kind,) if query.kind else (),
        every_word=True,
        limit=len(small.entries),
        passages=0,
    )
    return [hit.ref for hit in small.backend.search(request).hits if hit.kind != "member"]


def _followed() -> Iterator[list[FollowedSearch]]:
    """Every followed search, those that are the same together: each is run once however many follow it."""
    last, group = ("", 0), []
    while True:
        key = (FollowedSearch.signature > last[0]) | (
            (FollowedSearch.signature == last[0]) & (FollowedSearch.id > last[1])
        )
        query = select(FollowedSearch).where(key).order_by(FollowedSearch.signature, FollowedSearch.id).limit(BATCH)
        rows = list(db.session.scalars(query))
        for row in rows:
            if group and row.signature != group[0].signature:
                yield group
                group = []
            group.append(row)
        if len(rows) < BATCH:
            break
        last = (rows[-1].signature, rows[-1].id)
    if group:
        yield group
