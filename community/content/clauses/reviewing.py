"""What reviewers do with proposals and clauses: take, ask for changes, validate, refuse, retire, look at again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from community.abilities.tags.actions import set_codes, set_tags
from community.content.clauses.actions import Moved, current_version, record_step, show_on_spine
from community.content.clauses.fields import related_ids
from community.content.clauses.models import PENDING, Clause, ClauseRelation, ClauseVersion
from community.contributions.actions import counts, mark_edited, publish, touch
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.outbox import emit
from community.people.communities.models import Community

REVIEW_AFTER = timedelta(days=365)


def take_in_review(version: ClauseVersion, user: Any) -> None:
    """A moderator reads a proposal, so that two do not do it twice."""
    if version.state == "in_review" and version.reviewer_id == user.id:
        return
    _expect(version, "proposed", "in_review")
    version.reviewer_id = user.id
    _step(version, user, "in_review", "taken")


def request_changes(version: ClauseVersion, user: Any, reason: str) -> None:
    """Give a proposal back to its author, saying what is expected; it is a draft again."""
    _expect(version, "proposed", "in_review")
    version.reviewer_id, version.reason = user.id, reason
    _step(version, user, "draft", "changes_requested", reason)
    emit("clause.changes_requested", version.clause, actor=user, version_id=version.id)


def refuse(version: ClauseVersion, user: Any, reason: str) -> None:
    """Close a proposal for good, saying why. Its text stays readable to those who could read it."""
    if version.state == "refused":
        return
    _expect(version, "proposed", "in_review")
    version.reviewer_id, version.reason = user.id, reason
    _step(version, user, "refused", "refused", reason)
    emit("clause.refused", version.clause, actor=user, version_id=version.id)


def validate(
    version: ClauseVersion,
    user: Any,
    *,
    note: str = "",
    review_due: date | None = None,
    curator_id: int | None = None,
    trust_level: str = "peer_reviewed",
) -> ClauseVersion:
    """Make a proposal the clause's current version, numbered and settled for ever.

    Moved when the clause got another version since the proposal was written: its author takes it up again.
    """
    clause = version.clause
    if version.is_settled:
        return version
    _expect(version, "proposed", "in_review")
    if version.base_number != clause.current_number:
        raise Moved(current_version(clause.id))
    _replace_current(clause)
    version.number, version.validated_at, version.validated_by_id = clause.current_number + 1, now(), user.id
    version.reviewer_id = user.id
    version.change_note = (note or version.change_note)[:500]
    version.review_due = review_due or now().date() + REVIEW_AFTER
    version.trust_level = trust_level
    _step(version, user, "validated", "validated", version.change_note)
    _make_current(clause, version, curator_id or clause.curator_id or user.id)
    _put_out(clause, version, user)
    return version


def retire(clause: Clause, user: Any, reason: str, successor: Clause | None = None) -> None:
    """Withdraw a clause: it stays readable, says why and names what to use instead. Repeating it changes nothing."""
    if clause.retired_at is not None:
        return
    if successor is not None and (successor.id == clause.id or successor.retired_at is not None):
        raise Invalid(_("La clause qui remplace doit être une autre clause, en vigueur."))
    current = current_version(clause.id)
    if current is None:
        raise Conflict(_("Cette clause n’a jamais été validée : refusez plutôt la proposition."))
    current.state, current.updated_at = "retired", now()
    clause.state, clause.retired_at, clause.retired_reason = "retired", now(), reason
    clause.successor_id = successor.id if successor else None
    record_step(clause.id, current, user, "retired", reason)
    count_clauses(clause.community_id)
    mark_edited(clause, user)
    emit("clause.retired", clause, actor=user, number=current.number)


def put_back_in_force(clause: Clause, user: Any, reason: str) -> None:
    """Undo a withdrawal, saying why; those who were told of it are told. Repeating it changes nothing."""
    if clause.retired_at is None:
        return
    query = select(ClauseVersion).where(
        ClauseVersion.clause_id == clause.id, ClauseVersion.number == clause.current_number
    )
    last = db.session.scalars(query).one()
    last.state, last.updated_at = "validated", now()
    clause.state, clause.retired_at, clause.retired_reason, clause.successor_id = "validated", None, "", None
    record_step(clause.id, last, user, "put_back", reason)
    count_clauses(clause.community_id)
    mark_edited(clause, user)
    emit("clause.put_back", clause, actor=user, number=last.number)


def confirm_still_valid(clause: Clause, user: Any, until: date, note: str = "") -> None:
    """A moderator looked at the clause again and changes nothing: the next look is at ``until``."""
    if until <= now().date():
        raise Invalid(_("La prochaine relecture doit être à venir."))
    clause.review_due = until
    record_step(clause.id, current_version(clause.id), user, "reviewed", note)
    mark_edited(clause, user)


def count_clauses(community_id: int) -> None:
    """Keep the community's counter of clauses in force."""
    db.session.flush()
    in_force = (Clause.community_id == community_id, Clause.state == "validated", Clause.removed_at.is_(None))
    total = select(func.count()).select_from(Clause).where(*in_force).scalar_subquery()
    counter = update(Community).where(Community.id == community_id).values(clauses_count=total)
    db.session.execute(counter.execution_options(synchronize_session=False))


