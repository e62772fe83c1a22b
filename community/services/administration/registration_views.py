"""Who comes in: registrations to examine, the rules, invitations to the platform."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, login_required

from community.core.db import commit
from community.core.errors import Invalid
from community.core.limits import limiter
from community.core.options import set_option
from community.core.web import saved, see_other
from community.people.accounts.forms import normal_email
from community.people.accounts.policy import policy, rules_in_words
from community.people.accounts.registrations import (
    accept_application,
    application_of,
    invite_to_platform,
    refuse_application,
    withdraw_platform_invitation,
)
from community.services.administration.forms import AcceptForm, PlatformInvitationForm, PolicyForm, RefuseForm
from community.services.administration.people import (
    decided_registrations,
    waiting_invitations,
    waiting_registrations,
)
from community.services.administration.views import administrators, bp


@bp.get("/admin/inscriptions")
@login_required
@administrators
def registrations():
    return queue_page()


def queue_page(forms: dict[int, RefuseForm] | None = None, status: int = 200) -> tuple[str, int]:
    """Who waits, each with the two answers; ``forms`` holds the refusal that was not valid."""
    return render_template(
        "admin/registrations.html",
        page=waiting_registrations(request.args.get("page")),
        decided=decided_registrations(),
        forms_by_id=forms or {},
        blank=RefuseForm(formdata=None),
        entry="registrations",
    ), status


@bp.post("/admin/inscriptions/<int:id>/acceptation")
@login_required
@administrators
def accept_registration(id: int):
    application, form = application_of(id), AcceptForm()
    if not form.validate():
        return queue_page(status=422)
    accept_application(application, current_user, form.answer.data or "")
    name = application.member.display_name
    return saved(
        url_for("admin.registrations"), _("%(name)s peut entrer, et vient d’en être prévenu par courriel.", name=name)
    )


@bp.post("/admin/inscriptions/<int:id>/refus")
@login_required
@administrators
def refuse_registration(id: int):
    application, form = application_of(id), RefuseForm()
    if not form.validate():
        return queue_page({id: form}, 422)
    refuse_application(application, current_user, form.answer.data)
    return saved(url_for("admin.registrations"), _("La réponse et sa raison sont envoyées."))


@bp.route("/admin/inscriptions/regles", methods=["GET", "POST"])
@login_required
@administrators
def registration_rules():
    form = PolicyForm(formdata=None, data=_as_typed()) if request.method == "GET" else PolicyForm()
    if not form.validate_on_submit():
        return rules_page(form, 422 if request.method == "POST" else 200)
    try:
        set_option("registration", form.value(), current_user)
    except Invalid as error:
        form.domains.errors = [error.message]
        return rules_page(form, 422)
    return saved(url_for("admin.registration_rules"), _("Les règles d’inscription sont changées."))


def rules_page(form: PolicyForm, status: int) -> tuple[str, int]:
    words = rules_in_words(policy())
    return render_template("admin/registration_rules.html", form=form, words=words, entry="registrations"), status


@bp.route("/admin/inscriptions/invitations", methods=["GET", "POST"])
@login_required
@administrators
@limiter.limit("20 per hour", methods=["POST"])
def platform_invitations():
    form = PlatformInvitationForm()
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        rows = waiting_invitations()
        return render_template("admin/invitations.html", form=form, rows=rows, entry="registrations"), status
    addresses = [normal_email(word) or "" for word in form.emails()]
    sent = [invite_to_platform(current_user, address, form.message.data or "") for address in addresses]
    commit()
    flash(ngettext("%(num)d invitation envoyée.", "%(num)d invitations envoyées.", sum(sent)), "success")
    if not all(sent):
        flash(_("Les autres adresses ont déjà un compte."))
    return see_other(url_for("admin.platform_invitations"))


@bp.post("/admin/inscriptions/invitations/<int:id>/retrait")
@login_required
@administrators
def withdraw_invitation(id: int):
    withdraw_platform_invitation(id, current_user)
    return saved(url_for("admin.platform_invitations"))


def _as_typed() -> dict[str, object]:
    rules = policy()
    return {
        "mode": rules.mode,
        "domains": "\n".join(rules.domains),
        "organisations": rules.organisations,
        "free_mail": rules.free_mail,
        "denied": "\n".join(rules.denied),
    }
