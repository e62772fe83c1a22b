"""Reads of sheets: the list, drafts, who is credited, and the contracts that a sheet may start from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, extract, literal, select, union_all
from sqlalchemy.orm import joinedload

from community.abilities.facets.queries import Filters
from community.content.questions.models import Answer
from community.content.sheets.decp import folded
from community.content.sheets.facets import SHEETS
from community.content.sheets.models import DecpContract, Sheet
from community.contributions.models import Contribution
from community.contributions.queries import BY_PUBLICATION, cards
from community.core.db import db
from community.core.paging import Page, paginate
from community.people.accounts.models import Member
from community.people.communities.models import Community
from community.permissions import is_out, visible_to

#: a sheet's own columns, for lists that already read the spine
S = Sheet.__table__.c
CONTRACTS_SHOWN = 20


def sheets_page(user: Any, filters: Filters, cursor: str | None = None) -> Page:
    """One page of sheet cards, latest first, as ``user`` may see them. One statement."""
    return paginate(SHEETS.narrow(_sheet_cards(user), filters), BY_PUBLICATION, cursor)


def drafts_of(user: Any) -> list[Any]:
    """The sheets that this person has begun and not published, last touched first."""
    query = (
        select(Sheet.id, Sheet.title, Sheet.summary, Sheet.updated_at, Community.name.label("community_name"))
        .join(Community, Community.id == Sheet.community_id)
        .where(Sheet.author_id == user.id, Sheet.published_at.is_(None), Sheet.removed_at.is_(None))
        .order_by(Sheet.updated_at.desc(), Sheet.id.desc())
        .limit(50)
    )
    return list(db.session.execute(query))


@dataclass
class Credits:
    """Who made a sheet besides its author, and the thread that it comes from as far as the reader may see it."""

    contributors: list[Any] = field(default_factory=list)
    question: Any = None


def credits_of(sheet: Sheet, user: Any) -> Credits:
    """Contributors by name and the thread of origin, in one statement; none when there is neither."""
    if not sheet.contributors and sheet.from_question_id is None:
        return Credits()
    places = {credit["member_id"]: credit.get("contribution_id") for credit in sheet.contributors}
    people = select(literal("member").label("what"), Member.id.label("id"), Member.display_name.label("name")).where(
        Member.id.in_(list(places))
    )
    origin = select(literal("question"), Contribution.id, Contribution.title).where(
        Contribution.id == sheet.from_question_id, is_out(), visible_to(user)
    )
    rows = db.session.execute(union_all(people, origin)).all()
    order = list(places)
    members = sorted((row for row in rows if row.what == "member"), key=lambda row: order.index(row.id))
    return Credits(members, next((row for row in rows if row.what == "question"), None))


def answers_to_quote(question_id: int) -> list[Answer]:
    """Published answers with their authors: certified, accepted, then the most useful."""
    query = (
        select(Answer)
        .options(joinedload(Answer.author))
        .where(Answer.question_id == question_id, Answer.removed_at.is_(None), Answer.published_at.is_not(None))
        .order_by(Answer.certified_at.is_(None), Answer.accepted_at.is_(None), Answer.score.desc(), Answer.id)
    )
    return list(db.session.scalars(query))


def contracts_matching(words: str) -> list[Any]:
    """Imported contracts that hold every one of these words (title, buyer, identifier, CPV), the most recent first."""
    query = select(
        DecpContract.id,
        DecpContract.uid,
        DecpContract.title,
        DecpContract.buyer,
        DecpContract.cpv,
        DecpContract.procedure,
        DecpContract.amount,
        DecpContract.duration_months,
        DecpContract.notified_on,
    )
    for word in folded(words).split()[:8]:
        query = query.where(DecpContract.words.contains(word, autoescape=True))
    recent = (DecpContract.notified_on.is_(None), DecpContract.notified_on.desc(), DecpContract.id.desc())
    return list(db.session.execute(query.order_by(*recent).limit(CONTRACTS_SHOWN)))


def _sheet_cards(user: Any) -> Select[Any]:
    columns = (
        S.summary,
        S.organisation_name,
        S.organisation_type.label("buyer_type"),
        Contribution.territory,
        S.contract_type,
        S.procedure,
        S.amount_band,
        extract("year", S.notified_on).label("year"),
        S.trust_level,
    )
    return cards(user, *columns).join(Sheet.__table__, S.id == Contribution.id)
