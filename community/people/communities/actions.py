"""Use cases of communities: coming in, leaving, counting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from community.core.db import db
from community.core.errors import Forbidden
from community.core.outbox import emit
from community.people.communities.models import Community, Membership


def join_by_posting(user: Any, community: Community) -> None:
    """Posting in an open community makes one a member of it; elsewhere one must already be."""
    if user.is_member_of(community.id):
        return
    if community.access != "open":
        raise Forbidden()
    add_member(community, user.id)


def add_member(community: Community, member_id: int, role: str = "member") -> None:
    """Give a member a place; who already has one keeps it as it is."""
    try:
        with db.session.begin_nested():
            db.session.add(Membership(community_id=community.id, member_id=member_id, role=role))
    except IntegrityError:
        return
    count_members(community.id)
    emit("community.joined", community, member_id=member_id)


def count_members(community_id: int) -> None:
    db.session.flush()
    count = select(func.count()).select_from(Membership).where(Membership.community_id == community_id)
    statement = update(Community).where(Community.id == community_id).values(members_count=count.scalar_subquery())
    db.session.execute(statement.execution_options(synchronize_session=False))
