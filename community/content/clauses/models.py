"""Clauses, their versions, what was done to them and what was remarked on a proposal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, event, inspect, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from community.abilities.comments.models import Commentable
from community.abilities.follows.models import Followable
from community.abilities.links.models import Linkable
from community.abilities.tags.models import Taggable
from community.abilities.votes.models import Votable
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import Instant, JsonText, Model
from community.people.accounts.models import Member

#: states of a version that was validated once: its content is settled for ever
SETTLED = ("validated", "replaced", "retired")
#: states of a version that somebody still works on
PENDING = ("draft", "proposed", "in_review")
#: what may still move on a settled version: that it was replaced or retired
_MOVING = frozenset({"state", "updated_at"})


def only(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both engines."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Clause(Votable, Taggable, Commentable, Followable, Linkable, Contribution):
    """A clause as it stands: title and body are those of the current version, the other columns serve lists and facets.

    It is published by the first validation; before that its author, experts and moderators read its proposal.
    """

    __tablename__ = "clause"
    endpoint = "clauses.show"
    label, plural, menu, linked_as = _l("Clause"), _l("Clauses"), _l("Clausier"), _l("Clauses liées")
    words = ("clause", "clauses")
    linked = 10

    id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)
    purpose: Mapped[str] = mapped_column(Text, default="")
    kind_of_clause: Mapped[str] = mapped_column(String(30))
    target_document: Mapped[str] = mapped_column(String(10))
    ambition: Mapped[str | None] = mapped_column(String(20))
    trust_level: Mapped[str] = mapped_column(String(20), default="testimony")
    current_number: Mapped[int] = mapped_column(default=0)
    validated_at: Mapped[datetime | None] = mapped_column(Instant)
    review_due: Mapped[date | None]
    curator_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    copies_count: Mapped[int] = mapped_column(default=0)
    #: what was told of its uses: counts by outcome, « adapted » and « total »
    uses: Mapped[dict[str, int]] = mapped_column(JsonText, default=dict)
    #: articles looked at since the version was validated: {article: day}; and the one that is known to have changed
    checked: Mapped[dict[str, str]] = mapped_column(JsonText, default=dict)
    flagged_article: Mapped[str | None] = mapped_column(String(60))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    retired_reason: Mapped[str] = mapped_column(Text, default="")
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"), index=True)

    curator: Mapped[Member | None] = relationship(lazy="raise", foreign_keys=[curator_id])
    __mapper_args__: ClassVar = {"polymorphic_identity": "clause", "inherit_condition": id == Contribution.id}
    __table_args__ = (
        Index("ix_clause_facets", "target_document", "kind_of_clause"),
        Index("ix_clause_review", "review_due", **only("retired_at IS NULL")),
    )  # fmt: skip


class ClauseVersion(Model):
    """What a clause says, said or would say. ``data`` holds every field as it stood (see fields.py), ``html`` its texts.

    A proposal has no number: it gets one when it is validated, and never changes afterwards. ``base_number`` is the
    version that it was written against (0 for a new clause).
    """

    __tablename__ = "clause_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id", ondelete="CASCADE"), index=True)
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(20), default="draft")
    data: Mapped[dict[str, Any]] = mapped_column(JsonText)
    html: Mapped[dict[str, str]] = mapped_column(JsonText, default=dict)
    base_number: Mapped[int] = mapped_column(default=0)
    change_note: Mapped[str] = mapped_column(String(500), default="")
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    proposed_at: Mapped[datetime | None] = mapped_column(Instant)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    validated_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    validated_at: Mapped[datetime | None] = mapped_column(Instant)
    trust_level: Mapped[str | None] = mapped_column(String(20))
    review_due: Mapped[date | None]
    once: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now)

    clause: Mapped[Clause] = relationship(lazy="raise", foreign_keys=[clause_id])
    proposed_by: Mapped[Member] = relationship(lazy="raise", foreign_keys=[proposed_by_id])
    validated_by: Mapped[Member | None] = relationship(lazy="raise", foreign_keys=[validated_by_id])
    reviewer: Mapped[Member | None] = relationship(lazy="raise", foreign_keys=[reviewer_id])
    __table_args__ = (
        UniqueConstraint("clause_id", "number"),
        UniqueConstraint("proposed_by_id", "once"),
        Index("uq_clause_version_current", "clause_id", unique=True, **only("state = 'validated'")),
        Index("ix_clause_version_queue", "state", "proposed_at"),
        CheckConstraint(
            "state IN ('draft', 'proposed', 'in_review', 'validated', 'refused', 'replaced', 'retired')", name="state"
        ),
        CheckConstraint("number IS NOT NULL OR state NOT IN ('validated', 'replaced', 'retired')", name="settled_has_number"),
    )  # fmt: skip

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING


class ClauseRelation(Model):
    """What the current version says of another clause: it requires it, excludes it, or is a variant of it."""

    __tablename__ = "clause_relation"
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("clause.id", ondelete="CASCADE"), primary_key=True, index=True)
    __table_args__ = (CheckConstraint("kind IN ('requires', 'excludes', 'variant_of')", name="kind"),)


class ClauseStep(Model):
    """One step of a clause's life: what was done, by whom, and why. Steps are added, never changed."""

    __tablename__ = "clause_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("clause_version.id", ondelete="CASCADE"), index=True)
    step: Mapped[str] = mapped_column(String(20))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class ClauseRemark(Model):
    """A reviewer's or the proposer's remark on one field of a proposal."""

    __tablename__ = "clause_remark"
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("clause_version.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(30))
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    once: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    __table_args__ = (UniqueConstraint("author_id", "once"),)


class ClauseUse(Model):
    """One use of a version in a real contract, told by who did it."""

    __tablename__ = "clause_use"
    id: Mapped[int] = mapped_column(primary_key=True)
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    context: Mapped[str] = mapped_column(String(300), default="")
    adapted: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str] = mapped_column(String(20))
    result: Mapped[str] = mapped_column(String(500), default="")
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id", ondelete="SET NULL"))
    once: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    __table_args__ = (UniqueConstraint("member_id", "once"),)


class ArticleChange(Model):
    """A moderator says that an article of a code changed."""

    __tablename__ = "article_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    article: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(500), default="")
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class ArticleCheck(Model):
    """A page to read against an article that changed; done when somebody did."""

    __tablename__ = "article_check"
    change_id: Mapped[int] = mapped_column(ForeignKey("article_change.id", ondelete="CASCADE"), primary_key=True)
    contribution_id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))


class SettledVersion(RuntimeError):
    """Something tried to change what a validated version says."""


@event.listens_for(ClauseVersion, "before_update")
def _refuse_changing_what_is_settled(_mapper: Any, _connection: Any, version: ClauseVersion) -> None:
    """A validated version never changes: citations, exports and contracts rely on it."""
    state = inspect(version)
    before = state.attrs.state.history
    was = before.deleted[0] if before.deleted else version.state
    if was not in SETTLED:
        return
    changed = {
        attribute.key for attribute in state.mapper.column_attrs if state.attrs[attribute.key].history.has_changes()
    }
    if changed - _MOVING or version.state not in SETTLED:
        raise SettledVersion(f"version {version.number} of clause {version.clause_id}: {sorted(changed)}")


@event.listens_for(ClauseVersion, "before_delete")
def _refuse_deleting_what_is_settled(_mapper: Any, _connection: Any, version: ClauseVersion) -> None:
    if version.is_settled:
        raise SettledVersion(f"version {version.number} of clause {version.clause_id} may not be deleted")
