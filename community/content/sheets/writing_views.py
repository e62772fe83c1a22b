"""Writing a sheet: beginning it (blank, from a contract, from a thread), filling it in by sections, publishing it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, jsonify, render_template, request, url_for
from flask_babel import format_time
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.drafts.actions import drop_draft
from community.abilities.tags.queries import labels_of
from community.content.questions.models import Question
from community.content.questions.queries import postable_communities
from community.content.sheets.actions import begin_sheet, edit_sheet, publish_sheet, save_sheet
from community.content.sheets.checking import left_to_answer
from community.content.sheets.contracts import fields_of_contract
from community.content.sheets.decp import BadRecord
from community.content.sheets.fields import ROWS, SECTIONS, begun, missing, total_weight, weights_are_odd
from community.content.sheets.forms import ContractForm, SheetForm, StartForm
from community.content.sheets.from_thread import sheet_from_thread
from community.content.sheets.models import Sheet
from community.content.sheets.queries import answers_to_quote, contracts_matching, drafts_of
from community.content.sheets.views import bp, get_sheet
from community.contributions.permalink import url_for_item
from community.core.clock import now
from community.core.db import commit
from community.core.errors import Conflict, Invalid
from community.core.limits import limiter
from community.core.redaction import Finding
from community.core.web import is_fragment, saved, see_other
from community.people.communities.models import Community
from community.permissions import (
    can_edit,
    can_post_in,
    can_publish_sheet,
    can_turn_into_sheet,
    get_visible,
    require,
)


@bp.get("/fiches/nouvelle")
@login_required
def new():
    form = StartForm(_choices(), formdata=None, data=request.args.to_dict())
    return start_page(form, ContractForm(_choices(), formdata=None, data=request.args.to_dict()))


@bp.post("/fiches/nouvelle")
@login_required
@limiter.limit("30 per hour")
def create():
    form = StartForm(_choices())
    if not form.validate_on_submit():
        return start_page(form, ContractForm(_choices(), formdata=None), 422)
    community = _chosen(form)
    require(can_post_in(current_user, community))
    sheet = begin_sheet(current_user, community, form.title.data or "", once=form.once.data)
    return saved(url_for("sheets.edit", id=sheet.id))


@bp.post("/fiches/depuis-un-contrat")
@login_required
@limiter.limit("30 per hour")
def create_from_contract():
    form = ContractForm(_choices())
    if not form.validate_on_submit():
        return start_page(StartForm(_choices(), formdata=None), form, 422)
    community = _chosen(form)
    require(can_post_in(current_user, community))
    try:
        title, fields = fields_of_contract(form.contract.data, form.record.data)
    except BadRecord as error:
        form.record.errors = [*form.record.errors, _("Ces données ne peuvent pas servir : %(why)s", why=str(error))]
        return start_page(StartForm(_choices(), formdata=None), form, 422)
    sheet = begin_sheet(current_user, community, form.title.data or title, once=form.once.data, **fields)
    commit()
    flash(_("Le contrat a rempli ce qu’il sait. À vous le reste : le contexte, et surtout ce que vous en retenez."))
    return see_other(url_for("sheets.edit", id=sheet.id))


@bp.post("/questions/<int:id>/fiche")
@login_required
@limiter.limit("30 per hour")
def create_from_thread(id: int):
    question = get_visible(Question, id, current_user)
    answers = answers_to_quote(id)
    require(can_turn_into_sheet(current_user, question, answers))
    sheet = sheet_from_thread(question, answers, current_user)
    return saved(url_for("sheets.edit", id=sheet.id))


@bp.get("/fiches/<int:id>/modifier")
@login_required
def edit(id: int):
    sheet = get_sheet(id)
    require(can_edit(current_user, sheet))
    return form_page(sheet, _form(sheet))


@bp.post("/fiches/<int:id>/modifier")
@login_required
def update(id: int):
    """Save: a draft as it stands, a published sheet as a new revision."""
    sheet = get_sheet(id)
    require(can_edit(current_user, sheet))
    form = _form(sheet)
    if not form.validate_on_submit():
        return form_page(sheet, form, 422)
    if sheet.published_at is None:
        return _keep_draft(sheet, form)
    if not form.has_what_publishing_needs():
        return form_page(sheet, form, 422)
    try:
        confirmed = request.form.getlist("public")
        note = form.note.data or ""
        edit_sheet(sheet, current_user, form.revision.data or 0, note, confirmed, **form.values())
    except (Conflict, Invalid) as refused:
        form.note.errors = [str(refused.message)]
        return form_page(sheet, form, refused.status, getattr(refused, "left", ()))
    drop_draft(current_user, f"contribution:{id}:edit")
    return saved(url_for_item(sheet))


@bp.post("/fiches/<int:id>/lignes")
@login_required
def rows(id: int):
    """The form as it was sent, with one more row (or one less) in a list; nothing is saved yet."""
    sheet = get_sheet(id)
    require(can_edit(current_user, sheet))
    form = _form(sheet)
    form.change_rows(request.form.get("add", ""), request.form.get("drop", ""))
    return form_page(sheet, form)


@bp.post("/fiches/<int:id>/publication")
@login_required
def publish(id: int):
    """Save the draft and publish it; what is missing comes back beside its field, and the draft is kept."""
    sheet = get_sheet(id)
    require(can_publish_sheet(current_user, sheet))
    form = _form(sheet)
    if not form.validate_on_submit():
        return form_page(sheet, form, 422)
    if sheet.published_at is None:
        save_sheet(sheet, current_user, _chosen(form, sheet), **form.values())
        if not form.has_what_publishing_needs():
            commit()
            return form_page(sheet, form, 422)
        require(can_post_in(current_user, sheet.community))
        if left_to_answer(sheet):
            return saved(url_for("sheets.check", id=id))
        publish_sheet(sheet, current_user)
        commit()
    return see_other(url_for_item(sheet))


def start_page(form: StartForm, contract_form: ContractForm, status: int = 200):
    """Three ways to begin: blank, from a contract of the open data, from a thread (explained)."""
    words = request.args.get("contrat", "")[:120]
    page = render_template(
        "sheets/new.html",
        form=form,
        contract_form=contract_form,
        words=words,
        contracts=contracts_matching(words) if words.strip() else None,
        drafts=drafts_of(current_user),
        active="sheets",
    )
    return page, status


def form_page(sheet: Sheet, form: SheetForm, status: int = 200, left: Iterable[Finding] = ()):
    form.offer_rows()
    values = form.values()
    page = render_template(
        "sheets/form.html",
        sheet=sheet,
        form=form,
        sections=SECTIONS,
        rows=ROWS,
        lacking=missing(sheet),
        begun=begun(sheet),
        odd_weights=weights_are_odd(values["award_criteria"]),
        total_weight=total_weight(values["award_criteria"]),
        conflict=status == 409,
        left=left,
        active="sheets",
    )
    return page, status


def _keep_draft(sheet: Sheet, form: SheetForm):
    save_sheet(sheet, current_user, _chosen(form, sheet), **form.values())
    commit()
    if is_fragment():  # the editor saves by itself while one writes
        return jsonify(saved_at=format_time(now(), "short"))
    goal = request.form.get("next", "")
    section = goal if goal in {section.slug for section in SECTIONS} else None
    if section is None:
        flash(_("Brouillon enregistré. Vous seul le voyez."))
    return see_other(url_for("sheets.edit", id=sheet.id, _anchor=section))


def _form(sheet: Sheet) -> SheetForm:
    return SheetForm.of(sheet, labels_of([sheet.id])[sheet.id], _choices(sheet.community))


def _choices(*more: Community) -> list[tuple[str, str]]:
    pairs = {community.slug: community.name for community in (*postable_communities(current_user), *more)}
    return list(pairs.items())


def _chosen(form: SheetForm | StartForm, sheet: Sheet | None = None) -> Community:
    """The community that the form names; a draft may stay where its author cannot post any more."""
    if sheet is not None and sheet.community.slug == form.community.data:
        return sheet.community
    return next(c for c in postable_communities(current_user) if c.slug == form.community.data)
