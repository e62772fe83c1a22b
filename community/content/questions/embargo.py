"""Embargo: a question written now and published on its day (the award of a contract), never seen before by anybody else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.content.questions.models import Question
from community.contributions.actions import publication_gate, publish
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.permissions import mine

#: the day of an embargo is a day in France
HERE = ZoneInfo("Europe/Paris")


def today(instant: datetime | None = None) -> date:
    return (instant or now()).astimezone(HERE).date()


@publication_gate(1)
def keeps_back(item: Contribution, _user: Any) -> bool:
    """Whatever asks for its publication, a question waits for its day."""
    return isinstance(item, Question) and item.embargo is not None and item.embargo > today()


def publish_now(question: Question, user: Any) -> bool:
    """End the embargo; gives whether the question is out (a moderator's look may still keep it back)."""
    question.embargo = None
    db.session.flush()
    return publish(question, user)


def change_day(question: Question, day: date) -> None:
    """Another day for a question that is not out."""
    question.embargo = day
    db.session.flush()


def embargoed(user: Any) -> list[Question]:
    """This person's questions that wait for their day, the nearest first."""
    if not user.is_authenticated:
        return []
    query = select(Question).where(
        mine(user, Question),
        Question.embargo.is_not(None),
        Question.published_at.is_(None),
        Question.removed_at.is_(None),
    )
    return list(db.session.scalars(query.order_by(Question.embargo, Question.id).limit(50)))


def due() -> list[Question]:
    """Every question whose day has come and that is not out."""
    query = select(Question).where(
        Question.embargo <= today(), Question.published_at.is_(None), Question.removed_at.is_(None)
    )
    query = query.options(joinedload(Question.community)).order_by(Question.embargo, Question.id)
    return list(db.session.scalars(query.limit(200)))
