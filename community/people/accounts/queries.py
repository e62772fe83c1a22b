"""Reads of members: the directory, one profile, names to mention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from community.core import vocab
from community.core.db import db
from community.core.errors import NotFound
from community.core.paging import Key, Page, paginate
from community.core.slugs import slugify
from community.core.territories import DEPARTEMENTS, REGIONS, within
from community.people.accounts.models import Expertise, Member, Organisation
from community.people.communities.models import Community, Membership

BY_NAME = (Key(Member.name_key, "name_key", descending=False), Key(Member.id, "id", descending=False))
CANDIDATES = 8
COLUMNS = (
    Member.id,
    Member.display_name,
    Member.name_key,
    Member.job,
    Member.bio,
    Member.can_help,
    Member.platform_role,
    Member.created_at,
    Member.quality,
    Member.organisation_id,
    Member.organisation_proof,
    Organisation.name.label("organisation_name"),
    Organisation.type.label("organisation_type"),
    Organisation.territory,
)


@dataclass(frozen=True)
class DirectoryFilters:
    """What the directory may be narrowed by; every field may be empty."""

    name: str = ""
    organisation_type: str = ""
    territory: str = ""
    expertise: str = ""
    can_help: bool = False

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> DirectoryFilters:
        type, territory = args.get("type", ""), args.get("territoire", "")
        return cls(
            " ".join(args.get("nom", "")[:80].split()),
            type if type in vocab.ORGANISATION_TYPES else "",
            territory if territory in REGIONS or territory in DEPARTEMENTS else "",
            " ".join(args.get("domaine", "")[:60].split()),
            args.get("aide") == "1",
        )

    def __bool__(self) -> bool:
        return bool(self.name or self.organisation_type or self.territory or self.expertise or self.can_help)


def directory(filters: DirectoryFilters, cursor: str | None = None) -> Page:
    """One page of active members by name, each with the words of their fields. Two statements."""
    query = _members().where(*_named(filters.name))
    if filters.organisation_type:
        query = query.where(Organisation.type == filters.organisation_type)
    if filters.territory:
        query = query.where(Organisation.territory.in_(within(filters.territory)))
    if filters.can_help:
        query = query.where(Member.can_help.is_(True))
    if words := _words(filters.expertise):
        same = Expertise.slug.contains("-".join(words), autoescape=True)
        query = query.where(exists().where(Expertise.member_id == Member.id, same))
    page = paginate(query, BY_NAME, cursor)
    fields = expertise_of([row.id for row in page])
    rows = [{**row._mapping, "expertise": [field.label for field in fields[row.id]]} for row in page]
    return replace(page, rows=rows)


def expertise_of(ids: Collection[int]) -> Mapping[int, Sequence[Any]]:
    """The fields of these members, endorsed ones first: rows of label, slug, endorsed."""
    endorsed = Expertise.endorsed_by_id.is_not(None).label("endorsed")
    found: dict[int, list[Any]] = defaultdict(list)
    query = select(Expertise.member_id, Expertise.label, Expertise.slug, endorsed).where(Expertise.member_id.in_(ids))
    for row in db.session.execute(query.order_by(endorsed.desc(), Expertise.id)):
        found[row.member_id].append(row)
    return found


def common_expertise(limit: int = 40) -> Sequence[str]:
    """The fields that most members have, proposed while one types."""
    count = func.count()
    label = func.min(Expertise.label)
    return db.session.scalars(select(label).group_by(Expertise.slug).order_by(count.desc(), label).limit(limit)).all()


def find_member(id: int) -> Any:
    """An active member's row, else NotFound: an account that waits, is suspended or erased has no page."""
    row = db.session.execute(_members().where(Member.id == id)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def communities_of(member_id: int, known: ColumnElement[bool]) -> Sequence[Any]:
    """A member's communities among those that the reader may know of (``known``: permissions.community_visible_to)."""
    query = (
        select(Community.name, Community.slug, Membership.role)
        .join(Membership, Membership.community_id == Community.id)
        .where(Membership.member_id == member_id, Community.archived_at.is_(None), known)
        .order_by(Community.name)
    )
    return db.session.execute(query).all()


def community_ids_of(member_id: int) -> Sequence[int]:
    return db.session.scalars(select(Membership.community_id).where(Membership.member_id == member_id)).all()


def mention_candidates(text: str) -> Sequence[Any]:
    """At most eight active members, each typed word beginning one of the name's; nothing for nothing typed."""
    if not _words(text):
        return []
    query = _members().where(*_named(text)).order_by(Member.name_key, Member.id)
    return db.session.execute(query.limit(CANDIDATES)).all()


def names_of(ids: Collection[int]) -> Mapping[int, str]:
    """The present names of the active members among these (core.text's resolver of mentions)."""
    possible = [id for id in ids if 0 < id < 2**31]
    query = select(Member.id, Member.display_name).where(Member.id.in_(possible), Member.state == "active")
    return {row.id: row.display_name for row in db.session.execute(query)}


def _members() -> Select[Any]:
    return (
        select(*COLUMNS)
        .select_from(Member)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.state == "active")
    )


def _named(text: str) -> list[ColumnElement[bool]]:
    """Every typed word begins a word of the name, whatever the accents and capitals."""
    return [Member.name_key.contains(f"-{word}", autoescape=True) for word in _words(text)]


def _words(text: str) -> list[str]:
    """Words as slugs spell them; none when the text has no letter or digit."""
    return slugify(text).split("-")[:6] if any(character.isalnum() for character in text) else []
