"""Reads of communities: the list, the people of one, requests and invitations that wait. One statement each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, literal, select
from sqlalchemy.orm import aliased, joinedload

from community.core import ports
from community.core.clock import now
from community.core.db import db
from community.core.errors import NotFound
from community.core.paging import Key, Page, paginate
from community.people.accounts.identity import hash_key
from community.people.accounts.models import Member, Organisation
from community.people.accounts.queries import expertise_of
from community.people.communities.models import Community, Invitation, JoinRequest, Membership
from community.permissions import community_visible_to

LIST_SIZE = 24
MOST_SHOWN = 24
FIRST_ROLES = {"moderator": 0, "expert": 1, "member": 2}

PERSON_COLUMNS = (
    Member.id,
    Member.display_name,
    Member.name_key,
    Member.job,
    Member.can_help,
    Organisation.name.label("organisation_name"),
    Organisation.type.label("organisation_type"),
    Organisation.territory,
)


@ports.provide("is_barred_somewhere")
def is_barred_somewhere(quality: str) -> bool:
    """Whether some community turns this quality away."""
    return any(quality in (barred or ()) for barred in db.session.scalars(select(Community.barred)))


def communities_page(user: Any, kind: str = "", cursor: str | None = None) -> Page:
    """Communities that ``user`` may know, with the user's role: own ones first, then by name (archived ones last, for
    administrators)."""
    mine = case((Community.id.in_(list(user.places)), 0), else_=1)
    rank = case((Community.archived_at.is_not(None), 2), else_=mine).label("rank")
    query = select(
        Community.id,
        Community.name,
        Community.slug,
        Community.kind,
        Community.access,
        Community.visibility,
        Community.purpose,
        Community.members_count,
        Community.questions_count,
        Community.sheets_count,
        Community.documents_count,
        Community.unanswered_count,
        Community.archived_at,
        rank,
    ).where(community_visible_to(user))
    if not user.is_administrator:
        query = query.where(Community.archived_at.is_(None))
    if kind:
        query = query.where(Community.kind == kind)
    keys = (Key(rank.element, "rank", False), Key(Community.slug, "slug", False))
    page = paginate(query, keys, cursor, LIST_SIZE)
    return Page([{**row._mapping, "role": user.role_in(row.id)} for row in page], page.older, page.newer)


def people_with_roles(community_id: int) -> list[dict[str, Any]]:
    """Moderators, then experts, by name, with what they know: who runs a community and who answers there."""
    query = _people(community_id).where(Membership.role.in_(("moderator", "expert")))
    return with_expertise(
        db.session.execute(query.order_by(_rank(), Member.name_key, Member.id).limit(MOST_SHOWN)).all()
    )


def members_page(community_id: int, role: str = "", cursor: str | None = None) -> Page:
    """Everybody in a community: moderators, experts, then members, by name, with what they know."""
    query = _people(community_id)
    if role:
        query = query.where(Membership.role == role)
    keys = (Key(_rank(), "rank", False), Key(Member.name_key, "name_key", False), Key(Member.id, "id", False))
    page = paginate(query, keys, cursor)
    return Page(with_expertise(page.rows), page.older, page.newer)


def with_expertise(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """People's rows as the cards read them, with their fields in words; one statement whatever their number."""
    fields = expertise_of([row.id for row in rows]) if rows else {}
    return [{**row._mapping, "expertise": [field.label for field in fields.get(row.id, ())]} for row in rows]


def standing(user: Any, community: Community) -> frozenset[str]:
    """What waits between this person and this community: « requested », « invited ». None asked for a visitor."""
    if not user.is_authenticated or user.is_member_of(community.id):
        return frozenset()
    requested = select(literal("requested").label("what"), JoinRequest.id).where(
        JoinRequest.community_id == community.id, JoinRequest.member_id == user.id, JoinRequest.state == "pending"
    )
    invited = select(literal("invited"), Invitation.id).where(
        Invitation.community_id == community.id, *_for_address(user.email)
    )
    return frozenset(row.what for row in db.session.execute(requested.union_all(invited)))


