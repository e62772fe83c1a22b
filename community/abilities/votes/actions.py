"""Say that a contribution is useful, or take it back; the counter moves in the same transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from community.abilities.votes.models import Vote
from community.contributions.models import Contribution
from community.contributions.usefulness import count_useful
from community.core.db import db


def vote(item: Contribution, user: Any) -> None:
    """Count this person's « utile » once; repeating it changes nothing."""
    try:
        with db.session.begin_nested():
            db.session.add(Vote(contribution_id=item.id, member_id=user.id))
    except IntegrityError:
        return
    _move_score(item, +1)


def unvote(item: Contribution, user: Any) -> None:
    """Take the vote back; repeating it changes nothing."""
    gone = db.session.execute(delete(Vote).where(Vote.contribution_id == item.id, Vote.member_id == user.id))
    if gone.rowcount:
        _move_score(item, -1)


def _move_score(item: Contribution, step: int) -> None:
    statement = update(Contribution).where(Contribution.id == item.id).values(score=Contribution.score + step)
    db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.refresh(item, ["score"])
    if item.score == max(step, 0):  # the first vote, or the last one taken back
        count_useful(item.author_id)
