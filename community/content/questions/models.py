"""Questions and their answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.abilities.comments.models import Commentable
from community.abilities.follows.models import Followable
from community.abilities.links.models import Linkable
from community.abilities.revisions.models import Revisable
from community.abilities.tags.models import Taggable
from community.abilities.votes.models import Votable
from community.contributions.models import Contribution
from community.core.db import Instant
from community.people.accounts.models import Member


class Question(Votable, Taggable, Commentable, Revisable, Followable, Linkable, Contribution):
    """A buyer's question. ``state``: open, answered, solved (an answer accepted or certified) or closed."""

    __tablename__ = "question"
    endpoint = "questions.show"
    label, plural, linked_as = _l("Question"), _l("Questions"), _l("Questions proches")
    words = ("question", "questions")
    linked, close, reworded = 10, 3, True
    answered_by_comments = False
    revised = ("tags", "phase", "cpv", "deadline")

    id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)
    deadline: Mapped[date | None]
    #: not before this day: written, and published by the periodic task when it comes
    embargo: Mapped[date | None]
    answers_count: Mapped[int] = mapped_column(default=0)
    first_answer_at: Mapped[datetime | None] = mapped_column(Instant)
    solved_at: Mapped[datetime | None] = mapped_column(Instant)
    certified_at: Mapped[datetime | None] = mapped_column(Instant)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"), index=True)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_reason: Mapped[str] = mapped_column(String(300), default="")
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    __mapper_args__: ClassVar = {"polymorphic_identity": "question", "inherit_condition": id == Contribution.id}
    __table_args__ = (
        Index(
            "ix_question_unanswered",
            "deadline",
            "id",
            sqlite_where=text("answers_count = 0 AND closed_at IS NULL"),
            postgresql_where=text("answers_count = 0 AND closed_at IS NULL"),
        ),
        Index(
            "ix_question_embargo",
            "embargo",
            sqlite_where=text("embargo IS NOT NULL"),
            postgresql_where=text("embargo IS NOT NULL"),
        ),
    )


class Answer(Votable, Commentable, Revisable, Contribution):
    """A peer's answer. At most one is accepted per question: the partial unique index holds it."""

    __tablename__ = "answer"
    label = _l("Réponse")
    reworded = True
    id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    certified_at: Mapped[datetime | None] = mapped_column(Instant)
    certified_until: Mapped[date | None]
    certified_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    contested: Mapped[bool] = mapped_column(default=False)

    question: Mapped[Question] = relationship(lazy="raise", foreign_keys=[question_id])
    certified_by: Mapped[Member | None] = relationship(lazy="raise", foreign_keys=[certified_by_id])
    __mapper_args__: ClassVar = {"polymorphic_identity": "answer", "inherit_condition": id == Contribution.id}
    __table_args__ = (
        Index("ix_answer_question", "question_id", "id"),
        Index(
            "uq_answer_accepted",
            "question_id",
            unique=True,
            sqlite_where=accepted_at.column.is_not(None),
            postgresql_where=accepted_at.column.is_not(None),
        ),
    )
