"""Reads of the spine: the feed and lists of any kind, one statement each, rows and not entities."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from community.contributions.models import Contribution
from community.core.paging import Key, Page, paginate
from community.people.accounts.models import Member, Organisation
from community.people.communities.models import Community
from community.permissions import is_out, visible_to

#: What a card shows of any contribution.
CARD_COLUMNS = (
    Contribution.id,
    Contribution.kind,
    Contribution.title,
    Contribution.state,
    Contribution.score,
    Contribution.phase,
    Contribution.thread_id,
    Contribution.replies_count,
    Contribution.comments_count,
    Contribution.published_at,
    Contribution.last_activity_at,
    Contribution.author_id,
    Member.display_name.label("author_name"),
    Member.job.label("author_job"),
    Organisation.type.label("organisation_type"),
    Organisation.territory.label("organisation_territory"),
    Contribution.community_id,
    Community.name.label("community_name"),
    Community.slug.label("community_slug"),
)
BY_ACTIVITY = (Key(Contribution.last_activity_at, "last_activity_at"), Key(Contribution.id, "id"))
BY_PUBLICATION = (Key(Contribution.published_at, "published_at"), Key(Contribution.id, "id"))


def cards(user: Any, *more_columns: Any) -> Select[Any]:
    """Published contributions with a page of their own that ``user`` may see, as card rows."""
    return (
        select(*CARD_COLUMNS, *more_columns)
        .select_from(Contribution)
        .join(Member, Member.id == Contribution.author_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .join(Community, Community.id == Contribution.community_id)
        .where(Contribution.thread_id.is_(None), is_out(), visible_to(user))
    )


def recent_feed(user: Any, cursor: str | None = None) -> Page:
    """The home feed: every kind, latest activity first."""
    return paginate(cards(user), BY_ACTIVITY, cursor)


def community_feed(user: Any, community: Community, cursor: str | None = None, size: int = 10) -> Page:
    return paginate(cards(user).where(Contribution.community_id == community.id), BY_ACTIVITY, cursor, size)


def member_feed(user: Any, member_id: int, cursor: str | None = None, size: int = 10) -> Page:
    """What a member published, as ``user`` may see it."""
    return paginate(cards(user).where(Contribution.author_id == member_id), BY_PUBLICATION, cursor, size)