@counts("clause")
def _count_where_kept(clause: Clause) -> None:
    count_clauses(clause.community_id)


def _expect(version: ClauseVersion, *states: str) -> None:
    if version.state not in states:
        raise Conflict(_("Cette proposition n’attend plus de relecture : quelqu’un s’en est occupé entre-temps."))


def _step(version: ClauseVersion, user: Any, state: str, step: str, note: str = "") -> None:
    version.state, version.updated_at = state, now()
    if version.clause.published_at is None and state in (*PENDING, "refused"):
        version.clause.state = state
    record_step(version.clause_id, version, user, step, note)


def _replace_current(clause: Clause) -> None:
    """The version in force steps back first: the database accepts one at a time."""
    current = current_version(clause.id)
    if current is not None:
        current.state, current.updated_at = "replaced", now()
        db.session.flush()


def _make_current(clause: Clause, version: ClauseVersion, curator_id: int) -> None:
    show_on_spine(clause, version)
    data = version.data
    clause.state, clause.current_number, clause.validated_at = "validated", version.number or 0, version.validated_at
    clause.trust_level, clause.review_due, clause.curator_id = version.trust_level or "", version.review_due, curator_id
    set_tags(clause, data["tags"])
    for name, scheme in (("cpv", "cpv"), ("dimensions", "dimension"), ("contract_types", "contract_type")):
        set_codes(clause, scheme, data[name])
    set_codes(clause, "article", [row["article"][:40] for row in data["legal_basis"]])
    _relate(clause, data)


def _relate(clause: Clause, data: dict[str, Any]) -> None:
    known = set(db.session.scalars(select(Clause.id).where(Clause.id.in_(related_ids(data)), Clause.id != clause.id)))
    db.session.execute(delete(ClauseRelation).where(ClauseRelation.clause_id == clause.id))
    named = {"requires": data["requires"], "excludes": data["excludes"], "variant_of": [data["variant_of"]]}
    for kind, targets in named.items():
        for target_id in known & set(targets):
            db.session.add(ClauseRelation(clause_id=clause.id, kind=kind, target_id=target_id))


def _put_out(clause: Clause, version: ClauseVersion, user: Any) -> None:
    """The first validation publishes the clause, the next ones say that it changed."""
    first = clause.published_at is None
    if first:
        publish(clause, user)
    else:
        mark_edited(clause, user)
        touch(clause)
    count_clauses(clause.community_id)
    emit("clause.validated", clause, actor=user, version_id=version.id, number=version.number)
