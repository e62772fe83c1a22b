"""Import questions and their answers from a file. docs/imports.md describes it.

Every record has a key of its own inside its source: a second run changes nothing, a record that changed is corrected,
and what members have edited or removed since is left as they want it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.content.questions.actions import (
    accept_answer,
    answer_question,
    ask_question,
    edit_answer,
    edit_question,
)
from community.content.questions.models import Answer, Question
from community.contributions.models import Contribution
from community.core.clock import at
from community.core.db import db
from community.core.errors import DomainError
from community.core.slugs import slugify
from community.imports.models import ImportedItem
from community.imports.question_files import (
    AnswerRecord,
    BadQuestion,
    QuestionRecord,
    Writer,
    read_question,
    records_of,
)
from community.imports.report import Refusal, Report
from community.imports.writers import Writers
from community.people.communities.models import Community


class QuestionImport:
    """One run over one file, into one community unless a record names another."""

    def __init__(self, source: str, default: str | None = None) -> None:
        self.source = slugify(source)[:60]
        self.default = default or ""
        self.communities = {community.slug: community for community in db.session.scalars(select(Community))}
        self.writers = Writers(source)
        self.report = Report()

    def run(self, document: Any) -> Iterator[Report]:
        """Import record by record; the caller commits after each report that it is given."""
        for number, record in enumerate(records_of(document), 1):
            try:
                with db.session.begin_nested():
                    fate = self._import(read_question(record))
                setattr(self.report, fate, getattr(self.report, fate) + 1)
            except (BadQuestion, DomainError) as error:
                self.writers.forget()
                reason = str(error.message) if isinstance(error, DomainError) else str(error)
                self.report.refused.append(Refusal(number, getattr(record, "line", None), reason))
            yield self.report

    def _import(self, record: QuestionRecord) -> str:
        """created, updated, unchanged or kept: what became of the question and its answers."""
        item = self._item(record.key)
        if item is None:
            question, fates = self._ask(record), ["created"]
        else:
            query = select(Question).options(joinedload(Question.community)).where(Question.id == item.contribution_id)
            question = db.session.scalars(query).one()
            fates = [self._correct(item, question, record)]
        if question.removed_at is None and question.closed_at is None:
            fates += [self._answer(question, record, answer) for answer in record.answers]
        return next(fate for fate in ("created", "updated", "kept", "unchanged") if fate in fates)

    def _ask(self, record: QuestionRecord) -> Question:
        name = record.community or self.default
        community = self.communities.get(name)
        if community is None:
            raise BadQuestion(_("la communauté « %(name)s » n’existe pas.", name=name))
        user = self.writers.identity(record.writer, community)
        fields = {"tags": record.tags, "phase": record.phase, "cpv": record.cpv}
        with _moment(record):
            question = ask_question(user, community, record.title, _signed(record.body, record.writer), **fields)
        self._remember(record.key, question, record.digest)
        return question

    def _correct(self, item: ImportedItem, question: Question, record: QuestionRecord) -> str:
        if item.digest == record.digest:
            return "unchanged"
        if question.revisions_count != item.revision or question.removed_at is not None:
            return "kept"
        edit_question(
            question,
            self.writers.identity(record.writer, question.community),
            question.revisions_count,
            _("Import"),
            title=record.title,
            body=_signed(record.body, record.writer),
            tags=record.tags,
            cpv=record.cpv,
            phase=record.phase,
            deadline=question.deadline,
        )
        item.digest, item.revision = record.digest, question.revisions_count
        return "updated"

    def _answer(self, question: Question, record: QuestionRecord, answer: AnswerRecord) -> str:
        key = f"{record.key}/{answer.key}"[:120]
        item = self._item(key)
        if item is None:
            self._add_answer(key, question, record, answer)
            return "updated"
        if item.digest == answer.digest:
            return "unchanged"
        known = db.session.get(Answer, item.contribution_id)
        if known is None or known.revisions_count != item.revision or known.removed_at is not None:
            return "kept"
        user = self.writers.identity(answer.writer, question.community)
        edit_answer(known, user, known.revisions_count, _signed(answer.body, answer.writer), _("Import"))
        item.digest, item.revision = answer.digest, known.revisions_count
        return "updated"

    def _add_answer(self, key: str, question: Question, record: QuestionRecord, answer: AnswerRecord) -> None:
        user = self.writers.identity(answer.writer, question.community)
        with _moment(record):
            made = answer_question(question, user, _signed(answer.body, answer.writer))
            if answer.accepted and question.solved_at is None:
                accept_answer(made, self.writers.identity(record.writer, question.community))
        self._remember(key, made, answer.digest)

    def _item(self, key: str) -> ImportedItem | None:
        query = select(ImportedItem).where(ImportedItem.source == self.source, ImportedItem.key == key)
        return db.session.scalars(query).one_or_none()

    def _remember(self, key: str, made: Contribution, digest: str) -> None:
        row = ImportedItem(
            source=self.source, key=key, contribution_id=made.id, digest=digest, revision=made.revisions_count
        )
        db.session.add(row)
        db.session.flush()


def _moment(record: QuestionRecord) -> Any:
    return at(record.asked_on) if record.asked_on else nullcontext()


def _signed(body: str, writer: Writer) -> str:
    """Words of somebody who has no account here keep their author's name."""
    if not writer.name or writer.email:
        return body
    return f"{body}\n\n— {writer.name}"
