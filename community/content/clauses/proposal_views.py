"""Proposing a clause or a change, following one's proposals, and comparing versions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.drafts.actions import draft_for, drop_draft
from community.content.clauses.actions import (
    Moved,
    propose_change,
    propose_clause,
    remark_on,
    save_proposal,
    submit_proposal,
    withdraw_proposal,
)
from community.content.clauses.fields import NAMES, TEXTS, clean
from community.content.clauses.forms import ClauseForm, RemarkForm
from community.content.clauses.merging import merged
from community.content.clauses.models import Clause, ClauseVersion
from community.content.clauses.proposals import changes_between, proposals_of, waiting_on
from community.content.clauses.queries import (
    choosable_clauses,
    history_of,
    proposal,
    remarks_on,
    version_of,
    versions_of,
)
from community.content.clauses.views import bp, get_clause
from community.content.questions.queries import postable_communities
from community.core.db import commit
from community.core.errors import NotFound
from community.core.limits import limiter
from community.core.web import origin, row_id, saved, see_other
from community.permissions import (
    can_edit_proposal,
    can_propose_change,
    can_propose_clause,
    can_remark,
    can_review_proposal,
    can_validate,
    require,
)

NEW = "clause:new"


@bp.get("/clauses/nouvelle")
@login_required
def new():
    source = _taken_up()
    data = source.data if source else None
    form = ClauseForm.of(data, _communities(), choosable_clauses(current_user, 0), formdata=None)
    form.community.data = source.clause.community.slug if source else request.args.get("communaute", "")
    form.take({} if source else draft_for(current_user, NEW))
    return form_page(form, url_for("clauses.create"), draft=NEW)


@bp.post("/clauses/nouvelle")
@login_required
@limiter.limit("30 per hour")
def create():
    communities = postable_communities(current_user)
    choices = [(community.slug, community.name) for community in communities]
    form = ClauseForm(choices, choosable_clauses(current_user, 0), needed=_sends())
    if not form.validate_on_submit():
        return form_page(form, url_for("clauses.create"), draft=NEW, status=422)
    community = next(c for c in communities if c.slug == form.community.data)
    require(can_propose_clause(current_user, community))
    version = propose_clause(
        current_user, community, form.values(), note=form.note.data or "", submit=_sends(), once=form.once.data
    )
    drop_draft(current_user, NEW)
    commit()
    return _kept(version)


@bp.get("/clauses/<int:id>-<slug>/proposer")
@login_required
def new_change(id: int, slug: str):
    clause = get_clause(id)
    require(can_propose_change(current_user, clause))
    current, source = version_of(id, clause.current_number), _taken_up()
    if source and source.clause_id == id and source.base_number:
        fields, _clashes = merged(version_of(id, source.base_number).data, source.data, current.data)
        current = SimpleNamespace(data=fields)
    form = _change_form(clause, current)
    form.base_number.data, form.note.data = clause.current_number, source.change_note if source else ""
    form.take({} if source else draft_for(current_user, f"clause:{id}:change"))
    return change_page(form, clause)


@bp.post("/clauses/<int:id>-<slug>/proposer")
@login_required
@limiter.limit("30 per hour")
def create_change(id: int, slug: str):
    clause = get_clause(id)
    require(can_propose_change(current_user, clause))
    form = _change_form(clause, needed=_sends())
    if not form.validate_on_submit():
        return change_page(form, clause, 422)
    base = form.base_number.data or 0
    try:
        version = propose_change(
            clause, current_user, base, form.values(), form.note.data or "", submit=_sends(), once=form.once.data
        )
    except Moved as moved:
        return _conflict(form, clause, moved, url_for("clauses.create_change", id=id, slug=clause.slug))
    drop_draft(current_user, f"clause:{id}:change")
    commit()
    return _kept(version)


@bp.get("/clauses/propositions")
@login_required
def proposals():
    return render_template("clauses/proposals.html", proposals=proposals_of(current_user), active="clauses")


@bp.get("/clauses/propositions/<int:id>", endpoint="proposal")
@login_required
def show_proposal(id: int):
    return proposal_page(_proposal(id))


@bp.get("/clauses/propositions/<int:id>/modifier")
@login_required
def edit_proposal(id: int):
    version = _proposal(id)
    require(can_edit_proposal(current_user, version))
    form = _change_form(version.clause, version)
    form.base_number.data, form.note.data = version.base_number, version.change_note
    return edit_page(form, version)


@bp.post("/clauses/propositions/<int:id>/modifier")
@login_required
def update_proposal(id: int):
    version = _proposal(id)
    require(can_edit_proposal(current_user, version))
    form = _change_form(version.clause, needed=_sends())
    if not form.validate_on_submit():
        return edit_page(form, version, 422)
    try:
        save_proposal(version, current_user, form.values(), form.note.data or "", form.base_number.data or 0)
    except Moved as moved:
        return _conflict(form, version.clause, moved, url_for("clauses.update_proposal", id=id))
    if _sends():
        submit_proposal(version, current_user)
    commit()
    return _kept(version)


@bp.post("/clauses/propositions/<int:id>/abandon")
@login_required
def withdraw(id: int):
    version = _proposal(id)
    require(can_edit_proposal(current_user, version))
    withdraw_proposal(version, current_user)
    return saved(url_for("clauses.proposals"))


@bp.post("/clauses/propositions/<int:id>/remarques/<field>")
@login_required
def create_remark(id: int, field: str):
    version = _proposal(id)
    require(can_remark(current_user, version))
    form = RemarkForm()
    if field not in NAMES:
        raise NotFound()
    if not form.validate_on_submit():
        return proposal_page(version, form, field)
    remark_on(version, current_user, field, form.body.data, form.once.data)
    return saved(origin(url_for("clauses.proposal", id=id, _anchor=f"champ-{field}")))


@bp.get("/clauses/<int:id>-<slug>/versions")
def versions(id: int, slug: str):
    clause = get_clause(id)
    found = versions_of(id)
    return render_template("clauses/versions.html", clause=clause, versions=found, active="clauses")


@bp.get("/clauses/<int:id>-<slug>/comparer")
def compare(id: int, slug: str):
    """Two versions, word by word and field by field; without numbers, the last change."""
    clause = get_clause(id)
    number = request.args.get("a", clause.current_number, int)
    older = version_of(id, request.args.get("de", max(1, number - 1), int))
    newer = version_of(id, number)
    changes = changes_between(older, newer, current_user)
    page = {"clause": clause, "older": older, "newer": newer, "changes": changes, "names": NAMES}
    return render_template(
        "clauses/compare.html", **page, numbers=range(1, clause.current_number + 1), active="clauses"
    )


def proposal_page(version: ClauseVersion, form: RemarkForm | None = None, field: str = ""):
    """A proposal: what it changes, remarks field by field, its history. At most 9 statements."""
    clause = version.clause
    base = version_of(clause.id, version.base_number) if version.base_number else None
    page = render_template(
        "clauses/proposal.html",
        version=version,
        clause=clause,
        base=base,
        changes=changes_between(base, version, current_user) if base else [],
        remarks=remarks_on(version.id),
        history=[row for row in history_of(clause, True) if row.version_id == version.id],
        names=NAMES,
        form=form or RemarkForm(formdata=None),
        open_field=field,
        edits=can_edit_proposal(current_user, version),
        remarking=can_remark(current_user, version),
        reviews=can_review_proposal(current_user, version) or can_validate(current_user, version),
        active="clauses",
    )
    return page, 422 if field else 200


def form_page(form: ClauseForm, action: str, clause: Clause | None = None, status: int = 200, **more):
    form.offer_rows()
    return render_template(
        "clauses/form.html", form=form, action=action, clause=clause, active="clauses", **more
    ), status


def change_page(form: ClauseForm, clause: Clause, status: int = 200):
    action = url_for("clauses.create_change", id=clause.id, slug=clause.slug)
    waiting = waiting_on(clause.id, current_user)
    return form_page(form, action, clause, status, draft=f"clause:{clause.id}:change", waiting=waiting)


def edit_page(form: ClauseForm, version: ClauseVersion, status: int = 200):
    action = url_for("clauses.update_proposal", id=version.id)
    return form_page(form, action, version.clause, status, proposal=version)


def _conflict(form: ClauseForm, clause: Clause, moved: Moved, action: str):
    """Nothing is lost: what was typed is put on the version in force, beside what changed meanwhile and where both disagree."""
    base, current = form.base_number.data or 0, moved.current
    older = version_of(clause.id, base) if base else None
    if older is None or current is None:
        return form_page(form, action, clause, 409, moved=moved, changes=[], names=NAMES)
    typed = clean(form.values())
    fields, clashes = merged(older.data, typed, current.data)
    fresh = _change_form(clause, SimpleNamespace(data=fields))
    fresh.base_number.data, fresh.note.data, fresh.once.data = clause.current_number, form.note.data, form.once.data
    changes = changes_between(older, current, current_user)
    woven = {name: typed[name] for name in TEXTS if typed[name] not in (fields[name] or "", older.data[name])}
    more = {"changes": changes, "names": NAMES, "clashes": clashes, "woven": woven}
    return form_page(fresh, action, clause, 409, moved=moved, **more)


def _change_form(clause: Clause, version: Any = None, needed: bool = False) -> ClauseForm:
    clauses = [pair for pair in choosable_clauses(current_user, clause.community_id) if pair[0] != str(clause.id)]
    given = {"formdata": None} if version else {}
    return ClauseForm.of(version.data if version else None, [], clauses, needed=needed, **given).without_community()


def _taken_up() -> ClauseVersion | None:
    """A proposal of one's own that was refused or given up, written anew from where it was left (?depuis=)."""
    asked = request.args.get("depuis", type=row_id)
    version = proposal(asked, current_user) if asked else None
    if version and not (version.state == "refused" and version.proposed_by_id == current_user.id):
        raise NotFound()
    return version


def _communities() -> list[tuple[str, str]]:
    return [(community.slug, community.name) for community in postable_communities(current_user)]


def _proposal(id: int) -> ClauseVersion:
    return proposal(id, current_user)


def _sends() -> bool:
    """Two buttons: keep as a draft, or hand over to the reviewers."""
    return request.form.get("send") == "1"


def _kept(version: ClauseVersion):
    flash(
        _("Proposition envoyée aux animateurs.") if version.state == "proposed" else _("Brouillon enregistré."), "good"
    )
    return see_other(url_for("clauses.proposal", id=version.id))
