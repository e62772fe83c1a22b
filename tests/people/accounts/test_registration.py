"""Registering and confirming one's address."""

from __future__ import annotations

import pytest
from account_forms import REGISTRATION
from client import Client

from community.core.db import db
from community.people.accounts.models import Member, Organisation

EMAIL = REGISTRATION["email"]


def members(app):
    with app.app_context():
        return db.session.query(Member).order_by(Member.id).all()


def sign_in(client, password=REGISTRATION["password"], email=EMAIL):
    return client.submit("/connexion", {"email": email, "password": password}, "/connexion")


def test_register_confirm_and_sign_in(app, visitor, register, mails, link):
    assert register().location == "/inscription/courriel"
    assert EMAIL in visitor.get("/inscription/courriel").text
    [(recipient, subject, _text)] = mails()
    assert (recipient, subject) == (EMAIL, "Confirmez votre adresse")
    assert sign_in(visitor).status_code == 422
    assert visitor.submit(link()).location == "/connexion"
    assert EMAIL in visitor.get("/connexion").text
    assert sign_in(visitor).location == "/"
    page = visitor.get("/compte").text
    assert all(words in page for words in ("Claire Martin", "Ville des Collines", "Acheteuse"))


def test_opening_the_link_confirms_nothing_by_itself(app, visitor, register, link):
    register()
    assert visitor.get(link()).status_code == 200
    assert [member.state for member in members(app)] == ["pending"]


def test_the_link_serves_once_and_48_hours(app, visitor, register, link, time_machine):
    import datetime as dt

    register()
    address = link()
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(hours=47))
    assert visitor.get(address).status_code == 200
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(hours=2))
    assert visitor.get(address).status_code == 404
    assert visitor.post(address).status_code == 404
    assert [member.state for member in members(app)] == ["pending"]


def test_the_link_works_only_once(visitor, register, link):
    register()
    address = link()
    visitor.submit(address)
    assert visitor.get(address).status_code == 404
    assert visitor.post(address).status_code == 404


def test_a_new_link_replaces_the_former(visitor, register, mails, link):
    register()
    first = link()
    assert visitor.submit("/inscription/courriel", {"email": EMAIL}).status_code == 303
    assert link() != first
    assert visitor.get(first).status_code == 404
    assert visitor.submit(link()).status_code == 303


def test_at_most_five_links_a_day(visitor, register, mails):
    register()
    for _attempt in range(7):
        visitor.submit("/inscription/courriel", {"email": EMAIL})
    assert len(mails()) == 5


def without_tokens(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf_token" not in line]


def test_a_known_address_is_not_told(app, make, register, visitor, mails):
    make.member(email=EMAIL)
    known = register()
    known_page = visitor.get("/inscription/courriel").text
    other = Client(app)
    new = other.submit("/inscription", REGISTRATION | {"email": "nouvelle@collines.example"})
    new_page = other.get("/inscription/courriel").text
    assert (known.status_code, known.location) == (new.status_code, new.location)
    assert without_tokens(known_page) == without_tokens(new_page.replace("nouvelle@collines.example", EMAIL))
    recipients = {recipient: subject for recipient, subject, _text in mails()}
    assert recipients == {EMAIL: "Vous avez déjà un compte", "nouvelle@collines.example": "Confirmez votre adresse"}
    assert len(members(app)) == 2


def test_registering_at_an_address_that_waits_does_not_take_it_over(app, visitor, register, mails, link):
    """Somebody registers my address with a password of theirs: my own registration must not open their account."""
    register(password="le mot de passe de l’autre")
    first = link()
    register(password="trois petits paniers verts")
    assert mails()[-1][1] == "Terminez votre inscription"
    page = visitor.submit(link(), {"password": "quatre grands paniers bleus"})
    assert page.location == "/connexion"
    assert visitor.get(first).status_code == 404
    assert sign_in(visitor, "le mot de passe de l’autre").status_code == 422
    assert sign_in(visitor, "quatre grands paniers bleus").location == "/"


def test_unknown_suspended_and_erased_addresses_receive_nothing(make, visitor, mails):
    make.member(email="suspendue@ville.example", state="suspended")
    make.member(email="effacee@ville.example", state="erased")
    for email in ("inconnue@ville.example", "suspendue@ville.example", "effacee@ville.example"):
        for path in ("/inscription/courriel", "/mot-de-passe/oubli"):
            assert visitor.submit(path, {"email": email}).status_code == 303
    assert mails() == []


def test_two_members_of_one_organisation_share_it(app, register, visitor):
    register()
    register(email="autre@collines.example", display_name="Paul Roche")
    with app.app_context():
        assert db.session.query(Organisation).count() == 1


def test_the_address_is_kept_in_lower_case(app, register, visitor):
    register(email="Claire.MARTIN@Collines.Example")
    assert members(app)[0].email == EMAIL


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"display_name": ""}, "Ce champ est obligatoire."),
        ({"display_name": "…"}, "Écrivez votre prénom et votre nom"),
        ({"display_name": "https://mal.example"}, "Écrivez votre prénom et votre nom"),
        ({"display_name": "C" * 81}, "80 caractères au plus."),
        ({"email": "claire"}, "Cette adresse n’est pas complète"),
        ({"email": "a@b.example\nBcc: x@y.example"}, "Cette adresse n’est pas complète"),
        ({"email": "x" * 300 + "@ville.example"}, "Cette adresse n’est pas complète"),
        ({"organisation_type": "martien"}, "Territoire"),
        ({"territory": "999"}, "Territoire"),
        ({"territory": ""}, "Ce champ est obligatoire."),
        ({"charter": ""}, "suppose d’accepter la charte"),
        ({"password": "court"}, "au moins 12"),
        ({"password": "motdepasse123!"}, "trop courant"),
        ({"password": "claire-martin-2026"}, "reprend votre nom"),
        ({"password": "x" * 400}, "256 caractères au plus"),
    ],
)
def test_what_is_not_valid_comes_back_with_every_word(app, visitor, register, changes, words):
    response = register(**changes)
    assert response.status_code == 422
    assert words in response.text
    kept = REGISTRATION | changes
    if "\n" not in kept["email"] and kept["email"] != "x":
        assert kept["organisation"] in response.text and kept["job"] in response.text
    assert REGISTRATION["password"] not in response.text
    assert members(app) == []


def test_names_lose_invisible_characters(app, register):
    register(display_name="Cla\u200bire\u202e   Marti\u0301n")
    assert members(app)[0].display_name == "Cla ire Martín"


def test_the_charter_can_be_read(visitor):
    assert "entre pairs" in visitor.get("/charte").text
