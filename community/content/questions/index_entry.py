"""A thread as one entry of the index: the question's text, and below it what answers it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from community.abilities.comments.models import Comment
from community.abilities.tags.queries import labels_of
from community.content.questions.models import Answer, Question
from community.contributions.indexing import index_kind, spine_entry, spine_rows
from community.core.db import db
from community.core.text import plain_text
from search_index.entry import IndexEntry

#: how much more a thread with a certified, or an accepted, answer weighs
CERTIFIED, ACCEPTED = 1.15, 1.08


@index_kind("question")
def question_entries(ids: Sequence[int]) -> list[IndexEntry]:
    """One entry per question that is out: its answers and comments are its ``extra``."""
    rows = spine_rows(Question, ids)
    labels = labels_of([question.id for question, _author, _community in rows])
    replies = _replies(ids)
    return [
        spine_entry(
            question,
            community,
            author,
            labels[question.id],
            extra="\n".join(replies.get(question.id, ())),
            boost=CERTIFIED if question.certified_at else ACCEPTED if question.solved_at else 1.0,
        )
        for question, author, community in rows
    ]


def _replies(ids: Sequence[int]) -> dict[int, list[str]]:
    """The plain texts of answers and of every comment on the page, by question id."""
    found: dict[int, list[str]] = defaultdict(list)
    answers = select(Answer.id, Answer.question_id, Answer.body_html).where(
        Answer.question_id.in_(ids), Answer.removed_at.is_(None), Answer.published_at.is_not(None)
    )
    pages = {id: id for id in ids}
    for row in db.session.execute(answers.order_by(Answer.id)):
        found[row.question_id].append(plain_text(row.body_html))
        pages[row.id] = row.question_id
    comments = select(Comment.contribution_id, Comment.body_html).where(
        Comment.contribution_id.in_(pages), Comment.removed_at.is_(None)
    )
    for row in db.session.execute(comments.order_by(Comment.id)):
        found[pages[row.contribution_id]].append(plain_text(row.body_html))
    return found
