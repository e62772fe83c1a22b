"""Who is asking: the signed-in member with roles, or a visitor. Read in one statement per request, never written to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import select

from community.core.clock import now
from community.core.db import db
from community.core.slugs import slugify
from community.people.accounts.models import Member, SignIn
from community.people.communities.models import Community, Membership


@dataclass(frozen=True)
class Place:
    """A member's place in one community."""

    community_id: int
    name: str
    slug: str
    role: str
    archived: bool = False


@dataclass(frozen=True)
class Identity(UserMixin):
    """A signed-in, active member: what views, templates and permissions may ask about the person."""

    id: int
    display_name: str
    email: str
    is_administrator: bool = False
    locale: str = "fr"
    unread_count: int = 0
    places: dict[int, Place] = field(default_factory=dict)
    session_key: str = field(default="", repr=False, compare=False)
    sign_in_id: int | None = None

    def get_id(self) -> str:
        return self.session_key

    @property
    def slug(self) -> str:
        return slugify(self.display_name)

    @property
    def initials(self) -> str:
        words = self.display_name.replace("-", " ").split()
        return "".join(word[0] for word in (words[0], words[-1]) if word).upper() if len(words) > 1 else words[0][:1]

    @property
    def communities(self) -> list[Place]:
        """The communities that live, by name; one that is archived is still readable by its members."""
        return sorted((place for place in self.places.values() if not place.archived), key=lambda place: place.name)

    def role_in(self, community_id: int) -> str | None:
        place = self.places.get(community_id)
        return place.role if place else None

    def is_member_of(self, community_id: int) -> bool:
        return community_id in self.places

    def is_expert_in(self, community_id: int) -> bool:
        return self.role_in(community_id) == "expert"

    def is_moderator_in(self, community_id: int) -> bool:
        return self.role_in(community_id) == "moderator"

    @property
    def moderated_ids(self) -> list[int]:
        return [place.community_id for place in self.places.values() if place.role == "moderator"]

    @property
    def expert_ids(self) -> list[int]:
        return [place.community_id for place in self.places.values() if place.role == "expert" and not place.archived]


class Visitor(AnonymousUserMixin):
    """Somebody who is not signed in: no id, no place, no role."""

    id = None
    display_name = ""
    is_administrator = False
    locale = None
    unread_count = 0
    places: dict[int, Place] = {}
    communities: list[Place] = []
    moderated_ids: list[int] = []
    expert_ids: list[int] = []

    def role_in(self, community_id: int) -> None:
        return None

    def is_member_of(self, community_id: int) -> bool:
        return False

    is_expert_in = is_moderator_in = is_member_of


User = Identity | Visitor

_COLUMNS = (
    Member.id,
    Member.display_name,
    Member.email,
    Member.platform_role,
    Member.locale,
    Member.unread_count,
    Membership.role,
    Community.id.label("community_id"),
    Community.name.label("community_name"),
    Community.slug.label("community_slug"),
    Community.archived_at,
)


def _with_places(query):
    return query.outerjoin(Membership, Membership.member_id == Member.id).outerjoin(
        Community, Community.id == Membership.community_id
    )


def identity_by_session(session_key: str) -> Identity | None:
    """The member whose open session has this key; None when it is closed, expired, or the member is not active."""
    query = (
        select(*_COLUMNS, SignIn.id.label("sign_in_id"))
        .select_from(SignIn)
        .join(Member, Member.id == SignIn.member_id)
        .where(SignIn.key_hash == hash_key(session_key), SignIn.expires_at > now(), Member.state == "active")
    )
    return _identity(db.session.execute(_with_places(query)).all(), session_key)


def identity_of(member_id: int) -> Identity | None:
    """The identity of an active member outside any request (worker, seeds, tests)."""
    query = select(*_COLUMNS).select_from(Member).where(Member.id == member_id, Member.state == "active")
    return _identity(db.session.execute(_with_places(query)).all())


def _identity(rows, session_key: str = "") -> Identity | None:
    if not rows:
        return None
    first = rows[0]
    places = {
        row.community_id: Place(
            row.community_id, row.community_name, row.community_slug, row.role, row.archived_at is not None
        )
        for row in rows
        if row.community_id is not None
    }
    return Identity(
        id=first.id,
        display_name=first.display_name,
        email=first.email,
        is_administrator=first.platform_role == "administrator",
        locale=first.locale,
        unread_count=first.unread_count,
        places=places,
        session_key=session_key,
        sign_in_id=getattr(first, "sign_in_id", None),
    )


def hash_key(key: str) -> str:
    """Keys sent to people (sessions, mail links) are random 256-bit texts: SHA-256 is enough to keep them by."""
    return hashlib.sha256(key.encode()).hexdigest()
