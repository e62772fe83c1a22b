"""Results that moderators chose for some words: shown first, to those who may see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from community.contributions.models import Contribution
from community.core.db import db
from community.core.errors import NotFound
from community.people.accounts.models import Member
from community.people.communities.models import Community
from community.permissions import is_out, visible_to
from community.services.search.models import PinnedResult
from community.services.search.words import search_key

MOST_SHOWN = 3


def pinned(user: Any, text: str) -> list[Any]:
    """The pages chosen for these words that ``user`` may see, the latest choice first."""
    key = search_key(text)
    if not key:
        return []
    query = (
        select(
            Contribution.id,
            Contribution.kind,
            Contribution.title,
            Contribution.published_at,
            Member.display_name.label("author"),
            Community.name.label("community_name"),
        )
        .join(PinnedResult, PinnedResult.contribution_id == Contribution.id)
        .join(Member, Member.id == Contribution.author_id)
        .join(Community, Community.id == Contribution.community_id)
        .where(PinnedResult.key == key, is_out(), visible_to(user))
    )
    return list(db.session.execute(query.order_by(PinnedResult.id.desc()).limit(MOST_SHOWN)))


def pin(words: str, page: Contribution, user: Any) -> None:
    """Show this page first for these words; repeating it changes nothing."""
    row = PinnedResult(key=search_key(words), words=words, contribution_id=page.id, created_by_id=user.id)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return


def pins_seen(user: Any, limit: int = 200) -> list[Any]:
    """Every choice whose page this moderator may see, for the list."""
    query = (
        select(PinnedResult.id, PinnedResult.words, Contribution.id.label("ref"), Contribution.kind, Contribution.title)
        .join(Contribution, Contribution.id == PinnedResult.contribution_id)
        .where(visible_to(user))
    )
    return list(db.session.execute(query.order_by(PinnedResult.id.desc()).limit(limit)))


def unpin(id: int, user: Any) -> None:
    """Take a choice away; one whose page cannot be seen does not exist."""
    seen = select(Contribution.id).where(visible_to(user))
    which = delete(PinnedResult).where(PinnedResult.id == id, PinnedResult.contribution_id.in_(seen))
    if not db.session.execute(which.returning(PinnedResult.id)).all():
        raise NotFound()
