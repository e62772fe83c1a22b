"""Reads of proposals: the review desk's queue, somebody's own, and what one changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from community.content.clauses.fields import in_words, related_ids
from community.content.clauses.models import PENDING, Clause, ClauseVersion
from community.content.clauses.queries import titles_of
from community.content.clauses.variables import defined
from community.core.db import db
from community.core.diff import FieldChange, field_changes
from community.people.accounts.models import Member
from community.people.communities.models import Community, Membership
from community.permissions import proposals_visible_to

WAITING = ("proposed", "in_review")
_COLUMNS = (
    ClauseVersion.id,
    ClauseVersion.state,
    ClauseVersion.change_note,
    ClauseVersion.base_number,
    ClauseVersion.proposed_at,
    ClauseVersion.updated_at,
    ClauseVersion.reason,
    ClauseVersion.proposed_by_id,
    ClauseVersion.data["title"].as_string().label("title"),
    Member.display_name.label("author_name"),
    Community.name.label("community_name"),
)
_SPINE = Clause.__mapper__.inherits.local_table  # type: ignore[union-attr]


def queue_of(user: Any, community_id: int | None = None) -> list[Any]:
    """What waits for a reviewer in the communities that this person moderates, the oldest first."""
    ids = [community_id] if community_id in user.moderated_ids else user.moderated_ids
    waiting = _proposals(user).where(ClauseVersion.state.in_(WAITING), _SPINE.c.community_id.in_(ids))
    return list(db.session.execute(waiting.order_by(ClauseVersion.proposed_at, ClauseVersion.id).limit(200)))


def proposals_of(user: Any) -> list[Any]:
    """Drafts, proposals and refused texts that this person may read: the own ones first, then the latest."""
    others = (ClauseVersion.proposed_by_id != user.id).label("others")
    unsettled = ClauseVersion.state.in_((*PENDING, "refused"))
    query = _proposals(user).where(unsettled).order_by(others, ClauseVersion.updated_at.desc(), ClauseVersion.id.desc())
    return list(db.session.execute(query.limit(100)))


def waiting_on(clause_id: int, user: Any) -> list[Any]:
    """The proposals that wait on one clause, as far as ``user`` may see them."""
    if not user.is_authenticated:
        return []
    query = _proposals(user).where(ClauseVersion.clause_id == clause_id, ClauseVersion.state.in_(PENDING))
    return list(db.session.execute(query.order_by(ClauseVersion.id)))


def changes_between(older: ClauseVersion | None, newer: ClauseVersion, user: Any) -> list[FieldChange]:
    """What differs, field by field and word by word; the related clauses named as far as ``user`` may see them."""
    before = older.data if older else {}
    titles = titles_of(related_ids(before, newer.data), user)
    known = defined(before, newer.data)
    return field_changes(in_words(before, titles, known), in_words(newer.data, titles, known))


def curators_of(community_id: int, *more: Any) -> list[tuple[int, str]]:
    """Who may look after a clause: moderators and experts of the community, and these members (author, curator)."""
    query = (
        select(Member.id, Member.display_name)
        .join(Membership, Membership.member_id == Member.id)
        .where(Membership.community_id == community_id, Membership.role.in_(("moderator", "expert")))
        .where(Member.state == "active")
        .order_by(Member.name_key)
    )
    people = {row.id: row.display_name for row in db.session.execute(query)}
    people |= {member.id: member.display_name for member in more if member is not None}
    return list(people.items())


def _proposals(user: Any) -> Any:
    return (
        select(*_COLUMNS)
        .select_from(ClauseVersion)
        .join(Clause.__table__, Clause.__table__.c.id == ClauseVersion.clause_id)
        .join(_SPINE, _SPINE.c.id == ClauseVersion.clause_id)
        .join(Member, Member.id == ClauseVersion.proposed_by_id)
        .join(Community, Community.id == _SPINE.c.community_id)
        .where(proposals_visible_to(user, ClauseVersion, _SPINE.c))
    )
