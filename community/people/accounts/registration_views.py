"""Registering, confirming one's address, choosing a new password when the former one is lost.

Whatever address is typed, the page that follows is the same: only its owner's letter box tells more.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from community.core import ports
from community.core.db import commit
from community.core.i18n import language
from community.core.resume import for_visitors
from community.core.web import see_other
from community.people.accounts import mails
from community.people.accounts.actions import get_member, reset_password
from community.people.accounts.entry_forms import RegistrationForm
from community.people.accounts.forms import AddressForm, ConfirmForm, ResetForm
from community.people.accounts.policy import is_examined, policy, rules_in_words
from community.people.accounts.registrations import (
    Registration,
    application_of,
    confirm_address,
    invited_address,
    register,
)
from community.people.accounts.sessions import applicant_of
from community.people.accounts.throttle import limit_mails
from community.people.accounts.tokens import find_token
from community.people.accounts.views import bp

GIVEN = (
    *("display_name", "email", "password", "organisation", "organisation_type", "territory", "job", "quality"),
    "reason",
)


@bp.get("/inscription")
def registration():
    if current_user.is_authenticated:
        return redirect(url_for("contributions.home"))
    token = request.args.get("invitation", "")[:100]
    form = RegistrationForm(data={"invitation": token, "email": invited_address(token) or ""})
    return registration_page(form)


def registration_page(form: RegistrationForm, status: int = 200):
    """The rules in force, then the form; without it when nobody may fill it in but with an invitation."""
    rules, invited = policy(), form.invited()
    return render_template(
        "accounts/register.html",
        form=form,
        rules=rules,
        words=[] if invited else rules_in_words(rules),
        invited=invited,
        closed=rules.needs_invitation and not invited,
        lost=bool(form.invitation.data) and not invited,
    ), status


@bp.post("/inscription")
@for_visitors
@limit_mails
def create_account():
    form = RegistrationForm()
    if not form.validate():
        return registration_page(form, 422)
    register(Registration(**{name: form[name].data or "" for name in GIVEN}, locale=language()))
    commit()
    session["written_to"] = form.email.data
    return see_other(url_for("accounts.written"))


@bp.get("/inscription/courriel")
def written():
    """« Look at your mail »: the same words for a new address and for a known one."""
    form = AddressForm(formdata=None, data={"email": session.get("written_to", "")})
    return render_template("accounts/written.html", form=form, email=session.get("written_to"))


@bp.post("/inscription/courriel")
@for_visitors
@limit_mails
def resend():
    form = AddressForm()
    if not form.validate():
        return render_template("accounts/written.html", form=form, email=None), 422
    mails.ask_for("confirm", form.email.data)
    commit()
    session["written_to"] = form.email.data
    flash(_("C’est renvoyé. Pensez à regarder dans les courriers indésirables."))
    return see_other(url_for("accounts.written"))


@bp.get("/inscription/confirmation/<token>")
def confirm(token: str):
    email = find_token(token, "confirm").email
    return render_template("accounts/confirm.html", form=ConfirmForm(), examined=is_examined(email))


@bp.post("/inscription/confirmation/<token>")
@for_visitors
def confirm_registration(token: str):
    member = confirm_address(token)
    commit()
    session["arriving"] = member.email
    if member.state == "waiting":
        flash(_("Votre adresse est confirmée. Votre inscription va être examinée : la réponse viendra par courriel."))
    else:
        flash(_("Votre adresse est confirmée. Connectez-vous : la communauté vous attend."), "success")
    return see_other(url_for("accounts.sign_in"))


@bp.get("/inscription/suivi")
def standing():
    """Where one's registration stands: all that somebody who waits, or was refused, may see."""
    applicant = applicant_of(session.get("applicant", ""))
    if applicant is None:
        return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/standing.html", application=application_of(applicant.id))


@bp.get("/mot-de-passe/oubli")
def forgotten():
    return render_template("accounts/forgotten.html", form=AddressForm(), sent=False)


@bp.post("/mot-de-passe/oubli")
@for_visitors
@limit_mails
def ask_reset():
    form = AddressForm()
    if not form.validate():
        return render_template("accounts/forgotten.html", form=form, sent=False), 422
    mails.ask_for("reset", form.email.data)
    commit()
    session["written_to"] = form.email.data
    return see_other(url_for("accounts.reset_sent"))


@bp.get("/mot-de-passe/oubli/envoi")
def reset_sent():
    return render_template("accounts/forgotten.html", form=None, sent=True, email=session.get("written_to"))


@bp.get("/mot-de-passe/<token>")
def reset(token: str):
    owner = get_member(find_token(token, "reset").member_id)
    return render_template("accounts/reset.html", form=ResetForm(owner), owner=owner)


@bp.post("/mot-de-passe/<token>")
@for_visitors
def choose_password(token: str):
    owner = get_member(find_token(token, "reset").member_id)
    form = ResetForm(owner)
    if not form.validate():
        return render_template("accounts/reset.html", form=form, owner=owner), 422
    member = reset_password(token, form.password.data)
    commit()
    session["arriving"] = member.email
    flash(_("Votre nouveau mot de passe est enregistré, vos sessions sont fermées. Connectez-vous."), "success")
    return see_other(url_for("accounts.sign_in"))


@bp.get("/charte")
def charter():
    return render_template("personal_data/text.html", text=ports.call("legal_text", "charter"))
