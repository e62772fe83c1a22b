"""Report a text or a member; a case gathers what several people say of the same thing until somebody decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from community.abilities.comments.models import Comment
from community.abilities.flags.models import Flag, FlagCase
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.core.outbox import emit

MOST_WORDS = 2000


@dataclass(frozen=True)
class Subject:
    """What is reported: a contribution, one of its comments, or (neither) the member."""

    author_id: int
    item: Contribution | None = None
    comment: Comment | None = None

    @property
    def key(self) -> str:
        if self.comment is not None:
            return f"c{self.comment.id}"
        return f"p{self.item.id}" if self.item is not None else f"m{self.author_id}"


def report(subject: Subject, user: Any, reason: str, words: str = "", email: str = "") -> FlagCase:
    """Add this person's report to the open case, or open one. Reporting twice keeps one report, with both words."""
    case = open_case(subject)
    who = {"reporter_id": user.id} if user.is_authenticated else {"email": email.strip().lower()}
    try:
        with db.session.begin_nested():
            db.session.add(Flag(case_id=case.id, reason=reason, words=words[:MOST_WORDS], **who))
    except IntegrityError:
        _merge(case, who, reason, words)
        return case
    db.session.execute(
        update(FlagCase).where(FlagCase.id == case.id).values(flags_count=FlagCase.flags_count + 1),
        execution_options={"synchronize_session": False},
    )
    emit("flag.raised", case)
    return case


def open_case(subject: Subject) -> FlagCase:
    """The case open about this; the database accepts one at a time."""
    case = FlagCase(
        subject=subject.key,
        contribution_id=subject.item.id if subject.item else None,
        comment_id=subject.comment.id if subject.comment else None,
        author_id=subject.author_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(case)
    except IntegrityError:
        waiting = select(FlagCase).where(FlagCase.subject == subject.key, FlagCase.closed_at.is_(None))
        return db.session.scalars(waiting).one()
    return case


def close_case(case: FlagCase, outcome: str) -> None:
    """Something was decided. Addresses that visitors left are forgotten once forget_addresses() runs, after the answer."""
    case.closed_at, case.outcome = now(), outcome


def reopen_case(case: FlagCase) -> FlagCase:
    """The decision was taken back: the case waits again. What was reported meanwhile joins it."""
    case.closed_at = case.outcome = None
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:
        db.session.refresh(case)
        waiting = select(FlagCase).where(FlagCase.subject == case.subject, FlagCase.closed_at.is_(None))
        return db.session.scalars(waiting).one()
    return case


def forget_addresses(case_id: int) -> None:
    """A visitor's address is kept for the answer, and no longer."""
    db.session.execute(update(Flag).where(Flag.case_id == case_id).values(email=None))


def _merge(case: FlagCase, who: dict[str, Any], reason: str, words: str) -> None:
    flag = db.session.scalars(select(Flag).filter_by(case_id=case.id, **who)).one()
    flag.reason = reason
    if words and words not in flag.words:
        flag.words = f"{flag.words}\n\n{words}".strip()[:MOST_WORDS]
