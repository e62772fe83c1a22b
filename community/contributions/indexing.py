"""How contributions become entries of the search index: what is common here, the rest beside each kind.

A kind registers one function, ``ids → entries``, that reads a batch in a handful of statements whatever its size. What
is not out (draft, removed) or no longer exists gives no entry, and its old entry goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select

from community.contributions.models import Contribution
from community.core.db import db
from community.core.text import plain_text
from community.people.accounts.models import Member
from community.people.communities.models import Community
from community.permissions import access_tokens, is_out
from search_index.entry import IndexEntry

Builder = Callable[[Sequence[int]], list[IndexEntry]]
BATCH = 500
_builders: dict[str, Builder] = {}


def index_kind(kind: str) -> Callable[[Builder], Builder]:
    """Register the function that builds the entries of a kind."""

    def register(builder: Builder) -> Builder:
        _builders[kind] = builder
        return builder

    return register


def entry_id(kind: str, id: int) -> str:
    return f"{kind}:{id}"


def build_entries(kind: str, ids: Sequence[int]) -> list[IndexEntry]:
    """The entries of these ids of one kind; those that are not out are left out."""
    return _builders[kind](ids) if ids else []


def all_entries() -> Iterator[IndexEntry]:
    """Every entry there should be, batch by batch, so that memory stays flat at any size."""
    for kind in _builders:
        for ids in _batches(kind):
            yield from build_entries(kind, ids)
            db.session.expunge_all()


def spine_rows(model: Any, ids: Sequence[int], *columns: Any) -> list[Any]:
    """The rows of a kind with what every entry needs: the entity (community loaded) and its author's name."""
    query = (
        select(model, Member.display_name.label("author_name"), Community, *columns)
        .join(Member, Member.id == model.author_id)
        .join(Community, Community.id == model.community_id)
        .where(model.id.in_(ids), is_out(model), Community.archived_at.is_(None))
    )
    return list(db.session.execute(query))


def spine_entry(item: Any, community: Community, author: str, labels: Any, **more: Any) -> IndexEntry:
    """An entry from the spine's columns, its tags and codes; ``more`` overrides (body, extra, facets, boost, version)."""
    facets = {
        "community": (community.slug,),
        "tag": tuple(slug for slug, _label in labels.tags),
        "state": (item.state,),
        "phase": (item.phase,) if item.phase else (),
        "cpv": tuple(labels.cpv),
        "dimension": tuple(labels.dimensions),
        "territory": (item.territory,) if item.territory else (),
    }
    facets |= more.pop("facets", {})
    return IndexEntry(
        **{
            "id": entry_id(item.kind, item.id),
            "kind": item.kind,
            "ref": item.id,
            "title": item.title,
            "body": plain_text(item.body_html),
            "tags": tuple(label for _slug, label in labels.tags),
            "facets": {name: values for name, values in facets.items() if values},
            "access": access_tokens(community),
            "author": author,
            "author_id": item.author_id,
            "created_at": item.published_at,
            "updated_at": item.last_activity_at,
            "version": spine_version(item, community.visibility),
        }
        | more
    )


def spine_version(item: Any, visibility: str) -> str:
    """Changes whenever the entry should: what the nightly comparison of index and database compares."""
    stamps = (item.updated_at, item.last_activity_at)
    numbers = (item.revisions_count, item.replies_count, item.comments_count)
    parts = [*(f"{stamp.timestamp():.3f}" for stamp in stamps), *map(str, numbers), item.state, visibility]
    return "/".join(parts)


def _batches(kind: str) -> Iterable[list[int]]:
    last = 0
    while True:
        ids = list(db.session.scalars(_ids_after(kind, last)))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _ids_after(kind: str, last: int) -> Any:
    if kind == "member":
        query = select(Member.id).where(Member.id > last, Member.state == "active").order_by(Member.id)
    else:
        query = (
            select(Contribution.id).where(Contribution.id > last, Contribution.kind == kind).order_by(Contribution.id)
        )
    return query.limit(BATCH)
