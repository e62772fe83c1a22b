"""Nightly: say which clauses passed their review date."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from community.content.clauses.models import Clause
from community.core.clock import now
from community.core.db import commit, db
from community.core.jobs import periodic
from community.core.outbox import emit

#: said again every night for a while, so that a night without a worker loses nothing; each reader is told once
SAID_FOR = timedelta(days=30)


@periodic("clauses_to_review", hour="4", minute="15")
def say_what_is_to_review() -> None:
    today = now().date()
    due = select(Clause).where(
        Clause.review_due < today, Clause.review_due >= today - SAID_FOR, Clause.state == "validated"
    )
    for clause in db.session.scalars(due):
        emit("clause.review_passed", clause)
    commit()