def waiting_requests(community_id: int, cursor: str | None = None) -> Page:
    """The moderators' desk: who asks to come in, oldest first, with what they wrote and what they know."""
    query = (
        select(*PERSON_COLUMNS, JoinRequest.id.label("request_id"), JoinRequest.message, JoinRequest.created_at)
        .join(JoinRequest, JoinRequest.member_id == Member.id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(JoinRequest.community_id == community_id, JoinRequest.state == "pending")
    )
    page = paginate(query, (Key(JoinRequest.id, "request_id", False),), cursor)
    return Page(with_expertise(page.rows), page.older, page.newer)


def decided_requests(community_id: int, limit: int = 10) -> list[Any]:
    """The last answers given, and by whom."""
    decider = aliased(Member, flat=True)
    query = (
        select(
            JoinRequest.id,
            JoinRequest.state,
            JoinRequest.reason,
            JoinRequest.decided_at,
            Member.display_name,
            decider.display_name.label("decided_by"),
        )
        .join(Member, Member.id == JoinRequest.member_id)
        .outerjoin(decider, decider.id == JoinRequest.decided_by_id)
        .where(JoinRequest.community_id == community_id, JoinRequest.state.in_(("accepted", "refused")))
    )
    return list(db.session.execute(query.order_by(JoinRequest.decided_at.desc(), JoinRequest.id).limit(limit)))


def request_in(community: Community, id: int) -> JoinRequest:
    """A request to this community, with its member and community; else NotFound."""
    loaded = (joinedload(JoinRequest.member), joinedload(JoinRequest.community))
    query = select(JoinRequest).where(JoinRequest.id == id, JoinRequest.community_id == community.id)
    return _one(query.options(*loaded))


def invitations_page(community_id: int, cursor: str | None = None) -> Page:
    """Invitations sent, newest first, with what became of them."""
    query = (
        select(
            Invitation.id,
            Invitation.email,
            Invitation.role,
            Invitation.state,
            Invitation.created_at,
            Invitation.expires_at,
            (Invitation.expires_at > now()).label("is_open"),
            Member.display_name.label("invited_by"),
        )
        .join(Member, Member.id == Invitation.invited_by_id)
        .where(Invitation.community_id == community_id)
    )
    return paginate(query, (Key(Invitation.id, "id"),), cursor)


def invitation_in(community: Community, id: int) -> Invitation:
    return _one(_invitations().where(Invitation.id == id, Invitation.community_id == community.id))


def invitation_by_token(token: str) -> Invitation:
    """The invitation whose link this is, while it can still be answered; else NotFound."""
    waiting = (Invitation.state == "pending", Invitation.expires_at > now(), Community.archived_at.is_(None))
    query = _invitations().join(Community, Community.id == Invitation.community_id)
    return _one(query.where(Invitation.token_hash == hash_key(token), *waiting))


def my_invitation(user: Any, id: int) -> Invitation:
    """An invitation sent to this person's own address, whatever became of it; else NotFound."""
    return _one(_invitations().where(Invitation.id == id, Invitation.email == user.email))


def places_without_effect(user: Any) -> list[Any]:
    """Communities where this person has a place that a ban or a barred quality suspends, and that they may know."""
    if not user.kept_out_ids:
        return []
    query = select(Community.id, Community.name, Community.slug, Community.barred)
    known = (Community.id.in_(user.kept_out_ids), Community.archived_at.is_(None), community_visible_to(user))
    return list(db.session.execute(query.where(*known).order_by(Community.name)))


def my_invitations(user: Any) -> list[Any]:
    """What this person is invited to and has not answered: found by address, also after registering."""
    if not user.is_authenticated:
        return []
    query = (
        select(
            Invitation.id,
            Invitation.message,
            Community.name,
            Community.purpose,
            Community.barred,
            Member.display_name.label("invited_by"),
        )
        .join(Community, Community.id == Invitation.community_id)
        .join(Member, Member.id == Invitation.invited_by_id)
        .where(*_for_address(user.email), Community.archived_at.is_(None), Community.id.not_in(user.banned_ids))
    )
    rows = db.session.execute(query.order_by(Invitation.id.desc()).limit(20))
    return [row for row in rows if user.quality not in row.barred]


def _for_address(email: str) -> tuple[Any, ...]:
    return (Invitation.email == email, Invitation.state == "pending", Invitation.expires_at > now())


def _people(community_id: int) -> Any:
    return (
        select(*PERSON_COLUMNS, Membership.role, Membership.joined_at, _rank().label("rank"))
        .join(Membership, Membership.member_id == Member.id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Membership.community_id == community_id, Member.state == "active")
    )


def _rank() -> Any:
    return case(FIRST_ROLES, value=Membership.role, else_=3)


def _invitations() -> Any:
    return select(Invitation).options(joinedload(Invitation.community), joinedload(Invitation.invited_by))


def _one(query: Any) -> Any:
    row = db.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound()
    return row
