"""Use cases of questions and answers. Each runs inside the caller's transaction and says what happened."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from community.abilities.follows.actions import follow
from community.abilities.links.actions import add_link, drop_link
from community.abilities.revisions.actions import record_revision
from community.abilities.tags.actions import set_codes, set_tags
from community.content.questions.discretion import under_pseudonym
from community.content.questions.models import Answer, Question
from community.contributions.actions import (
    add_once,
    counts,
    is_of_another,
    mark_edited,
    publish,
    signed,
    touch,
    when_published,
    write_body,
)
from community.contributions.usefulness import count_useful
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.outbox import emit
from community.people.communities.actions import join_by_posting
from community.people.communities.models import Community


def ask_question(
    user: Any,
    community: Community,
    title: str,
    body: str,
    *,
    tags: list[str] = [],  # noqa: B006 - never changed
    phase: str | None = None,
    cpv: list[str] = [],  # noqa: B006
    deadline: date | None = None,
    embargo: date | None = None,
    discreet: bool = False,
    once: str | None = None,
) -> Question:
    """Publish a question, now or on the day of its embargo; its author follows it and, in an open community, joins it.

    ``discreet``: a pseudonym signs, here and in all that its author does on this page; and nobody is seen to join.
    """
    question = Question(community=community, title=title, state="open", phase=phase, once=once or None)
    question.deadline, question.embargo = deadline, embargo
    if discreet:
        user = under_pseudonym(user, question)
    else:
        join_by_posting(user, community)
        question.author_id = user.id
        add_once(question)
    write_body(question, body)
    set_tags(question, tags)
    set_codes(question, "cpv", cpv)
    record_revision(question, user)
    publish(question, user)
    follow(question, user)
    return question


def edit_question(question: Question, user: Any, revision: int, note: str = "", **fields: Any) -> Question:
    """Change a question, keeping what it said. ``revision`` is the one the editor started from, else Conflict."""
    if revision != question.revisions_count:
        raise Conflict(_("Quelqu’un a modifié cette question pendant que vous écriviez. Comparez avant d’enregistrer."))
    question.title = fields["title"]
    question.phase = fields["phase"]
    question.deadline = fields["deadline"]
    write_body(question, fields["body"])
    set_tags(question, fields["tags"])
    set_codes(question, "cpv", fields["cpv"])
    record_revision(question, user, note)
    mark_edited(question, user)
    if is_of_another(question.author_id, user):
        record(user, "content.edited", question)
    return question


def answer_question(question: Question, user: Any, body: str, once: str | None = None) -> Answer:
    """Publish an answer under a question that is still open; its author follows the question."""
    if question.closed_at:
        raise Conflict(_("Cette question est fermée : elle ne reçoit plus de réponse."))
    if signed(user, question).id == user.id:
        join_by_posting(user, question.community)
    answer = Answer(
        question=question,
        thread=question,
        community=question.community,
        author_id=signed(user, question).id,
        state="published",
        once=once or None,
    )
    add_once(answer)
    write_body(answer, body)
    record_revision(answer, user)
    publish(answer, user)
    follow(question, user)
    return answer


def edit_answer(answer: Answer, user: Any, revision: int, body: str, note: str = "") -> Answer:
    if revision != answer.revisions_count:
        raise Conflict(_("Quelqu’un a modifié cette réponse pendant que vous écriviez. Comparez avant d’enregistrer."))
    write_body(answer, body)
    record_revision(answer, user, note)
    mark_edited(answer, user)
    if is_of_another(answer.author_id, user):
        record(user, "content.edited", answer)
    return answer


def accept_answer(answer: Answer, user: Any) -> None:
    """The asker says which answer helped; accepting another one replaces it."""
    question = answer.question
    others = update(Answer).where(Answer.question_id == question.id, Answer.id != answer.id)
    db.session.execute(others.values(accepted_at=None))
    if answer.accepted_at is None:
        answer.accepted_at = now()
        try:
            db.session.flush()
        except IntegrityError as error:
            raise Conflict() from error
        emit("answer.accepted", answer, actor=signed(user, question))
    recount(question)
    count_useful(answer.author_id)


def withdraw_acceptance(answer: Answer, user: Any) -> None:
    answer.accepted_at = None
    recount(answer.question)
    count_useful(answer.author_id)


def certify_answer(answer: Answer, user: Any, until: date | None = None) -> None:
    """An expert vouches for an answer, by name and date, until a date if one is given."""
    if until is not None and until <= now().date():
        raise Invalid(_("La date de fin de certification doit être à venir."))
    if answer.certified_at is None:
        answer.certified_at, answer.certified_by_id, answer.certified_until = now(), user.id, until
        emit("answer.certified", answer, actor=user)
    recount(answer.question)
    count_useful(answer.author_id)


def withdraw_certification(answer: Answer, user: Any) -> None:
    """Take the certification away; who did it is in the answer's history."""
    if answer.certified_at is not None:
        answer.certified_at = answer.certified_by_id = answer.certified_until = None
        record_revision(answer, user, _("Certification retirée"))
        emit("answer.certification_withdrawn", answer, actor=user)
    recount(answer.question)


