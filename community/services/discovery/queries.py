"""What anybody may find: read as a visitor, whoever is asking, so that nothing restricted can be in it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from community.contributions.models import Contribution
from community.contributions.queries import BY_PUBLICATION, cards
from community.core.db import db
from community.core.paging import paginate
from community.people.accounts.identity import Visitor
from community.people.communities.models import Community
from community.permissions import community_visible_to, get_visible_community, is_out, visible_to

#: what one sitemap may list is 50,000 addresses
MOST_PAGES = 45_000
ANYBODY = Visitor()


def public_pages() -> list[Any]:
    """Every contribution with a page of its own that a visitor may read, the latest first: kind, id, title, day."""
    query = (
        select(Contribution.kind, Contribution.id, Contribution.title, Contribution.last_activity_at)
        .where(Contribution.thread_id.is_(None), is_out(), visible_to(ANYBODY))
        .order_by(Contribution.last_activity_at.desc())
        .limit(MOST_PAGES)
    )
    return list(db.session.execute(query))


def public_communities() -> list[str]:
    query = select(Community.slug).where(community_visible_to(ANYBODY), Community.archived_at.is_(None))
    return list(db.session.scalars(query.order_by(Community.slug)))


def public_community(slug: str) -> Community:
    """The community with this slug if a visitor may know of it; else NotFound, whoever asks."""
    return get_visible_community(slug, ANYBODY)


def latest_public(community: Community | None = None) -> list[Any]:
    """What was published lately, of every community or of one: card rows, with the stored HTML."""
    query = cards(ANYBODY, Contribution.body_html)
    if community is not None:
        query = query.where(Contribution.community_id == community.id)
    return list(paginate(query, BY_PUBLICATION, None))
