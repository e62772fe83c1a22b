"""Who is asking: the signed-in member with roles, or a visitor. Read in one statement per request, never written to."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import String, bindparam, cast, func, or_, select

from community.core.clock import now
from community.core.db import Instant, db
from community.core.slugs import slugify
from community.people.accounts import trust
from community.people.accounts.models import Member, SignIn
from community.people.accounts.pseudonyms import NAME, Pseudonym
from community.people.communities.models import Community, Membership, Sanction


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
    quality: str = "agent"
    created_at: datetime | None = None
    useful_count: int = 0
    #: the pseudonyms used, by thread; ``id`` is one of them in the identity that writing_in() gives
    aliases: dict[int, int] = field(default_factory=dict)
    person_id: int = 0
    #: communities where this person reads only, and those that keep them out
    silenced_ids: frozenset[int] = frozenset()
    banned_ids: frozenset[int] = frozenset()
    #: communities where the person has a place that a ban or a bar suspends
    kept_out_ids: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not self.person_id:
            object.__setattr__(self, "person_id", self.id)

    def get_id(self) -> str:
        return self.session_key

    @property
    def own_ids(self) -> list[int]:
        """The member ids under which this person writes: their own, then their pseudonyms."""
        return [self.person_id, *sorted(self.aliases.values())]

    def owns(self, member_id: int | None) -> bool:
        """Whether what this member id signed is this person's, under their name or a pseudonym."""
        return member_id is not None and (member_id == self.person_id or member_id in self.aliases.values())

    def writing_in(self, item: Any) -> Identity:
        """Who this person is on a contribution's page: the pseudonym taken there, with the same rights, or themself."""
        return self.writing_on(item.thread_id or item.id)

    def writing_on(self, thread_id: int) -> Identity:
        alias = self.aliases.get(thread_id)
        return self if alias is None or alias == self.id else replace(self, id=alias, display_name=NAME, email="")

    def with_alias(self, thread_id: int, member_id: int) -> Identity:
        """The same person, who has just taken a pseudonym on this page."""
        return replace(self, aliases={**self.aliases, thread_id: member_id})

    @property
    def is_new(self) -> bool:
        """Links, mentions, files and rhythm are rationed until peers have found this member useful (trust.py)."""
        return trust.is_new(self)

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

    def is_silenced_in(self, community_id: int) -> bool:
        return community_id in self.silenced_ids

    def is_expert_in(self, community_id: int) -> bool:
        return self.role_in(community_id) == "expert" and community_id not in self.silenced_ids

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
    own_ids: list[int] = []
    aliases: dict[int, int] = {}
    quality = ""
    is_new = False
    silenced_ids: frozenset[int] = frozenset()
    banned_ids: frozenset[int] = frozenset()
    kept_out_ids: frozenset[int] = frozenset()

    def owns(self, member_id: int | None) -> bool:
        return False

    def writing_in(self, item: Any) -> Visitor:
        return self

    def role_in(self, community_id: int) -> None:
        return None

    def is_member_of(self, community_id: int) -> bool:
        return False

    is_expert_in = is_moderator_in = is_silenced_in = is_member_of


User = Identity | Visitor

#: pairs in one text (« thread:pseudonym,… », « silence:community,… »): one statement reads the whole identity
_ALIASES = (
    select(func.aggregate_strings(cast(Pseudonym.thread_id, String) + ":" + cast(Pseudonym.member_id, String), ","))
    .where(Pseudonym.owner_id == Member.id)
    .scalar_subquery()
    .label("aliases")
)
_SANCTIONS = (
    select(func.aggregate_strings(Sanction.kind + ":" + cast(Sanction.community_id, String), ","))
    .where(
        Sanction.member_id == Member.id,
        Sanction.community_id.is_not(None),
        Sanction.lifted_at.is_(None),
        or_(Sanction.until.is_(None), Sanction.until > bindparam("now", type_=Instant)),
    )
    .scalar_subquery()
    .label("sanctions")
)
_COLUMNS = (
    Member.id,
    Member.display_name,
    Member.email,
    Member.platform_role,
    Member.locale,
    Member.unread_count,
    Member.quality,
    Member.created_at,
    Member.useful_count,
    _ALIASES,
    _SANCTIONS,
    Membership.role,
    Community.id.label("community_id"),
    Community.name.label("community_name"),
    Community.slug.label("community_slug"),
    Community.archived_at,
    Community.barred,
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
        .where(
            SignIn.key_hash == hash_key(session_key),
            SignIn.expires_at > bindparam("now", type_=Instant),
            Member.state == "active",
        )
    )
    return _identity(db.session.execute(_with_places(query), {"now": now()}).all(), session_key)


def identity_of(member_id: int) -> Identity | None:
    """The identity of an active member outside any request (worker, seeds, tests)."""
    query = select(*_COLUMNS).select_from(Member).where(Member.id == member_id, Member.state == "active")
    return _identity(db.session.execute(_with_places(query), {"now": now()}).all())


def _identity(rows, session_key: str = "") -> Identity | None:
    if not rows:
        return None
    first = rows[0]
    administrator = first.platform_role == "administrator"
    decided = _pairs(first.sanctions)
    banned = frozenset(int(id) for kind, id in decided if kind == "ban")
    inside = [row for row in rows if row.community_id is not None]
    barred = {row.community_id for row in inside if first.quality in row.barred} if not administrator else set()
    kept_out = barred | banned.intersection(row.community_id for row in inside)
    places = {
        row.community_id: Place(
            row.community_id, row.community_name, row.community_slug, row.role, row.archived_at is not None
        )
        for row in inside
        if row.community_id not in kept_out
    }
    return Identity(
        id=first.id,
        display_name=first.display_name,
        email=first.email,
        is_administrator=administrator,
        locale=first.locale,
        unread_count=first.unread_count,
        places=places,
        session_key=session_key,
        sign_in_id=getattr(first, "sign_in_id", None),
        quality=first.quality,
        created_at=first.created_at,
        useful_count=first.useful_count,
        aliases={int(thread): int(alias) for thread, alias in _pairs(first.aliases)},
        silenced_ids=frozenset(int(id) for kind, id in decided if kind == "silence"),
        banned_ids=banned,
        kept_out_ids=frozenset(kept_out),
    )


def _pairs(text: str | None) -> Collection[tuple[str, str]]:
    """« a:1,b:2 » → [("a", "1"), ("b", "2")]."""
    return [(left, right) for left, _colon, right in (part.partition(":") for part in (text or "").split(",")) if right]


def hash_key(key: str) -> str:
    """Keys sent to people (sessions, mail links) are random 256-bit texts: SHA-256 is enough to keep them by."""
    return hashlib.sha256(key.encode()).hexdigest()
