"""« J’ai utilisé cette clause »: what became of it in a real contract, and the balance of all that was told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from community.content.clauses.models import Clause, ClauseUse
from community.contributions.models import Contribution
from community.core.db import db
from community.people.accounts.models import Member
from community.permissions import is_out, visible_to


def tell_use(clause: Clause, user: Any, number: int, once: str | None = None, **fields: Any) -> ClauseUse:
    """Keep one use, told in half a minute; the same form sent twice tells it once."""
    use = ClauseUse(clause_id=clause.id, number=number, member_id=user.id, once=once or None, **fields)
    try:
        with db.session.begin_nested():
            db.session.add(use)
    except IntegrityError:
        return db.session.scalars(select(ClauseUse).where(ClauseUse.member_id == user.id, ClauseUse.once == once)).one()
    _balance(clause)
    return use


def uses_of(clause_id: int, user: Any) -> list[Any]:
    """Every use told of a clause, newest first, with its sheet as far as ``user`` may see it."""
    sheet_seen = (Contribution.id == ClauseUse.sheet_id) & is_out() & visible_to(user)
    query = (
        select(
            ClauseUse.context,
            ClauseUse.adapted,
            ClauseUse.outcome,
            ClauseUse.result,
            ClauseUse.number,
            ClauseUse.created_at,
            Member.id.label("member_id"),
            Member.display_name,
            Contribution.id.label("sheet_id"),
            Contribution.title.label("sheet_title"),
        )
        .join(Member, Member.id == ClauseUse.member_id)
        .outerjoin(Contribution, sheet_seen)
        .where(ClauseUse.clause_id == clause_id)
        .order_by(ClauseUse.id.desc())
        .limit(100)
    )
    return list(db.session.execute(query))


def my_sheets(user: Any) -> list[tuple[str, str]]:
    """One's published sheets, to say where a use is told at length."""
    query = select(Contribution.id, Contribution.title).where(
        Contribution.kind == "sheet", Contribution.author_id == user.id, is_out()
    )
    return [(str(row.id), row.title) for row in db.session.execute(query.order_by(Contribution.id.desc()).limit(50))]


def _balance(clause: Clause) -> None:
    """Count the uses by outcome again, and those that were adapted: what the clause's page shows."""
    counted = (
        select(ClauseUse.outcome, func.count()).where(ClauseUse.clause_id == clause.id).group_by(ClauseUse.outcome)
    )
    adapted = select(func.count()).where(ClauseUse.clause_id == clause.id, ClauseUse.adapted)
    outcomes: dict[str, int] = {row[0]: row[1] for row in db.session.execute(counted)}
    clause.uses = {**outcomes, "total": sum(outcomes.values()), "adapted": db.session.scalar(adapted) or 0}
    db.session.flush()
