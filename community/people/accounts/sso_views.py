"""Coming in through the platform's identity provider, joining it to an account, going out of it.

The provider sends the browser back by a GET that signs somebody in: it is the one GET that writes. What makes it safe is
the state, which this browser alone holds, once.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any

import structlog
from flask import Response, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core import ports
from community.core.db import commit, end_request, release
from community.core.errors import NotFound
from community.core.i18n import language
from community.core.mail import absolute_url
from community.core.resume import for_visitors
from community.core.web import CSP, safe_target, saved, see_other
from community.people.accounts import oidc
from community.people.accounts.actions import check_credentials
from community.people.accounts.entry_forms import JoiningForm, NewcomerForm
from community.people.accounts.forms import SignInForm, normal_email
from community.people.accounts.identities import link_identity, member_at, member_known_as, unlink_identity
from community.people.accounts.models import Member
from community.people.accounts.organisations import organisation_of_siret
from community.people.accounts.policy import policy, rules_in_words, way_in
from community.people.accounts.registrations import Registration, add_member, admit
from community.people.accounts.sealing import seal, unseal
from community.people.accounts.sessions import id_token_of
from community.people.accounts.throttle import limit_joining, limit_provider
from community.people.accounts.views import Arrival, arrive, bp, show_standing, sign_in_page

log = structlog.get_logger("accounts")
MINUTES = 600


@bp.after_app_request
def allow_provider(response: Response) -> Response:
    """Signing out ends at the provider: browsers refuse that redirect of a form unless the policy names it."""
    if oidc.is_configured() and response.mimetype == "text/html":
        places = " ".join(["'self'", *sorted(oidc.origins())])
        response.headers.setdefault(
            "Content-Security-Policy", CSP.replace("form-action 'self'", f"form-action {places}")
        )
    return response


@bp.app_context_processor
def provider_label() -> dict[str, Any]:
    return {"provider": current_app.config["SETTINGS"].oidc_label if oidc.is_configured() else ""}


@bp.get("/connexion/fournisseur")
@limit_provider
def to_provider():
    if not oidc.is_configured():
        raise NotFound()
    attempt = oidc.Attempt.new()
    try:
        address = oidc.authorization_address(attempt, absolute_url("accounts.from_provider"))
    except oidc.ProviderError as error:
        return _refused(error.why)
    suite = safe_target(request.args.get("suite"), "")[:500]
    session["oidc"] = seal({"suite": suite, **asdict(attempt)}, "oidc")
    return redirect(address)


@bp.get("/connexion/fournisseur/retour")
@limit_provider
def from_provider():
    """What the provider answers. The attempt is forgotten first, so that an answer serves once."""
    attempt = unseal(session.pop("oidc", ""), "oidc", MINUTES)
    if not oidc.is_configured() or attempt is None:
        return _refused("no attempt")
    suite = attempt.pop("suite")
    if not secrets.compare_digest(request.args.get("state", "").encode(), attempt["state"].encode()):
        return _refused("wrong state")
    if not oidc.same_issuer(request.args.get("iss")) or not request.args.get("code"):
        return _refused(f"no code: {request.args.get('error', '')[:40]!r}")
    release()
    try:
        redirect_uri = absolute_url("accounts.from_provider")
        person = oidc.fetch_person(oidc.Attempt(**attempt), request.args["code"][:2000], redirect_uri)
    except oidc.ProviderError as error:
        return _refused(error.why)
    end_request()  # from here on this GET writes: see the head of this file
    return _recognise(person, suite)


def _recognise(person: oidc.Person, suite: str) -> Response:
    """A known identity comes in; a known address is asked to prove the account; somebody new registers."""
    member = member_known_as(person.issuer, person.subject)
    if member is not None:
        return _come_in(member, Arrival(suite=suite, way="sso", id_token=_small(person.id_token)))
    email = normal_email(person.email)
    if email is None or not person.email_verified:
        return _refused(
            "address not verified", _("%(label)s ne garantit pas votre adresse : inscrivez-vous avec un mot de passe.")
        )
    if current_user.is_authenticated and current_user.email != email:
        return _refused("another address", _("L’adresse donnée par %(label)s n’est pas celle de votre compte."))
    found = {**asdict(person), "email": email, "suite": suite, "id_token": _small(person.id_token)}
    session["found"] = seal(found, "found")
    return see_other(url_for("accounts.join" if member_at(email) is not None else "accounts.arrive_new"))


def _come_in(member: Member, arrival: Arrival) -> Response:
    if member.state in ("waiting", "declined"):
        return show_standing(member)
    stopped = ports.call("stop_if_suspended", member) if member.state == "suspended" else None
    if stopped is not None:
        return stopped
    if member.state != "active":
        return _refused(
            f"account {member.state}", _("Ce compte n’est pas ouvert. Écrivez à l’administration de la plateforme.")
        )
    return arrive(member, arrival)


# --- joining an account -----------------------------------------------------------------------------------------------


@bp.get("/connexion/fournisseur/rattachement")
def join():
    return render_template("accounts/join.html", form=JoiningForm(formdata=None), email=_found()["email"])


@bp.post("/connexion/fournisseur/rattachement")
@for_visitors
@limit_joining
def prove_and_join():
    """The provider proved the address; the password (and the code) prove the account."""
    found, form = _found(), JoiningForm()
    member = check_credentials(found["email"], form.password.data or "") if form.validate() else None
    if member is None or member.state not in ("active", "waiting", "declined"):
        form.password.errors = [_("Ce n’est pas le mot de passe de ce compte.")]
        return render_template("accounts/join.html", form=form, email=found["email"]), 422
    session.pop("found", None)
    identity = {"issuer": found["issuer"], "subject": found["subject"]}
    return _come_in(member, Arrival(suite=found["suite"], way="sso", id_token=found["id_token"], **identity))


# --- registering ------------------------------------------------------------------------------------------------------


@bp.get("/connexion/fournisseur/inscription")
def arrive_new():
    found = _found()
    known = organisation_of_siret(found["siret"])
    data = {"display_name": found["name"], "organisation": known.name if known else ""}
    return newcomer_page(NewcomerForm(found["email"], formdata=None, data=data), found)


def newcomer_page(form: NewcomerForm, found: dict[str, Any], status: int = 200) -> tuple[str, int]:
    rules = policy()
    open_to = way_in(found["email"]) is not None
    words = rules_in_words(rules)
    page = render_template("accounts/newcomer.html", form=form, email=found["email"], words=words, open_to=open_to)
    return page, status


@bp.post("/connexion/fournisseur/inscription")
@for_visitors
@limit_joining
def register_new():
    """The same rules as anybody; the address needs no mail, the provider verified it."""
    found = _found()
    form = NewcomerForm(found["email"])
    if not form.validate():
        return newcomer_page(form, found, 422)
    names = ("display_name", "organisation", "organisation_type", "territory", "job", "quality", "reason")
    values = {name: form[name].data or "" for name in names}
    member = add_member(Registration(**values, email=found["email"], password="", locale=language()), "")
    if member is None:
        return see_other(url_for("accounts.join"))
    link_identity(member, found["issuer"], found["subject"], current_app.config["SETTINGS"].oidc_label)
    admit(member)
    commit()
    session.pop("found", None)
    return _come_in(member, Arrival(suite=found["suite"], way="sso", id_token=found["id_token"]))


@bp.post("/compte/fournisseurs/<int:id>/dissociation")
@login_required
def unlink(id: int):
    unlink_identity(id, current_user)
    return saved(url_for("accounts.second_factor"), _("Ce moyen de connexion n’ouvre plus votre compte."))


# --- going out --------------------------------------------------------------------------------------------------------


@ports.provide("leaving_address")
def leaving_address(user: Any) -> str:
    """Where sign-out goes on: to the provider, for a session that it opened."""
    id_token = id_token_of(user.sign_in_id) if oidc.is_configured() else ""
    if not id_token:
        return ""
    state = secrets.token_urlsafe(32)
    try:
        address = oidc.end_address(id_token, state, absolute_url("accounts.left_provider"))
    except oidc.ProviderError as error:
        log.warning("provider_sign_out_failed", why=error.why)
        return ""
    session["leaving"] = state
    return address


@bp.get("/deconnexion/retour")
def left_provider():
    state = session.pop("leaving", "")
    if state and secrets.compare_digest(request.args.get("state", "").encode(), state.encode()):
        flash(_("Vous êtes déconnecté."), "success")
    return redirect(url_for("contributions.home"))


def _found() -> dict[str, Any]:
    """Who the provider recognised a moment ago, in this browser."""
    found = unseal(session.get("found", ""), "found", MINUTES)
    if found is None:
        raise NotFound()
    return found


def _small(id_token: str) -> str:
    """A cookie holds 4 KB: a longer token is not kept, and sign-out ends here."""
    return id_token if len(id_token) <= 1800 else ""


def _refused(why: str, message: str = "") -> Response:
    label = current_app.config["SETTINGS"].oidc_label
    log.warning("provider_refused", why=why)
    text = message or _("La connexion par %(label)s n’a pas abouti. Recommencez, ou utilisez votre mot de passe.")
    return make_response(sign_in_page(SignInForm(formdata=None), 422, text % {"label": label}))
