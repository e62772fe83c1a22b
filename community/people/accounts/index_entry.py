"""A member as an entry of the index: found by signed-in members only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from community.core import vocab
from community.core.db import db
from community.core.territories import territory_name
from community.people.accounts.models import Expertise, Member, Organisation
from search_index.entry import IndexEntry

ACCESS = frozenset({"members", "administrator"})


def member_entries(ids: Sequence[int]) -> list[IndexEntry]:
    """One entry per active member: name, job, organisation, expertise."""
    query = select(Member, Organisation).outerjoin(Organisation, Organisation.id == Member.organisation_id)
    rows = db.session.execute(query.where(Member.id.in_(ids), Member.state == "active"))
    fields = _expertise(ids)
    return [_entry(member, organisation, fields[member.id]) for member, organisation in rows]


def _entry(member: Member, organisation: Organisation | None, labels: list[str]) -> IndexEntry:
    parts = [member.job, member.bio]
    facets = {}
    if organisation is not None:
        parts += [organisation.name, vocab.label("organisation_type", organisation.type)]
        parts += [territory_name(organisation.territory)]
        facets = {"organisation_type": (organisation.type,), "territory": (organisation.territory,)}
    body = "\n".join(part for part in parts if part)
    return IndexEntry(
        id=f"member:{member.id}",
        kind="member",
        ref=member.id,
        title=member.display_name,
        body=body,
        tags=tuple(labels),
        facets=facets,
        access=ACCESS,
        author=member.display_name,
        author_id=member.id,
        created_at=member.created_at,
        updated_at=member.created_at,
        version=str(hash_text(member.display_name, body, *labels)),
    )


def hash_text(*parts: str) -> int:
    """A number that changes with the texts and is the same in every process."""
    import zlib

    return zlib.crc32("\x1f".join(parts).encode())


def _expertise(ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = select(Expertise.member_id, Expertise.label).where(Expertise.member_id.in_(ids)).order_by(Expertise.label)
    for row in db.session.execute(query):
        found[row.member_id].append(row.label)
    return found
