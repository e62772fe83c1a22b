"""Coming in and going out."""

from __future__ import annotations

from typing import Any

import structlog
from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user, login_user

from community.core import ports, resume
from community.core.db import commit
from community.core.resume import for_visitors
from community.core.web import login, safe_target, see_other
from community.people.accounts import mails
from community.people.accounts.actions import check_credentials
from community.people.accounts.forms import SignInForm, normal_email
from community.people.accounts.identity import Visitor, identity_by_session
from community.people.accounts.models import Member
from community.people.accounts.security_models import Application  # noqa: F401 - its tables are part of the models
from community.people.accounts.sessions import close_session, identity_for, open_session
from community.people.accounts.throttle import limit_sign_in

log = structlog.get_logger("accounts")
bp = Blueprint("accounts", __name__)
members = Blueprint("members", __name__)
blueprints = (bp, members)
login.user_loader(identity_by_session)
login.anonymous_user = Visitor


@bp.after_request
def keep_nothing(response: Response) -> Response:
    """Pages that show an address or live at a secret one are kept by no cache, signed in or not."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/connexion")
def sign_in():
    target = safe_target(request.args.get("suite"), "")
    if current_user.is_authenticated:
        return redirect(target or url_for("contributions.home"))
    return sign_in_page(SignInForm(data={"suite": target, "email": session.pop("arriving", "")}))


def too_many(_limit: Any) -> Response:
    log.warning("sign_in_throttled")
    message = _("Trop d’essais pour ce compte ou depuis cet endroit. Réessayez dans cinq minutes.")
    return sign_in_page(SignInForm(), 429, message)


@bp.post("/connexion")
@for_visitors
@limit_sign_in(too_many)
def enter():
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form, 422)
    member = check_credentials(normal_email(form.email.data) or "", form.password.data)
    if member is None or member.state != "active":
        return _refuse(form, member)
    _open_session(member, form.remember.data)
    commit()
    log.info("signed_in", member_id=current_user.id)
    if form.resume.data:
        message = _("La connexion est rétablie. Relisez, puis envoyez.")
        return resume.resume_page(resume.unpack(form.resume.data), message)
    return see_other(safe_target(form.suite.data, url_for("contributions.home")))


@bp.post("/deconnexion")
@for_visitors
def sign_out():
    if current_user.is_authenticated:
        close_session(current_user.id, current_user.sign_in_id)
        commit()
    _forget_browser()
    return see_other(url_for("contributions.home"))


@ports.provide("sign_in_again")
def sign_in_again(packed: str, message: str) -> Response:
    """The session ended while a form was being filled in: sign in, then send it. Scripts are told 401 and resubmit."""
    return sign_in_page(SignInForm(formdata=None, data={"resume": packed}), 401, message)


def sign_in_page(form: SignInForm, status: int = 200, message: str = "") -> Response:
    accounts, password = ports.call("demo_accounts", default=((), "")) if _is_demo() else ((), "")
    page = render_template(
        "accounts/sign_in.html", form=form, message=message, demo_accounts=accounts, demo_password=password
    )
    return make_response(page, status)


def _is_demo() -> bool:
    return current_app.config["SETTINGS"].demo


def _refuse(form: SignInForm, member: Member | None) -> Response:
    """Only who has the right password learns in which state the account is."""
    state = member.state if member else ""
    log.info("sign_in_refused", member_id=member.id if member else None, state=state)
    if state == "pending":
        mails.ask_for("confirm", member.email)
        commit()
        message = _("Votre adresse n’est pas encore confirmée : nous vous renvoyons le lien par courriel.")
    elif state == "suspended":
        message = _("Ce compte est suspendu. Écrivez à l’administration de la plateforme pour en parler.")
    else:
        message = _("Adresse ou mot de passe incorrect.")
    return sign_in_page(form, 422, message)


def _open_session(member: Member, remember: bool) -> None:
    """A new key, a new cookie, a new form token: nothing of the former session remains valid."""
    if current_user.is_authenticated:
        close_session(current_user.id, current_user.sign_in_id)
    key = open_session(member.id, remember, request.user_agent.string)
    _forget_browser()
    session.permanent = remember
    login_user(identity_for(key))


def _forget_browser() -> None:
    """Empty the cookie, but for the language; a form token that this request already made is of no use either."""
    language = session.get("language")
    session.clear()
    g.pop("csrf_token", None)
    g.pop("_login_user", None)
    if language:
        session["language"] = language
