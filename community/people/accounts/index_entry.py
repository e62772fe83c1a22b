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


def _entry(member: Member, organisation: Organisation | None, fields: dict[str, str]) -> IndexEntry:
    parts = [member.job, member.bio]
    facets: dict[str, tuple[str, ...]] = {"tag": tuple(fields)} if fields else {}
    if organisation is not None:
        parts += [organisation.name, vocab.label("organisation_type", organisation.type)]
        parts += [territory_name(organisation.territory)]
        facets |= {"organisation_type": (organisation.type,), "territory": (organisation.territory,)}
    body = "\n".join(part for part in parts if part)
    return IndexEntry(
        id=f"member:{member.id}",
        kind="member",
        ref=member.id,
        title=member.display_name,
        body=body,
        tags=tuple(fields.values()),
        facets=facets,
        access=ACCESS,
        author=member.display_name,
        author_id=member.id,
        created_at=member.created_at,
        updated_at=member.created_at,
        version=str(hash_text(member.display_name, body, *fields.values(), *fields)),
    )


def hash_text(*parts: str) -> int:
    """A number that changes with the texts and is the same in every process."""
    import zlib

    return zlib.crc32("\x1f".join(parts).encode())


def _expertise(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Each member's expertise: slug (the same as the tag's, so that both are one facet) to label."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    query = select(Expertise.member_id, Expertise.slug, Expertise.label).where(Expertise.member_id.in_(ids))
    for row in db.session.execute(query.order_by(Expertise.label)):
        found[row.member_id][row.slug] = row.label
    return found
