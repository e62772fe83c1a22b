"""The review desk: what waits, one proposal beside what it changes, and the reviewer's decisions."""

from __future__ import annotations

from flask import abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.content.clauses.actions import Moved
from community.content.clauses.fields import NAMES
from community.content.clauses.forms import ReasonForm, RemarkForm, RetireForm, ReviewedForm, ValidationForm
from community.content.clauses.models import Clause, ClauseVersion
from community.content.clauses.proposals import changes_between, curators_of, queue_of
from community.content.clauses.queries import choosable_clauses, proposal, remarks_on, version_of
from community.content.clauses.reviewing import (
    REVIEW_AFTER,
    confirm_still_valid,
    put_back_in_force,
    refuse,
    request_changes,
    retire,
    take_in_review,
    validate,
)
from community.content.clauses.views import bp, get_clause
from community.core.clock import now
from community.core.db import commit, db
from community.core.web import row_id, saved, see_other
from community.permissions import (
    can_put_back_in_force,
    can_remark,
    can_retire,
    can_review_clauses,
    can_review_proposal,
    can_validate,
    require,
)


@bp.get("/clauses/relecture")
@login_required
def desk():
    """The queue, oldest first, and the proposal that is being read: the one asked for, else the first."""
    if not current_user.moderated_ids:
        abort(403)
    queue = queue_of(current_user)
    asked = request.args.get("proposition", type=row_id) or (queue[0].id if queue else None)
    return desk_page(queue, proposal(asked, current_user) if asked else None)


@bp.post("/clauses/propositions/<int:id>/relecture")
@login_required
def take(id: int):
    version = proposal(id, current_user)
    require(can_review_proposal(current_user, version))
    take_in_review(version, current_user)
    return saved(url_for("clauses.desk", proposition=id))


@bp.post("/clauses/propositions/<int:id>/demande")
@login_required
def ask_changes(id: int):
    version = proposal(id, current_user)
    require(can_review_proposal(current_user, version))
    form = ReasonForm(prefix="ask")
    if not form.validate_on_submit():
        return desk_page(queue_of(current_user), version, ask=form, status=422)
    request_changes(version, current_user, form.reason.data)
    commit()
    return _next(_("Rendue à son auteur avec votre demande."))


@bp.post("/clauses/propositions/<int:id>/refus")
@login_required
def refuse_proposal(id: int):
    version = proposal(id, current_user)
    require(can_review_proposal(current_user, version))
    form = ReasonForm(prefix="refuse")
    if not form.validate_on_submit():
        return desk_page(queue_of(current_user), version, no=form, status=422)
    refuse(version, current_user, form.reason.data)
    commit()
    return _next(_("Proposition refusée."))


@bp.post("/clauses/propositions/<int:id>/validation")
@login_required
def validate_proposal(id: int):
    version = proposal(id, current_user)
    require(can_validate(current_user, version), _("Une autre personne doit valider cette proposition."))
    form = _validation_form(version)
    if not form.validate_on_submit():
        return desk_page(queue_of(current_user), version, yes=form, status=422)
    values = {"review_due": form.review_due.data, "curator_id": form.curator.data, "trust_level": form.trust_level.data}
    try:
        validate(version, current_user, note=form.note.data, **values)
    except Moved as moved:
        return desk_page(queue_of(current_user), version, yes=form, moved=moved, status=409)
    commit()
    return _next(_("Version %(number)d validée.", number=version.number))


@bp.route("/clauses/<int:id>-<slug>/retrait", methods=["GET", "POST"], endpoint="retire")
@login_required
def retire_clause(id: int, slug: str):
    clause = get_clause(id)
    require(can_retire(current_user, clause))
    others = [pair for pair in choosable_clauses(current_user, clause.community_id) if pair[0] != str(id)]
    form = RetireForm(others)
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("clauses/retire.html", clause=clause, form=form, active="clauses"), status
    successor = db.session.get(Clause, int(form.successor.data)) if form.successor.data else None
    retire(clause, current_user, form.reason.data, successor)
    return saved(url_for("clauses.show", id=id, slug=clause.slug))


@bp.post("/clauses/<int:id>-<slug>/retrait/annulation")
@login_required
def put_back(id: int, slug: str):
    """A withdrawal that was a mistake, or whose cause is gone."""
    clause = get_clause(id)
    require(can_put_back_in_force(current_user, clause))
    form = ReasonForm()
    if form.validate_on_submit():
        put_back_in_force(clause, current_user, form.reason.data)
        commit()
    else:
        flash(_("Dites pourquoi, en dix caractères au moins."), "error")
    return see_other(url_for("clauses.show", id=id, slug=clause.slug))


@bp.post("/clauses/<int:id>-<slug>/relecture")
@login_required
def reviewed(id: int, slug: str):
    """A moderator looked at a clause in force again and changes nothing."""
    clause = get_clause(id)
    require(can_review_clauses(current_user, clause.community_id) and clause.retired_at is None)
    form = ReviewedForm()
    if form.validate_on_submit():
        confirm_still_valid(clause, current_user, form.review_due.data)
        commit()
    else:
        flash(_("Choisissez une date à venir."), "error")
    return see_other(url_for("clauses.show", id=id, slug=clause.slug))


def desk_page(queue: list, version: ClauseVersion | None, yes=None, no=None, ask=None, moved=None, status: int = 200):
    """At most 9 statements, however long the queue is."""
    base = version_of(version.clause_id, version.base_number) if version and version.base_number else None
    against = moved.current if moved else base
    page = render_template(
        "clauses/desk.html",
        queue=queue,
        version=version,
        clause=version.clause if version else None,
        base=against,
        changes=changes_between(against, version, current_user) if version and against else [],
        remarks=remarks_on(version.id) if version else {},
        names=NAMES,
        yes=yes or (_validation_form(version) if version else None),
        no=no or ReasonForm(prefix="refuse", formdata=None),
        ask=ask or ReasonForm(prefix="ask", formdata=None),
        moved=moved,
        remark=RemarkForm(formdata=None),
        remarking=bool(version) and can_remark(current_user, version),
        reviews=bool(version) and can_review_proposal(current_user, version),
        validates=bool(version) and can_validate(current_user, version),
        active="clauses",
    )
    return page, status


def _validation_form(version: ClauseVersion) -> ValidationForm:
    people = curators_of(version.clause.community_id, version.proposed_by)
    kept = version.clause.curator_id
    usual = {
        "note": version.change_note,
        "review_due": now().date() + REVIEW_AFTER,
        "curator": kept if kept in dict(people) else current_user.id,
        "trust_level": version.clause.trust_level if version.base_number else "peer_reviewed",
    }
    return ValidationForm(people, data=usual)


def _next(message: str):
    """Back to the desk, on the next proposal of the queue."""
    flash(message, "good")
    return see_other(url_for("clauses.desk"))
