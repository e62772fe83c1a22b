"""Signing in through an identity provider: the journeys, and every refusal."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from account_forms import REGISTRATION
from builders import PASSWORD
from client import Client
from joserfc.jwk import RSAKey
from mock_provider import CLIENT, SECRET, Provider, running_provider

from community.core.audit import AuditEntry
from community.core.db import db
from community.core.options import forget, set_option
from community.people.accounts.models import Member, SignIn
from community.people.accounts.organisation_models import Organisation
from community.people.accounts.security_models import ExternalIdentity

START, BACK = "/connexion/fournisseur", "/connexion/fournisseur/retour"
EMAIL = "claire@collines.example"
WORK = {name: REGISTRATION[name] for name in ("organisation", "organisation_type", "territory", "job", "charter")}


@pytest.fixture(scope="session")
def server() -> Iterator[Provider]:
    with running_provider() as provider:
        provider.redirect_uris = {f"http://127.0.0.1:8000{BACK}"}
        yield provider


@pytest.fixture
def provider(app, server) -> Iterator[Provider]:
    """The site set up for this provider, as by its environment; metadata and keys are asked again for each test."""
    server.forget()
    kept = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(kept, oidc_issuer=server.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET)
    app.extensions.pop("oidc", None)
    yield server
    app.config["SETTINGS"] = kept
    app.extensions.pop("oidc", None)


class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> Request | None:
        return None


def follow(address: str) -> str:
    """What the browser does at the provider: one request, and the address that it is sent to."""
    from urllib.error import HTTPError

    try:
        build_opener(NoRedirect).open(address, timeout=5)
    except HTTPError as answer:
        return str(answer.headers.get("Location", ""))
    raise AssertionError("no redirect")


def journey(client: Client) -> str:
    """From the button to the address at which the provider sends the browser back."""
    back = urlsplit(follow(client.get(START).location))
    return f"{back.path}?{back.query}"


def come_in(client: Client):
    return client.get(journey(client))


def inside(client: Client) -> bool:
    return client.get("/compte").status_code == 200


@pytest.fixture
def claire(app, make, provider) -> int:
    """A member whom the provider knows already."""
    id = make.member("Claire Martin", email=EMAIL)
    with app.app_context():
        db.session.add(ExternalIdentity(issuer=provider.issuer, subject="f3b1-claire", member_id=id))
        db.session.commit()
        db.session.remove()
    return id


def test_without_a_provider_there_is_no_such_page(app, visitor):
    assert visitor.get(START).status_code == 404
    assert "fournisseur" not in visitor.get("/connexion").text


def test_a_known_identity_comes_in_whatever_its_address_became(app, provider, claire, visitor):
    provider.person["email"] = "autre@ailleurs.example"
    assert "Se connecter avec ProConnect" in visitor.get("/connexion").text
    answer = come_in(visitor)
    assert (answer.status_code, answer.location) == (303, "/")
    assert inside(visitor)
    with app.app_context():
        assert db.session.query(SignIn.way).scalar() == "sso"


def test_the_request_holds_what_the_rules_ask(provider, claire, visitor):
    query = {name: values[0] for name, values in parse_qs(urlsplit(visitor.get(START).location).query).items()}
    assert len(query["state"]) >= 32
    assert len(query["nonce"]) >= 32
    assert query["code_challenge_method"] == "S256"
    assert "usual_name" in query["scope"], "what the provider says it knows"
    other = parse_qs(urlsplit(Client(visitor.app).get(START).location).query)
    assert other["state"][0] != query["state"]


def test_user_info_may_be_a_signed_token(provider, claire, visitor):
    provider.signed_userinfo = True
    come_in(visitor)
    assert inside(visitor)


def test_keys_that_changed_are_asked_again(provider, claire, visitor):
    come_in(visitor)
    kept, provider.key = provider.key, RSAKey.generate_key(2048, {"kid": "second"})
    other = Client(visitor.app)
    come_in(other)
    provider.key = kept
    assert inside(other)


LIES = {
    "nonce": {"claims": {"nonce": "x" * 43}},
    "no nonce": {"claims": {"nonce": None}},
    "audience": {"claims": {"aud": "somebody-else"}},
    "two audiences": {"claims": {"aud": [CLIENT, "somebody-else"]}},
    "issuer": {"claims": {"iss": "https://mal.example"}},
    "expired": {"claims": {"exp": int(time.time()) - 120}},
    "no expiry": {"claims": {"exp": None}},
    "from the future": {"claims": {"iat": int(time.time()) + 3600}},
    "no subject": {"claims": {"sub": ""}},
    "unsigned": {"sign": "none"},
    "shared secret": {"sign": "shared secret"},
    "public key as secret": {"sign": "public key as secret"},
    "another key": {"sign": "another key"},
    "state": {"state": "y" * 43},
    "issuer parameter": {"iss_parameter": "https://mal.example"},
    "user info of somebody else": {"userinfo": {"sub": "another"}},
    "access token that died": {"lives": -1},
    "metadata of another": {"metadata_issuer": "https://mal.example"},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_cannot_be_believed_opens_nothing(app, provider, claire, visitor, lie):
    provider.lies = LIES[lie]
    start = visitor.get(START)
    if start.status_code == 302:
        back = urlsplit(follow(start.location))
        start = visitor.get(f"{back.path}?{back.query}")
    assert start.status_code == 422
    assert "n’a pas abouti" in start.text
    assert not inside(visitor)


@pytest.mark.parametrize("claims", [{"iss": "https://mal.example"}, {"aud": "somebody-else"}, {"exp": 1}])
def test_signed_user_info_is_verified_too(provider, claire, visitor, claims):
    provider.signed_userinfo, provider.lies = True, {"userinfo_claims": claims}
    assert come_in(visitor).status_code == 422
    assert not inside(visitor)


def test_an_answer_serves_once_and_in_the_browser_that_asked(provider, claire, visitor):
    back = journey(visitor)
    assert Client(visitor.app).get(back).status_code == 422, "another browser"
    assert visitor.get(back).status_code == 303
    visitor.post("/deconnexion", {"csrf_token": Client.token(visitor)})
    assert visitor.get(back).status_code == 422, "replayed"


def test_two_journeys_do_not_mix(provider, claire, visitor):
    first = journey(visitor)
    second = journey(visitor)
    assert visitor.get(first).status_code == 422
    assert visitor.get(second).status_code == 422, "an attempt that met a wrong answer is over"


def test_the_mock_is_strict(provider, visitor):
    """A provider that accepted anything would prove nothing."""
    good = visitor.get(START).location
    for name in ("state", "nonce", "code_challenge", "redirect_uri"):
        value = parse_qs(urlsplit(good).query)[name][0]
        from urllib.parse import quote

        assert follow(good.replace(f"{name}={quote(value, safe='')}", f"{name}=court")) == ""
    assert len(provider.refusals) == 4


def test_an_installation_may_want_a_level(app, provider, claire, visitor):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], oidc_acr="eidas2 eidas3")
    assert "acr_values=eidas2+eidas3" in visitor.get(START).location
    assert come_in(visitor).status_code == 422
    provider.lies = {"claims": {"acr": "eidas2"}}
    assert come_in(visitor).status_code == 303


# --- joining ------------------------------------------------------------------------------------------------------------


def test_an_account_is_joined_after_its_owner_proved_it(app, make, provider, visitor, mails):
    make.member("Claire Martin", email=EMAIL)
    assert come_in(visitor).location == "/connexion/fournisseur/rattachement"
    assert not inside(visitor)
    wrong = visitor.submit("/connexion/fournisseur/rattachement", {"password": "ce n’est pas le bon"})
    assert wrong.status_code == 422
    right = visitor.submit("/connexion/fournisseur/rattachement", {"password": PASSWORD})
    assert right.status_code == 303
    assert inside(visitor)
    assert mails()[-1][1] == "Un nouveau moyen de connexion à votre compte"
    with app.app_context():
        assert "identity.linked" in [entry.act for entry in db.session.query(AuditEntry)]
    other = Client(app)
    come_in(other)
    assert inside(other), "from now on without the password"
    page = other.get("/compte/double-facteur").text
    assert provider.issuer in page
    other.post("/compte/fournisseurs/1/dissociation")
    third = Client(app)
    assert come_in(third).location == "/connexion/fournisseur/rattachement"


def test_an_address_that_is_not_verified_joins_nothing(app, make, provider, visitor):
    make.member(email=EMAIL)
    provider.person["email_verified"] = False
    assert come_in(visitor).status_code == 422
    del provider.person["email_verified"]
    assert come_in(visitor).status_code == 422, "nor one of which nothing is said"
    assert visitor.get("/connexion/fournisseur/rattachement").status_code == 404
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], oidc_emails_verified=True)
    assert come_in(visitor).status_code == 303, "unless the installation knows that all are"


def test_a_suspended_account_does_not_open(app, claire, provider, visitor):
    with app.app_context():
        db.session.get(Member, claire).state = "suspended"
        db.session.commit()
    assert come_in(visitor).status_code in (303, 422)
    assert not inside(visitor)


# --- registering --------------------------------------------------------------------------------------------------------


def test_somebody_new_registers_without_password_nor_mail(app, provider, visitor):
    with app.app_context():
        db.session.add(Organisation(name="Ville des Collines", type="commune", territory="83", siret="21830069500010"))
        db.session.commit()
    assert come_in(visitor).location == "/connexion/fournisseur/inscription"
    page = visitor.get("/connexion/fournisseur/inscription").text
    assert "Claire Martin" in page
    assert "Ville des Collines" in page, "found by its SIRET"
    answer = visitor.submit("/connexion/fournisseur/inscription", {"job": "Acheteuse", "charter": "y"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert inside(visitor)
    with app.app_context():
        member = db.session.query(Member).one()
        assert (member.state, member.email, member.password_hash) == ("active", EMAIL, "")


def test_an_account_without_a_password_proves_itself_by_a_recent_sign_in(app, provider, visitor, time_machine):
    come_in(visitor)
    visitor.submit("/connexion/fournisseur/inscription", WORK)
    path, chosen = "/compte/mot-de-passe", {"password": "quatre grands paniers bleus"}
    assert visitor.post("/compte/fournisseurs/1/dissociation").status_code == 409, "nothing would open it any more"
    assert "Mot de passe actuel" not in visitor.get(path).text
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=11))
    late = visitor.submit(path, chosen)
    assert late.status_code == 422
    assert "reconnectez-vous" in late.text
    visitor.post("/deconnexion")
    visitor.csrf = ""
    come_in(visitor)
    assert visitor.submit(path, chosen).status_code == 303
    assert "Mot de passe actuel" in visitor.get(path).text
    assert visitor.post("/compte/fournisseurs/1/dissociation").status_code == 303


def test_the_platform_s_rules_hold_for_the_provider_too(app, provider, visitor):
    with app.test_request_context("/", method="POST"):
        set_option("registration", {"mode": "approval"}, None)
        db.session.commit()
    come_in(visitor)
    assert visitor.submit("/connexion/fournisseur/inscription", WORK).status_code == 422, "a reason is asked"
    answer = visitor.submit("/connexion/fournisseur/inscription", WORK | {"reason": "Je cherche des clauses."})
    assert answer.location == "/inscription/suivi"
    assert not inside(visitor)
    with app.test_request_context("/", method="POST"):
        set_option("registration", {"mode": "invitation"}, None)
        db.session.commit()
        provider.person |= {"sub": "paul", "email": "paul@velay.example"}
    other = Client(app)
    come_in(other)
    page = other.get("/connexion/fournisseur/inscription").text
    assert "n’est pas ouverte à l’adresse" in page
    assert other.post("/connexion/fournisseur/inscription", WORK | {"display_name": "Paul Roche"}).status_code == 422
    with app.app_context():
        forget()


# --- going out ----------------------------------------------------------------------------------------------------------


def test_signing_out_ends_at_the_provider_and_comes_back(provider, claire, visitor):
    come_in(visitor)
    answer = visitor.post("/deconnexion")
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    assert answer.location.startswith(f"{provider.issuer}/end?")
    assert query["id_token_hint"].count(".") == 2
    assert len(query["state"]) >= 32
    back = urlsplit(follow(answer.location))
    assert visitor.get(f"{back.path}?{back.query}").location == "/"
    assert "Vous êtes déconnecté" in visitor.get("/").text
    assert not inside(visitor)


def test_the_policy_lets_the_sign_out_form_reach_the_provider(provider, claire, visitor):
    header = visitor.get("/").headers["Content-Security-Policy"]
    assert f"form-action 'self' {provider.issuer}" in header


def test_a_session_opened_by_the_password_ends_here(provider, claire, visitor):
    visitor.submit("/connexion", {"email": EMAIL, "password": PASSWORD}, "/connexion")
    assert visitor.post("/deconnexion").location == "/"