def close_question(question: Question, user: Any, reason: str) -> None:
    """No more answers, and why; reading, voting and commenting go on."""
    user = signed(user, question)
    if question.closed_at is None:
        question.closed_at, question.closed_by_id, question.closed_reason = now(), user.id, reason
        emit("question.closed", question, actor=user)
        if is_of_another(question.author_id, user):
            record(user, "question.closed", question)
    recount(question)


def reopen_question(question: Question, user: Any) -> None:
    if question.closed_at is not None:
        if question.duplicate_of_id is not None:
            drop_link(question.id, question.duplicate_of_id)
        question.closed_at = question.closed_by_id = question.duplicate_of_id = None
        question.closed_reason = ""
        emit("question.reopened", question, actor=signed(user, question))
        if is_of_another(question.author_id, user):
            record(user, "question.reopened", question)
    recount(question)


def mark_duplicate(question: Question, original: Question, user: Any) -> None:
    """Close a question in favour of another one that asks the same. No circles, no chains."""
    if original.id == question.id or original.duplicate_of_id == question.id:
        raise Invalid(_("Une question ne peut pas être le doublon d’elle-même."))
    if original.duplicate_of_id is not None:
        raise Invalid(_("Cette question est elle-même un doublon : indiquez la question d’origine."))
    question.duplicate_of_id = original.id
    doubles = update(Question).where(Question.duplicate_of_id == question.id)
    db.session.execute(doubles.values(duplicate_of_id=original.id))
    close_question(question, user, _("Doublon"))
    add_link(question, original, user, _("doublon"))
    emit("question.marked_duplicate", question, actor=signed(user, question), original_id=original.id)


def recount(question: Question) -> None:
    """Derive the question's counters and state from its answers: one rule, used after every change."""
    db.session.flush()
    out = (Answer.question_id == question.id, Answer.removed_at.is_(None), Answer.published_at.is_not(None))
    count, first, accepted, certified = db.session.execute(
        select(
            func.count(), func.min(Answer.published_at), func.max(Answer.accepted_at), func.max(Answer.certified_at)
        ).where(*out)
    ).one()
    changed = count != question.answers_count
    question.replies_count += count - question.answers_count
    question.answers_count = count
    question.first_answer_at = first
    question.certified_at = certified
    question.solved_at = accepted
    question.state = _state(question, bool(accepted or certified))
    db.session.flush()
    if changed or question.closed_at:
        _count_questions(question.community_id)


def _state(question: Question, solved: bool) -> str:
    if question.closed_at is not None:
        return "closed"
    if solved:
        return "solved"
    return "answered" if question.answers_count else "open"


@when_published("answer")
def _touch_thread(answer: Answer, _user: Any) -> None:
    touch(db.session.get(Question, answer.question_id))


@counts("answer")
def _count_answers(answer: Answer) -> None:
    recount(db.session.get(Question, answer.question_id))


@counts("question")
def _count_where_asked(question: Question) -> None:
    _count_questions(question.community_id)


def _count_questions(community_id: int) -> None:
    """Keep the community's counters: questions that are out, and those among them that wait for a first answer."""
    db.session.flush()
    out = (
        Question.community_id == community_id,
        Question.removed_at.is_(None),
        Question.published_at.is_not(None),
    )
    total = select(func.count()).select_from(Question).where(*out).scalar_subquery()
    waiting = (
        select(func.count())
        .select_from(Question)
        .where(*out, Question.answers_count == 0, Question.closed_at.is_(None))
        .scalar_subquery()
    )
    counters = update(Community).where(Community.id == community_id)
    db.session.execute(
        counters.values(questions_count=total, unanswered_count=waiting).execution_options(synchronize_session=False)
    )
