"""What moderators change: groups of synonyms, and what a group would change for the last searches that found nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.core.errors import NotFound
from community.people.accounts.models import Member
from community.permissions import is_out, reader_tokens, visible_to
from community.services.search.index import reader
from community.services.search.misses import latest_words
from community.services.search.models import SearchSynonym
from community.services.search.synonyms import active_groups, trial
from search_index.analysis import terms
from search_index.backend import Backend
from search_index.entry import SearchRequest
from search_index.synonyms import Synonyms

SHOWN = 3
MOST = 500


@dataclass(frozen=True)
class Change:
    """One search: the titles of its first results today, and with the group as it would be."""

    words: str
    before: list[str]
    after: list[str]


def synonym_groups() -> list[Any]:
    """Every group, those in force first, the latest first, with who made it."""
    query = (
        select(
            SearchSynonym.id,
            SearchSynonym.expressions,
            SearchSynonym.active,
            SearchSynonym.updated_at,
            Member.display_name.label("author"),
        )
        .outerjoin(Member, Member.id == SearchSynonym.created_by_id)
        .order_by(SearchSynonym.active.desc(), SearchSynonym.id.desc())
    )
    return list(db.session.execute(query.limit(MOST)))


def get_group(id: int) -> SearchSynonym:
    group = db.session.get(SearchSynonym, id)
    if group is None:
        raise NotFound()
    return group


def add_group(expressions: Sequence[str], user: Any) -> SearchSynonym:
    """Expressions that stand for each other from now on, in every process within seconds."""
    group = SearchSynonym(expressions=list(expressions), created_by_id=user.id)
    db.session.add(group)
    return group


def change_group(group: SearchSynonym, expressions: Sequence[str]) -> None:
    group.expressions, group.updated_at = list(expressions), now()


def set_active(group: SearchSynonym, active: bool) -> None:
    group.active, group.updated_at = active, now()


def preview(user: Any, expressions: Sequence[str], editing: int | None = None) -> tuple[list[Change], int]:
    """What the group changes among the last hundred searches that found nothing, and how many were tried.

    Titles are those that this moderator may see. Searches that the group does not touch are not run.
    """
    backend, words = reader(), latest_words()
    others = active_groups(without=editing)
    after = trial(backend, [*others, list(expressions)] if expressions else others)
    concerned = [text for text in words if _touched(text, backend.synonyms, after.synonyms)]
    readers = reader_tokens(user)
    found = [(text, _first(backend, text, readers), _first(after, text, readers)) for text in concerned]
    titles = _titles(user, {ref for _text, one, other in found for ref in (*one, *other)})
    changes = [
        Change(text, [titles[ref] for ref in one if ref in titles], [titles[ref] for ref in other if ref in titles])
        for text, one, other in found
        if one != other
    ]
    return changes, len(words)


def _touched(text: str, today: Synonyms, then: Synonyms) -> bool:
    written = terms(text)
    return set(today.expand(written)) != set(then.expand(written))


def _first(backend: Backend, text: str, readers: frozenset[str]) -> list[int]:
    request = SearchRequest(text=text, readers=readers, limit=SHOWN, passages=0)
    return [hit.ref for hit in backend.search(request).hits if hit.kind != "member"]


def _titles(user: Any, ids: set[int]) -> dict[int, str]:
    query = select(Contribution.id, Contribution.title).where(Contribution.id.in_(ids), is_out(), visible_to(user))
    return {row.id: row.title for row in db.session.execute(query)} if ids else {}
