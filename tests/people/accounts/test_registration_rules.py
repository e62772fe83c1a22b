"""Who may register: each rule, their combinations, what the form says, the examination, invitations."""

from __future__ import annotations

import re

import pytest
from account_forms import REGISTRATION
from client import Client

from community.core.audit import AuditEntry
from community.core.db import db
from community.core.errors import Invalid
from community.core.options import forget, set_option
from community.people.accounts.domains import is_within, parse_domains, tidy_domain
from community.people.accounts.models import Member, SignIn
from community.people.accounts.policy import policy, rules_in_words, way_by_domain
from community.people.accounts.security_models import Application

EMAIL, PASSWORD = REGISTRATION["email"], REGISTRATION["password"]
REASON = "J’achète les repas de onze écoles et je cherche des clauses de livraison."


@pytest.fixture
def anne(make, client_of) -> Client:
    return client_of(make.member("Anne Le Goff", email="anne@entrepairs.example", platform_role="administrator"))


def state(app, email: str = EMAIL) -> str | None:
    with app.app_context():
        found = db.session.query(Member.state).filter_by(email=email).scalar()
        db.session.remove()
    return found


def sign_in(client, email=EMAIL):
    return client.submit("/connexion", {"email": email, "password": PASSWORD}, "/connexion")


# --- domains ------------------------------------------------------------------------------------------------------------


def test_domains_are_cleaned_and_sub_domains_count():
    assert parse_domains("@Ville.fr, *.metropole.fr\nécole.fr pas_un_domaine .") == (
        ["ville.fr", "metropole.fr", "xn--cole-9oa.fr"],
        ["pas_un_domaine", "."],
    )
    assert is_within("achats.ville.fr", {"ville.fr"})
    assert not is_within("mauvaise-ville.fr", {"ville.fr"})
    assert not is_within("ville.fr.mal.example", {"ville.fr"})
    assert tidy_domain("localhost") is None


CASES = [
    ({"mode": "open"}, "x@gmail.com", "open"),
    ({"mode": "open", "free_mail": "approval"}, "x@gmail.com", "approval"),
    ({"mode": "open", "free_mail": "refuse"}, "x@gmail.com", None),
    ({"mode": "open", "free_mail": "refuse"}, "x@ville.fr", "open"),
    ({"mode": "domain", "domains": ["ville.fr"]}, "x@achats.ville.fr", "domain"),
    ({"mode": "domain", "domains": ["ville.fr"]}, "x@autreville.fr", None),
    ({"mode": "approval", "domains": ["ville.fr"]}, "x@ville.fr", "domain"),
    ({"mode": "approval", "domains": ["ville.fr"]}, "x@autreville.fr", "approval"),
    ({"mode": "approval", "free_mail": "refuse"}, "x@free.fr", None),
    ({"mode": "invitation"}, "x@ville.fr", None),
    ({"mode": "invitation", "domains": ["ville.fr"]}, "x@ville.fr", "domain"),
    ({"mode": "invitation", "free_mail": "approval"}, "x@gmail.com", None),
]


@pytest.mark.parametrize(("value", "email", "way"), CASES)
def test_the_rules_and_their_combinations(context, value, email, way):
    set_option("registration", value, None)
    assert way_by_domain(email) == way
    assert rules_in_words(policy())


@pytest.mark.parametrize(
    "value",
    [{"mode": "closed"}, {"mode": "domain"}, {"mode": "open", "domains": ["pas un domaine"]}, {"free_mail": "x"}],
)
def test_rules_that_mean_nothing_are_refused(context, value):
    with pytest.raises(Invalid):
        set_option("registration", value, None)


# --- the form -----------------------------------------------------------------------------------------------------------


def test_the_form_says_the_rules_before_anybody_types(visitor, rules):
    rules(mode="domain", domains=["ville.fr", "metropole.fr"])
    page = visitor.get("/inscription").text
    assert "réservée aux adresses de certains domaines" in page
    assert "ville.fr, metropole.fr" in page


def test_an_address_outside_the_rules_is_refused_alike_known_or_not(app, make, visitor, rules, mails):
    rules(mode="domain", domains=["ville.fr"])
    make.member(email=EMAIL)
    known = visitor.submit("/inscription", REGISTRATION)
    new = Client(app).submit("/inscription", REGISTRATION | {"email": "autre@collines.example"})
    assert known.status_code == new.status_code == 422
    assert "n’est pas ouverte à cette adresse" in known.text
    assert REGISTRATION["organisation"] in known.text, "what was typed is kept"
    assert mails() == []


def test_without_an_invitation_there_is_no_form(visitor, rules):
    rules(mode="invitation")
    page = visitor.get("/inscription").text
    assert "sur invitation" in page
    assert 'name="display_name"' not in page
    assert visitor.post("/inscription", REGISTRATION).status_code == 422


# --- examination --------------------------------------------------------------------------------------------------------


