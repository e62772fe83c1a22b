"""Proposing clauses and changes to them. What a reviewer does is in reviewing.py. Callers ask permissions.py first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from community.abilities.follows.actions import follow
from community.content.clauses.fields import NAMES, clean, missing, rendered, summary_of
from community.content.clauses.legal import article_name
from community.content.clauses.models import PENDING, Clause, ClauseRemark, ClauseStep, ClauseVersion
from community.content.clauses.variables import defined, shown
from community.contributions.actions import AlreadyDone, add_once
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.outbox import emit
from community.people.communities.actions import join_by_posting
from community.people.communities.models import Community


class Moved(Conflict):
    """The clause got another version while somebody was writing: ``current`` is what it says now."""

    def __init__(self, current: ClauseVersion | None) -> None:
        super().__init__(_("La clause a changé pendant que vous écriviez."))
        self.current = current


def propose_clause(
    user: Any,
    community: Community,
    data: Mapping[str, Any],
    *,
    note: str = "",
    submit: bool = True,
    once: str | None = None,
) -> ClauseVersion:
    """Write a new clause as a proposal (or, with ``submit=False``, as a draft). It is published once it is validated."""
    fields = _fields(data)
    join_by_posting(user, community)
    clause = Clause(
        community=community,
        author_id=user.id,
        title=fields["title"][:200],
        body=fields["text"],
        state="draft",
        kind_of_clause=fields["kind_of_clause"],
        target_document=fields["target_document"],
        ambition=fields["ambition"] or None,
        purpose=summary_of(fields),
        once=once or None,
    )
    try:
        add_once(clause)
    except AlreadyDone as done:
        return db.session.scalars(select(ClauseVersion).where(ClauseVersion.clause_id == done.item.id)).first()  # type: ignore[return-value]
    version = _add(clause, user, fields, 0, note or _("Première rédaction."), None)
    return submit_proposal(version, user) if submit else version


def propose_change(
    clause: Clause,
    user: Any,
    base_number: int,
    data: Mapping[str, Any],
    note: str,
    *,
    submit: bool = True,
    once: str | None = None,
) -> ClauseVersion:
    """Propose a change against a version; Moved when that version is not the current one any more."""
    if clause.retired_at is not None:
        raise Conflict(_("Cette clause est retirée : proposez plutôt une nouvelle clause."))
    if base_number != clause.current_number:
        raise Moved(current_version(clause.id))
    join_by_posting(user, clause.community)
    version = _add(clause, user, _fields(data), base_number, note, once)
    return submit_proposal(version, user) if submit else version


def save_proposal(version: ClauseVersion, user: Any, data: Mapping[str, Any], note: str, base_number: int) -> None:
    """Rewrite a pending proposal; Moved when the version that it was taken up from is not the current one."""
    if version.state not in PENDING:
        raise Conflict(_("Cette proposition est close."))
    if base_number != version.clause.current_number:
        raise Moved(current_version(version.clause_id))
    _write(version, _fields(data))
    version.change_note, version.base_number, version.updated_at = note[:500], base_number, now()
    if version.clause.published_at is None:
        show_on_spine(version.clause, version)
    db.session.flush()


def submit_proposal(version: ClauseVersion, user: Any) -> ClauseVersion:
    """Hand a draft over to the reviewers; handing it over twice changes nothing."""
    if version.state != "draft":
        return version
    lacking = missing(version.data)
    if lacking:
        names = ", ".join(str(NAMES[name]).lower() for name in lacking)
        raise Invalid(_("Pour proposer la clause, il manque encore : %(what)s.", what=names))
    version.state, version.proposed_at, version.reason = "proposed", now(), ""
    _moved(version, user, "proposed", version.change_note)
    follow(version.clause, user)
    emit("clause.proposed", version.clause, actor=user, version_id=version.id)
    return version


def withdraw_proposal(version: ClauseVersion, user: Any) -> None:
    """The proposer gives up: the proposal is closed and kept, like a refused one."""
    if version.state in PENDING:
        version.state, version.reason = "refused", _("Abandonnée par son auteur.")
        _moved(version, user, "withdrawn", version.reason)


def remark_on(version: ClauseVersion, user: Any, field: str, body: str, once: str | None = None) -> None:
    """Say something about one field of a proposal; the same form sent twice says it once."""
    if field not in NAMES or version.state not in PENDING:
        raise Invalid()
    try:
        with db.session.begin_nested():
            db.session.add(
                ClauseRemark(version_id=version.id, field=field, body=body, author_id=user.id, once=once or None)
            )
    except IntegrityError:
        return
    emit("clause.remarked", version.clause, actor=user, version_id=version.id)


def current_version(clause_id: int) -> ClauseVersion | None:
    """The one version in force, if there is one."""
    query = select(ClauseVersion).where(ClauseVersion.clause_id == clause_id, ClauseVersion.state == "validated")
    return db.session.scalars(query).one_or_none()


def show_on_spine(clause: Clause, version: ClauseVersion) -> None:
    """What lists, feeds and the index read of a clause: the fields of this version."""
    data = version.data
    clause.title, clause.body = data["title"][:200], data["text"]
    clause.body_html = shown(version.html.get("text", ""), defined(data), linked=False)
    clause.kind_of_clause, clause.target_document = data["kind_of_clause"], data["target_document"]
    clause.ambition, clause.purpose = data["ambition"] or None, summary_of(data)


def record_step(clause_id: int, version: ClauseVersion | None, user: Any, step: str, note: str = "") -> None:
    """Write a step down in the clause's history."""
    db.session.flush()
    row = ClauseStep(clause_id=clause_id, step=step, member_id=user.id, note=note, created_at=now())
    row.version_id = version.id if version else None
    db.session.add(row)
    db.session.flush()


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    fields = clean(data)
    fields["legal_basis"] = [{**row, "article": article_name(row["article"])} for row in fields["legal_basis"]]
    return fields


def _add(clause: Clause, user: Any, fields: dict[str, Any], base: int, note: str, once: str | None) -> ClauseVersion:
    version = ClauseVersion(
        clause=clause, proposed_by_id=user.id, base_number=base, change_note=note[:500], data=fields
    )
    version.once = once or None
    try:
        with db.session.begin_nested():
            db.session.add(version)
    except IntegrityError as error:
        query = select(ClauseVersion).where(ClauseVersion.proposed_by_id == user.id, ClauseVersion.once == once)
        first = db.session.scalars(query).one_or_none()
        if first is None or not once:
            raise Conflict() from error
        return first
    _write(version, fields)
    if clause.published_at is None:
        show_on_spine(clause, version)
    record_step(clause.id, version, user, "drafted", "")
    return version


def _write(version: ClauseVersion, fields: dict[str, Any]) -> None:
    version.data, version.html = fields, rendered(fields, f"v{version.id}")
    db.session.flush()


def _moved(version: ClauseVersion, user: Any, step: str, note: str) -> None:
    """A proposal changed state: its history says so, and an unpublished clause shows it too."""
    version.updated_at = now()
    if version.clause.published_at is None:
        version.clause.state = version.state
    record_step(version.clause_id, version, user, step, note)
