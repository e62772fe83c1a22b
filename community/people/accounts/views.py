"""Coming in and going out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
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
from community.core.clock import now
from community.core.db import commit, db
from community.core.jobs import ask
from community.core.resume import for_visitors
from community.core.web import login, safe_target, saved, see_other
from community.people.accounts import mails
from community.people.accounts.actions import check_credentials, has_password
from community.people.accounts.entry_forms import SecondStepForm
from community.people.accounts.forms import SignInForm, normal_email
from community.people.accounts.identities import link_identity
from community.people.accounts.identity import Visitor, hash_key, identity_by_session
from community.people.accounts.models import Member
from community.people.accounts.sealing import seal, unseal
from community.people.accounts.second_factors import (
    check_second_factor,
    must_have_second_factor,
    needs_second_factor,
)
from community.people.accounts.sessions import (
    applicant_of,
    close_session,
    identity_for,
    open_session,
    renew_key,
    signed_in_recently,
)
from community.people.accounts.throttle import limit_codes, limit_sign_in

log = structlog.get_logger("accounts")
STEP, STEP_SECONDS = "second-step", 600
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


@bp.before_app_request
def lead_to_second_factor() -> Response | None:
    """Who must have a second factor, and signed in without one, sets it up before anything else; no word is lost."""
    endpoint = request.endpoint or ""
    if not session.get("must_protect") or endpoint.startswith(("accounts.", "static", "web.", "health.")):
        return None
    if request.method == "POST":
        message = _("Configurez d’abord la double authentification (« Mon compte », « Sécurité »), puis envoyez.")
        return resume.resume_page(resume.unpack(resume.pack_request()), message, 403)
    return see_other(url_for("accounts.second_factor"))


@bp.after_app_request
def keep_the_day(response: Response) -> Response:
    """The first request of a day has the worker note that the session still serves: the page itself writes nothing."""
    today = now().date().isoformat()
    if session.get("day", today) != today and current_user.is_authenticated:
        session["day"] = today
        ask("seen", current_user.sign_in_id)
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
    if member is not None and member.state in ("waiting", "declined"):
        return show_standing(member)
    if member is not None and member.state == "suspended":
        stopped = ports.call("stop_if_suspended", member)
        commit()
        if stopped is not None:
            return stopped
    if member is None or member.state != "active":
        return _refuse(form, member)
    return arrive(member, Arrival(bool(form.remember.data), form.suite.data or "", form.resume.data or ""))


@dataclass(frozen=True)
class Arrival:
    """What somebody who is coming in asked for: to be remembered, to go on to a page, to send a form that was held up.

    ``way`` and ``id_token`` say how the person was recognised.
    """

    remember: bool = False
    suite: str = ""
    resume: str = ""
    way: str = "password"
    id_token: str = ""
    #: an identity of the provider that this arrival proves to be the account's owner's
    issuer: str = ""
    subject: str = ""


def arrive(member: Member, arrival: Arrival) -> Response:
    """Every way of signing in ends here: the second factor first, when there is one, and then the session."""
    if needs_second_factor(member.id):
        return second_step_page(SecondStepForm(formdata=None), member, arrival)
    return enter_for_good(member, arrival)


def second_step_page(form: SecondStepForm, member: Member, arrival: Arrival, status: int = 200) -> Response:
    """Ask for the code. The page itself carries, sealed for ten minutes, who proved the password and what they wanted."""
    form.passed.data = seal({"member": member.id, "password": hash_key(member.password_hash), **asdict(arrival)}, STEP)
    return make_response(render_template("accounts/second_step.html", form=form), status)


@bp.post("/connexion/code")
@for_visitors
@limit_codes
def second_step():
    form = SecondStepForm()
    passed = unseal(form.passed.data or "", STEP, STEP_SECONDS) or {}
    member = db.session.get(Member, passed.pop("member", 0))
    if member is None or member.state != "active" or passed.pop("password") != hash_key(member.password_hash):
        return sign_in_page(SignInForm(formdata=None), 422, _("Trop de temps a passé : recommencez la connexion."))
    arrival = Arrival(**passed)
    if not form.validate() or not check_second_factor(member, form.code.data):
        log.info("second_factor_refused", member_id=member.id)
        form.code.errors = [_("Ce code n’est pas valable, ou il a déjà servi. Attendez le suivant.")]
        return second_step_page(form, member, arrival, 422)
    return enter_for_good(member, arrival)


def enter_for_good(member: Member, arrival: Arrival) -> Response:
    """Open the session, commit, and go where the person wanted to."""
    if arrival.subject:
        link_identity(member, arrival.issuer, arrival.subject, current_app.config["SETTINGS"].oidc_label)
    _open_session(member, arrival)
    if must_have_second_factor(current_user):
        session["must_protect"] = True
    commit()
    log.info("signed_in", member_id=current_user.id, way=arrival.way)
    if arrival.resume:
        message = _("La connexion est rétablie. Relisez, puis envoyez.")
        return resume.resume_page(resume.unpack(arrival.resume), message)
    return see_other(safe_target(arrival.suite, url_for("contributions.home")))


@bp.post("/deconnexion")
@for_visitors
def sign_out():
    away = ""
    if current_user.is_authenticated:
        away = ports.call("leaving_address", current_user, default="")
        close_session(current_user.id, current_user.sign_in_id)
        commit()
    elif applicant := applicant_of(session.get("applicant", "")):
        close_session(applicant.id, applicant.sign_in_id)
        commit()
    state = session.get("leaving")
    _forget_browser()
    if away:
        session["leaving"] = state
    return see_other(away or url_for("contributions.home"))


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


def proved(form: Any) -> bool:
    """The password again, before what would lock the account's owner out.

    An account without one (opened by an identity provider) proves itself by a sign-in of less than ten minutes.
    """
    field = getattr(form, "current_password", None)
    if field is None:
        recent = signed_in_recently(current_user)
        if not recent:
            asked = _("Votre compte n’a pas de mot de passe : reconnectez-vous, puis recommencez dans les dix minutes.")
            form.form_errors = [*form.form_errors, asked]
        return recent
    if has_password(current_user, field.data):
        return True
    field.errors = [_("Ce n’est pas votre mot de passe actuel.")]
    return False


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


def _open_session(member: Member, arrival: Arrival) -> None:
    """A new key, a new cookie, a new form token: nothing of the former session remains valid."""
    if current_user.is_authenticated:
        close_session(current_user.id, current_user.sign_in_id)
    key = open_session(member.id, arrival.remember, request.user_agent.string, arrival.way, arrival.id_token)
    ports.call("note_coming", member.id)  # signing out forgets the session: what the account was used for must not go
    _forget_browser()
    session.permanent = arrival.remember
    session["day"] = now().date().isoformat()
    if pending := ports.call("texts_to_accept", member.id, default=[]):
        session["texts_to_accept"] = pending
    login_user(identity_for(key))


def renew_session() -> None:
    """One's rights have grown: the same session under another key, and a second factor first when one is required."""
    login_user(identity_for(renew_key(current_user.sign_in_id)))
    if must_have_second_factor(current_user):
        session["must_protect"] = True


def show_standing(member: Member) -> Response:
    """Who waits to be admitted signs in to one page only, under a session that opens nothing else."""
    key = open_session(member.id, False, request.user_agent.string)
    _forget_browser()
    session["applicant"] = key
    return saved(url_for("accounts.standing"))


def _forget_browser() -> None:
    """Empty the cookie, but for the language; a form token that this request already made is of no use either."""
    language = session.get("language")
    session.clear()
    g.pop("csrf_token", None)
    g.pop("_login_user", None)
    if language:
        session["language"] = language
