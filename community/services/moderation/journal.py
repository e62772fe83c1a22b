"""Reads of the audit log: filtered pages, latest first, and the same rows as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, or_, select

from community.core.audit import AuditEntry
from community.core.csv_cells import csv_lines
from community.core.db import db, reading
from community.core.paging import Key, Page, paginate
from community.core.vocab import label
from community.people.accounts.models import Member
from community.people.communities.models import Community
from community.services.moderation.acts import TARGETS

SIZE = 50
BATCH = 1000
HEAD = ("numero", "date", "auteur", "acte", "libelle", "objet", "numero_objet", "communaute", "raison", "empreinte")


@dataclass(frozen=True)
class Filters:
    """What the journal is narrowed by; every field may be empty. ``actor`` is a member's number or part of a name."""

    actor: str = ""
    act: str = ""
    target: str = ""
    community: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Filters:
        return cls(
            args.get("auteur", "").strip()[:80],
            args.get("acte", "")[:60],
            args.get("objet", "").strip()[:40],
            args.get("communaute", "").strip()[:80],
            _day(args.get("depuis", "")),
            _day(args.get("jusque", "")),
        )


def journal_page(filters: Filters, cursor: str | None = None, community_id: int | None = None) -> Page:
    """Acts, latest first. One statement. ``community_id``: those of one community alone."""
    return paginate(_rows(filters, community_id), (Key(AuditEntry.number, "number"),), cursor, SIZE)


def journal_csv(filters: Filters) -> Iterator[str]:
    """Every act that the filters keep, oldest first, read batch by batch."""
    return csv_lines(HEAD, _cells(filters))


def acts_recorded() -> list[str]:
    """The acts that the log holds, for the filter."""
    return list(db.session.scalars(select(AuditEntry.act).distinct().order_by(AuditEntry.act)))


def _cells(filters: Filters) -> Iterator[tuple[Any, ...]]:
    last = 0
    while True:
        query = _rows(filters, None).where(AuditEntry.number > last).order_by(AuditEntry.number).limit(BATCH)
        with reading():  # no transaction stays open while a slow reader takes what was read
            rows = db.session.execute(query).all()
            db.session.rollback()
        for row in rows:
            at = row.at.astimezone(UTC).isoformat(timespec="seconds")
            act = (row.act, label("audit_act", row.act))
            target = (row.target_type, row.target_id)
            yield (
                row.number,
                at,
                row.actor_name or "",
                *act,
                *target,
                row.community_name or "",
                row.reason,
                row.digest,
            )
        if len(rows) < BATCH:
            return
        last = rows[-1].number


def _rows(filters: Filters, community_id: int | None) -> Select[Any]:
    query = (
        select(
            AuditEntry.number,
            AuditEntry.at,
            AuditEntry.act,
            AuditEntry.actor_id,
            AuditEntry.target_type,
            AuditEntry.target_id,
            AuditEntry.reason,
            AuditEntry.digest,
            Member.display_name.label("actor_name"),
            Community.name.label("community_name"),
            Community.slug.label("community_slug"),
        )
        .outerjoin(Member, Member.id == AuditEntry.actor_id)
        .outerjoin(Community, Community.id == AuditEntry.community_id)
    )
    if community_id is not None:
        query = query.where(AuditEntry.community_id == community_id)
    return query.where(*_conditions(filters))


def _conditions(filters: Filters) -> list[Any]:
    found: list[Any] = []
    if filters.actor.isdigit() and int(filters.actor) < 2**31:
        found.append(AuditEntry.actor_id == int(filters.actor))
    elif filters.actor:
        found.append(Member.display_name.icontains(filters.actor, autoescape=True))
    if filters.act:
        found.append(AuditEntry.act == filters.act)
    if filters.target:
        kinds, number = _target(filters.target)
        found.append(AuditEntry.target_type.in_(kinds))
        if number is not None:
            found.append(AuditEntry.target_id == number)
    if filters.community:
        named = Community.name.icontains(filters.community, autoescape=True)
        found.append(or_(Community.slug == filters.community, named))
    if filters.since:
        found.append(AuditEntry.at >= datetime.combine(filters.since, time(), UTC))
    if filters.until:
        found.append(AuditEntry.at < datetime.combine(filters.until + timedelta(days=1), time(), UTC))
    return found


def _target(text: str) -> tuple[list[str], int | None]:
    """« membre 5 » in the words of the table, « texte retenu 3 », or the log's own « member 5 »: kinds, and a number."""
    words, _space, last = text.replace(":", " ").strip().rpartition(" ")
    number = int(last) if last.isdecimal() and last.isascii() and int(last) < 2**31 else None
    words = (words if number is not None else text).strip().casefold()
    kinds = [code for code, said in TARGETS.items() if words in (code, str(said).casefold())]
    return kinds or [words], number


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
