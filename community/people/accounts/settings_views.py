"""One's own account: profile, address, password, open sessions."""

from __future__ import annotations

from flask import flash, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.db import commit
from community.core.options import option
from community.core.resume import for_visitors
from community.core.web import saved, see_other
from community.people.accounts.actions import ask_email_change, change_email, change_password
from community.people.accounts.forms import (
    ChangeEmailForm,
    ChangePasswordForm,
    ConfirmForm,
    ProfileForm,
    parse_expertise,
)
from community.people.accounts.profiles import edit_profile, own_profile
from community.people.accounts.sessions import close_session, close_sessions, open_sessions
from community.people.accounts.throttle import limit_password_checks
from community.people.accounts.tokens import find_token
from community.people.accounts.views import bp, proved


@bp.get("/compte")
@login_required
def profile():
    form = ProfileForm(data=own_profile(current_user))
    return render_template("accounts/profile.html", form=form)


@bp.post("/compte")
@login_required
def save_profile():
    form = ProfileForm()
    if not form.validate():
        return render_template("accounts/profile.html", form=form), 422
    values = {name: value for name, value in form.data.items() if name not in ("csrf_token", "expertise")}
    edit_profile(current_user, expertise=parse_expertise(form.expertise.data or ""), **values)
    commit()
    session["language"] = form.locale.data
    flash(_("Votre profil est à jour."), "success")
    return see_other(url_for("accounts.profile"))


@bp.route("/compte/mot-de-passe", methods=["GET", "POST"])
@login_required
@limit_password_checks
def password():
    form = ChangePasswordForm()
    if not form.validate_on_submit() or not proved(form):
        return render_template("accounts/password.html", form=form), 422 if request.method == "POST" else 200
    change_password(current_user, form.password.data)
    return saved(url_for("accounts.password"), _("Votre mot de passe est changé ; vos autres sessions sont fermées."))


@bp.route("/compte/adresse", methods=["GET", "POST"])
@login_required
@limit_password_checks
def email():
    form = ChangeEmailForm()
    if not form.validate_on_submit() or not proved(form):
        return render_template("accounts/email.html", form=form), 422 if request.method == "POST" else 200
    ask_email_change(current_user, form.email.data)
    commit()
    address = form.email.data
    flash(_("Un lien est parti vers %(address)s. Votre adresse changera quand vous l’aurez suivi.", address=address))
    return see_other(url_for("accounts.email"))


@bp.get("/compte/adresse/confirmation/<token>")
def confirm_email(token: str):
    return render_template("accounts/confirm_email.html", form=ConfirmForm(), email=find_token(token, "email").email)


@bp.post("/compte/adresse/confirmation/<token>")
@for_visitors
def replace_email(token: str):
    change_email(token)
    return saved(
        url_for("accounts.email" if current_user.is_authenticated else "accounts.sign_in"),
        _("Votre adresse est changée."),
    )


@bp.get("/compte/sessions")
@login_required
def sessions():
    periods = {"idle": option("sessions.idle"), "most": option("sessions.most")}
    return render_template("accounts/sessions.html", sessions=open_sessions(current_user), **periods)


@bp.post("/compte/sessions/fermeture")
@login_required
def close_others():
    close_sessions(current_user.id, but=current_user.sign_in_id)
    return saved(url_for("accounts.sessions"), _("Vos autres sessions sont fermées."))


@bp.post("/compte/sessions/<int:id>/fermeture")
@login_required
def close(id: int):
    close_session(current_user.id, id)
    return saved(url_for("accounts.sessions"))
