"""Turn a thread that was worth it into a sheet: a draft with its words, the people who wrote them credited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from community.abilities.tags.queries import labels_of
from community.content.questions.models import Answer, Question
from community.content.sheets.actions import begin_sheet
from community.content.sheets.models import Sheet
from community.core.text import quote_markdown

QUOTED = 6_000


def sheet_from_thread(question: Question, answers: Sequence[Answer], user: Any) -> Sheet:
    """A draft for ``user``: the question gives the context, the answers that count give the lessons.

    ``answers`` come with their authors, the most trusted first. Done twice by the same person, it is the same draft.
    """
    kept = [answer for answer in answers if answer.certified_at or answer.accepted_at] or list(answers[:2])
    labels = labels_of([question.id])[question.id]
    return begin_sheet(
        user,
        question.community,
        _title(question.title),
        once=f"from-question-{question.id}",
        context=question.body,
        lessons="\n\n".join(_quoted(answer) for answer in kept),
        tags=[label for _slug, label in labels.tags],
        cpv=labels.cpv,
        phase=question.phase,
        from_question_id=question.id,
        contributors=_credits(question, kept, user),
    )


def _title(title: str) -> str:
    """A question's words without its mark: « Comment allotir les denrées ? » → « Comment allotir les denrées »."""
    return title.rstrip(" \u00a0\u202f?!.")


def _quoted(answer: Answer) -> str:
    """The answer behind quotation marks, with why it counts."""
    why = _("réponse certifiée") if answer.certified_at else _("réponse retenue") if answer.accepted_at else ""
    return quote_markdown(answer.body, answer.author.display_name, QUOTED).strip() + (
        f"\n>\n> *({why})*" if why else ""
    )


def _credits(question: Question, answers: Sequence[Answer], user: Any) -> list[dict[str, int]]:
    """Who wrote what the sheet starts from, once each, its author left out."""
    found = {question.author_id: question.id} | {answer.author_id: answer.id for answer in reversed(answers)}
    return [{"member_id": member, "contribution_id": item} for member, item in found.items() if member != user.id]
