"""Organisations as records: the list, one record, doubles and their merges."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.errors import Conflict, Invalid
from community.core.web import saved
from community.people.accounts.organisation_merges import (
    get_merge,
    merge_organisations,
    merges_of,
    suggested_doubles,
    undo_merge,
)
from community.people.accounts.organisations import (
    add_organisation,
    count_members_of,
    domains_of,
    edit_organisation,
    get_organisation,
)
from community.services.administration.forms import OrganisationForm
from community.services.administration.people import organisations_page, suggested_domains
from community.services.administration.views import administrators, bp


@bp.get("/admin/organisations", endpoint="organisations")
@login_required
@administrators
def organisation_list():
    text, type = " ".join(request.args.get("q", "")[:100].split()), request.args.get("type", "")
    page = organisations_page(text, type, request.args.get("page"))
    return render_template(
        "admin/organisations.html", page=page, text=text, type=type, doubles=suggested_doubles(), entry="organisations"
    )


@bp.route("/admin/organisations/nouvelle", methods=["GET", "POST"])
@login_required
@administrators
def new_organisation():
    form = OrganisationForm()
    if not form.validate_on_submit():
        return new_page(form, 422 if request.method == "POST" else 200)
    try:
        added = add_organisation(current_user, form.domain_names(), **form.values())
    except Conflict:
        form.name.errors = [_("Une fiche a déjà ce nom, ce type et ce territoire.")]
        return new_page(form, 422)
    id = added.id
    return saved(url_for("admin.organisation", id=id), _("La fiche est enregistrée."))


def new_page(form: OrganisationForm, status: int) -> tuple[str, int]:
    return render_template("admin/new_organisation.html", form=form, entry="organisations"), status


@bp.route("/admin/organisations/<int:id>", methods=["GET", "POST"])
@login_required
@administrators
def organisation(id: int):
    record = get_organisation(id)
    if request.method == "GET":
        names = ("name", "type", "territory", "siret", "population_band")
        data = {name: getattr(record, name) or "" for name in names}
        data["domains"] = "\n".join(domains_of([id]).get(id, []))
        return organisation_page(id, OrganisationForm(formdata=None, data=data))
    form = OrganisationForm()
    if not form.validate():
        return organisation_page(id, form, 422)
    try:
        edit_organisation(record, current_user, form.domain_names(), **form.values())
    except Conflict:
        form.name.errors = [_("Une autre fiche a déjà ce nom, ce type et ce territoire : réunissez-les.")]
        return organisation_page(id, form, 422)
    return saved(url_for("admin.organisation", id=id), _("La fiche est enregistrée."))


def organisation_page(id: int, form: OrganisationForm, status: int = 200) -> tuple[str, int]:
    """A record: its form, its members, what was merged into it, domains that its members' addresses suggest."""
    record = get_organisation(id)
    kept = get_organisation(record.merged_into_id) if record.merged_into_id else None
    return render_template(
        "admin/organisation.html",
        organisation=record,
        kept=kept,
        form=form,
        members=count_members_of([id]).get(id, 0),
        merges=merges_of(id),
        suggested=suggested_domains(id, domains_of([id]).get(id, [])),
        entry="organisations",
    ), status


@bp.post("/admin/organisations/<int:id>/reunion")
@login_required
@administrators
def merge(id: int):
    """``other``: the number of the record that is a second writing of this one."""
    other = request.form.get("other", "").strip()
    if not other.isdigit() or len(other) > 9:
        raise Invalid(_("Donnez le numéro de la fiche à réunir à celle-ci."))
    merge_organisations(get_organisation(id), get_organisation(int(other)), current_user)
    return saved(
        url_for("admin.organisation", id=id),
        _("Les deux fiches n’en font plus qu’une. Cela peut être défait sur cette page."),
    )


@bp.post("/admin/organisations/reunions/<int:id>/annulation")
@login_required
@administrators
def unmerge(id: int):
    row = get_merge(id)
    undo_merge(row, current_user)
    return saved(url_for("admin.organisation", id=row.kept_id), _("Les deux fiches sont de nouveau distinctes."))