def test_examined_then_accepted(app, visitor, rules, mails, link, anne):
    rules(mode="approval")
    assert visitor.submit("/inscription", REGISTRATION).status_code == 422, "a reason is asked"
    assert visitor.submit("/inscription", REGISTRATION | {"reason": REASON}).status_code == 303
    page = visitor.get(link()).text
    assert "sera examinée" in page and "compte est ouvert" not in page
    assert "sera ensuite examinée" in mails()[-1][2] and "ouvrir votre compte" not in mails()[-1][2]
    visitor.submit(link())
    assert state(app) == "waiting"
    assert any(subject == "Une inscription attend votre réponse" for _to, subject, _text in mails())
    assert sign_in(visitor).location == "/inscription/suivi"
    assert "À l’examen" in visitor.get("/inscription/suivi").text
    assert visitor.get("/compte").status_code == 302, "nothing else opens"
    queue = anne.get("/admin/inscriptions").text
    assert REASON in queue
    assert EMAIL in queue
    member = int(re.search(r"/admin/inscriptions/(\d+)/acceptation", queue)[1])
    assert anne.post(f"/admin/inscriptions/{member}/acceptation").status_code == 303
    assert mails()[-1][:2] == (EMAIL, "Bienvenue : votre inscription est acceptée")
    assert sign_in(visitor).location == "/"
    with app.app_context():
        assert db.session.query(AuditEntry).order_by(AuditEntry.number.desc()).first().act == "registration.accepted"


def test_refused_with_a_reason_then_accepted_after_all(app, visitor, rules, mails, link, anne):
    rules(mode="approval")
    visitor.submit("/inscription", REGISTRATION | {"reason": REASON})
    visitor.submit(link())
    sign_in(visitor)
    with app.app_context():
        member = db.session.query(Application.member_id).scalar()
    assert anne.post(f"/admin/inscriptions/{member}/refus", {"answer": ""}).status_code == 422
    assert anne.post(f"/admin/inscriptions/{member}/refus", {"answer": "Vendez-vous des repas ?"}).status_code == 303
    assert "Vendez-vous des repas ?" in mails()[-1][2]
    with app.app_context():
        assert db.session.query(SignIn).filter_by(member_id=member).count() == 0
    assert sign_in(visitor).location == "/inscription/suivi"
    assert "Vendez-vous des repas ?" in visitor.get("/inscription/suivi").text
    assert anne.post(f"/admin/inscriptions/{member}/acceptation").status_code == 303
    assert state(app) == "active"


def test_an_allowed_domain_is_not_examined(app, visitor, rules, link):
    rules(mode="approval", domains=["collines.example"])
    visitor.submit("/inscription", REGISTRATION)
    assert "votre compte est ouvert" in visitor.get(link()).text
    visitor.submit(link())
    assert state(app) == "active"


def test_rules_that_tightened_meanwhile_examine_instead_of_losing(app, visitor, rules, link):
    visitor.submit("/inscription", REGISTRATION)
    rules(mode="invitation")
    visitor.submit(link())
    assert state(app) == "waiting"


def test_a_new_password_opens_no_account_that_waits(app, visitor, rules, link):
    rules(mode="approval")
    visitor.submit("/inscription", REGISTRATION | {"reason": REASON})
    visitor.submit(link())
    visitor.submit("/mot-de-passe/oubli", {"email": EMAIL})
    visitor.submit(link(), {"password": "quatre grands paniers bleus"})
    assert state(app) == "waiting"


# --- invitations --------------------------------------------------------------------------------------------------------


def test_invited_by_an_administrator(app, visitor, rules, anne, link, mails):
    rules(mode="invitation")
    anne.submit("/admin/inscriptions/invitations", {"addresses": EMAIL, "message": "Rejoignez-nous"})
    recipient, _subject, text = mails()[-1]
    assert recipient == EMAIL
    assert "Rejoignez-nous" in text
    address = link()
    assert EMAIL in visitor.get(address).text
    other = visitor.submit(address, REGISTRATION | {"email": "autre@collines.example"}, "/inscription")
    assert other.status_code == 422
    assert visitor.submit(address, REGISTRATION, "/inscription").status_code == 303
    visitor.submit(link())
    assert state(app) == "active"
    assert "n’est plus valable" in Client(app).get(address).text


def test_invited_by_a_moderator_into_a_community(app, make, visitor, rules, client_of, link):
    rules(mode="invitation")
    moderator = client_of(make.member(communities={"cantines": "moderator"}))
    moderator.submit("/communautes/cantines/invitations", {"addresses": EMAIL, "message": ""})
    page = visitor.get(link()).text
    address = re.search(r'href="(/inscription\?invitation=[^"]+)"', page)[1]
    assert visitor.submit(address, REGISTRATION, "/inscription").status_code == 303
    visitor.submit(link())
    assert state(app) == "active"


def test_a_withdrawn_invitation_opens_nothing(app, visitor, rules, anne, link):
    rules(mode="invitation")
    anne.submit("/admin/inscriptions/invitations", {"addresses": EMAIL})
    address = link()
    anne.post("/admin/inscriptions/invitations/1/retrait")
    assert 'name="display_name"' not in visitor.get(address).text


# --- the administrator's page -------------------------------------------------------------------------------------------


def test_an_administrator_changes_the_rules(app, visitor, anne):
    path = "/admin/inscriptions/regles"
    wrong = anne.submit(path, {"mode": "domain", "domains": "pas un domaine"})
    assert wrong.status_code == 422
    assert anne.submit(path, {"mode": "domain", "domains": ""}).status_code == 422
    assert (
        anne.submit(path, {"mode": "approval", "domains": "@Ville.fr\nmetropole.fr", "free_mail": "refuse"}).status_code
        == 303
    )
    page = visitor.get("/inscription").text
    assert "ville.fr, metropole.fr" in page
    assert "messageries personnelles ne sont pas acceptées" in page
    with app.app_context():
        acts = [entry.act for entry in db.session.query(AuditEntry)]
        forget()
    assert acts[-1] == "option.changed"
