"""Reads of clauses: the list, a version, what surrounds a clause, its history, proposals."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, case, literal, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload

from community.abilities.citations.queries import pages_citing
from community.content.clauses.facets import CLAUSES, Filters
from community.content.clauses.models import SETTLED, Clause, ClauseRelation, ClauseRemark, ClauseStep, ClauseVersion
from community.contributions.models import Contribution
from community.contributions.queries import cards
from community.core.db import db
from community.core.errors import NotFound
from community.core.paging import Key, Page, paginate
from community.people.accounts.models import Member
from community.permissions import can_see_proposal, is_out, visible_to

#: steps that everybody may read in a clause's history; the others are the proposal's own
PUBLIC_STEPS = ("validated", "refused", "retired", "put_back", "reviewed", "flagged", "checked")


def clauses_page(user: Any, filters: Filters, cursor: str | None = None) -> Page:
    """One page of clause cards, as ``user`` may see them. One statement (and the index's answer when words are given)."""
    query = CLAUSES.narrow(_clause_cards(user), filters)
    if filters.sort == "relevance":
        places = {id: place for place, id in enumerate(filters.found or ())}
        rank = case(places, value=Contribution.id, else_=len(places)) if places else literal(0)
        keys = (Key(rank, "rank", False), Key(Contribution.id, "id"))
        return paginate(query.add_columns(rank.label("rank")), keys, cursor)
    return paginate(query, _ORDERS[filters.order], cursor)


C = Clause.__table__.c
_ORDERS = {
    "used": (Key(C.copies_count, "copies_count"), Key(Contribution.id, "id")),
    "validated": (Key(C.validated_at, "validated_at"), Key(Contribution.id, "id")),
    "recent": (Key(Contribution.published_at, "published_at"), Key(Contribution.id, "id")),
}


def version_of(clause_id: int, number: int) -> ClauseVersion:
    """A validated version, whatever became of it since; else NotFound."""
    query = select(ClauseVersion).where(ClauseVersion.clause_id == clause_id, ClauseVersion.number == number)
    version = db.session.scalars(query.options(*_people())).one_or_none()
    if version is None:
        raise NotFound()
    return version


def proposal(id: int, user: Any) -> ClauseVersion:
    """A version by its own id, with its clause, if this person may see it; else NotFound."""
    query = select(ClauseVersion).where(ClauseVersion.id == id)
    clause = joinedload(ClauseVersion.clause)
    loaded = (clause.joinedload(Clause.community), clause.joinedload(Clause.author), clause.joinedload(Clause.thread))
    version = db.session.scalars(query.options(*loaded, *_people())).unique().one_or_none()
    if version is None or not can_see_proposal(user, version):
        raise NotFound()
    return version


@dataclass
class Around:
    """What a clause points at and what points at it, as rows with kind, id, title; by what they are to it."""

    requires: list[Any] = field(default_factory=list)
    excludes: list[Any] = field(default_factory=list)
    variant_of: list[Any] = field(default_factory=list)
    variants: list[Any] = field(default_factory=list)
    required_by: list[Any] = field(default_factory=list)
    successor: list[Any] = field(default_factory=list)
    cited: list[Any] = field(default_factory=list)

    @property
    def related(self) -> bool:
        return bool(self.requires or self.excludes or self.variant_of or self.variants or self.required_by)

    def used_in(self, kind: str) -> list[Any]:
        return [row for row in self.cited if row.kind == kind]


def around(clause: Clause, user: Any) -> Around:
    """Related clauses, the successor and what cites the clause, as far as ``user`` may see them. One statement."""
    out = select(ClauseRelation.kind.label("what"), ClauseRelation.target_id.label("id"), literal(0).label("version"))
    back = case(
        (ClauseRelation.kind == "variant_of", "variants"),
        (ClauseRelation.kind == "requires", "required_by"),
        else_="excludes",
    )
    into = select(back, ClauseRelation.clause_id, literal(0)).where(ClauseRelation.target_id == clause.id)
    parts = [out.where(ClauseRelation.clause_id == clause.id), into]
    if clause.successor_id:
        parts.append(select(literal("successor"), Clause.id, literal(0)).where(Clause.id == clause.successor_id))
    places = union_all(*parts, pages_citing(clause.id)).subquery()
    page = aliased(Contribution, flat=True)
    query = (
        select(
            places.c.what,
            places.c.version,
            page.id,
            page.kind,
            page.title,
            page.state,
            page.thread_id,
            page.last_activity_at,
        )
        .join(page, page.id == places.c.id)
        .where(is_out(page), visible_to(user, page))
        .order_by(page.last_activity_at.desc(), page.id)
        .limit(60)
    )
    found = Around()
    seen: set[tuple[str, int]] = set()
    for row in db.session.execute(query):
        if (row.what, row.id) not in seen:
            seen.add((row.what, row.id))
            getattr(found, row.what).append(row)
    return found


def history_of(clause: Clause, sees_proposals: bool = False) -> list[Any]:
    """Every step of a clause, newest first: those that everybody may read, or all. One statement."""
    query = (
        select(
            ClauseStep.step,
            ClauseStep.note,
            ClauseStep.created_at,
            ClauseStep.version_id,
            ClauseVersion.number,
            ClauseVersion.state,
            Member.id.label("member_id"),
            Member.display_name.label("member_name"),
        )
        .join(Member, Member.id == ClauseStep.member_id)
        .outerjoin(ClauseVersion, ClauseVersion.id == ClauseStep.version_id)
        .where(ClauseStep.clause_id == clause.id)
        .order_by(ClauseStep.id.desc())
        .limit(200)
    )
    if not sees_proposals:
        # How a version came to be validated is public too: who proposed it, what was asked for, who took it.
        told = or_(ClauseStep.step.in_(PUBLIC_STEPS), ClauseVersion.state.in_(SETTLED))
        query = query.where(told, ClauseStep.step != "drafted")
    return list(db.session.execute(query))


def versions_of(clause_id: int) -> list[ClauseVersion]:
    """Every validated version, newest first."""
    query = select(ClauseVersion).where(ClauseVersion.clause_id == clause_id, ClauseVersion.number.is_not(None))
    return list(db.session.scalars(query.options(*_people()).order_by(ClauseVersion.number.desc())))


def remarks_on(version_id: int) -> dict[str, list[Any]]:
    """Remarks on a proposal, oldest first, by field."""
    query = (
        select(ClauseRemark.field, ClauseRemark.body, ClauseRemark.created_at, Member.display_name.label("author_name"))
        .join(Member, Member.id == ClauseRemark.author_id)
        .where(ClauseRemark.version_id == version_id)
        .order_by(ClauseRemark.id)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row.field].append(row)
    return found


def titles_of(ids: set[int], user: Any) -> dict[int, str]:
    """The titles of these clauses, as far as ``user`` may see them."""
    if not ids:
        return {}
    query = select(Clause.id, Clause.title).where(Clause.id.in_(ids), is_out(Clause), visible_to(user, Clause))
    return {row.id: row.title for row in db.session.execute(query)}


def choosable_clauses(user: Any, community_id: int) -> list[tuple[str, str]]:
    """(id, title) of the clauses in force that a clause of this community may name: its own first."""
    query = select(Clause.id, Clause.title, (Clause.community_id == community_id).label("own")).where(
        Clause.state == "validated", is_out(Clause), visible_to(user, Clause)
    )
    rows = db.session.execute(query.order_by((Clause.community_id == community_id).desc(), Clause.title).limit(300))
    return [(str(row.id), row.title) for row in rows]


def _clause_cards(user: Any) -> Select[Any]:
    columns = (
        C.purpose,
        C.kind_of_clause,
        C.target_document,
        C.ambition,
        C.trust_level,
        C.current_number.label("version"),
        C.validated_at,
        C.review_due,
        C.copies_count,
    )
    return cards(user, *columns).join(Clause.__table__, C.id == Contribution.id)


def _people() -> tuple[Any, ...]:
    return (
        joinedload(ClauseVersion.proposed_by),
        joinedload(ClauseVersion.validated_by),
        joinedload(ClauseVersion.reviewer),
    )
