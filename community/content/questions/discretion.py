"""Asking discreetly: the pseudonym that signs a question and all that its author does on that page, and its seal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from community.content.questions.models import Question
from community.contributions.actions import AlreadyDone, add_once
from community.core.audit import record
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.outbox import emit
from community.people.accounts import mails
from community.people.accounts.models import Member, Organisation
from community.people.accounts.pseudonyms import owner_of, take_pseudonym, thread_of


def under_pseudonym(user: Any, question: Question) -> Any:
    """Insert a question under a pseudonym made for it; gives the identity that signs there.

    A question's own mark against double sending counts per author, and every pseudonym is another author: the pseudonym bears
    the mark instead. Raises AlreadyDone with the question that the first sending made.
    """
    once, question.once = question.once, None
    seal = take_pseudonym(user.id, once)
    if seal is None:
        first = db.session.get(Question, thread_of(user.id, once) or 0)
        raise AlreadyDone(first) if first is not None else Conflict()
    question.author_id = seal.member_id
    add_once(question)
    seal.thread_id = question.id
    db.session.flush()
    return user.with_alias(question.id, seal.member_id)


@dataclass(frozen=True)
class Unsealed:
    """Who asked: shown once, on the page that answers the request."""

    id: int
    display_name: str
    email: str
    job: str
    organisation: str


def open_seal(question: Question, user: Any, reason: str) -> Unsealed:
    """Tell a moderator who asked. The log keeps who looked and why, never whom they saw; the author is told, with the reason.

    Raises NotFound when nobody is behind the pseudonym any more (erased account).
    """
    found = db.session.execute(
        select(Member, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.id == (owner_of(question.author_id) or 0))
    ).one_or_none()
    if found is None:
        raise NotFound()
    member, organisation = found
    record(user, "seal.opened", question, reason)
    emit("seal.opened", question, actor=user)
    mails.seal_opened(member, question, user.display_name, reason)
    return Unsealed(member.id, member.display_name, member.email, member.job, organisation or "")
