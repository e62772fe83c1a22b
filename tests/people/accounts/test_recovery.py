"""A lost password, a new password, a new address, open sessions."""

from __future__ import annotations

import datetime as dt

import pytest
from builders import PASSWORD
from told import told_once

from community.core.db import db
from community.people.accounts.models import Member, SignIn

NEW = "quatre grands paniers bleus"


@told_once
def claire(make):
    return make.member("Claire Martin", email="claire@ville.example")


def sign_in(client, password, email="claire@ville.example"):
    client.http.delete_cookie("session")
    return client.submit("/connexion", {"email": email, "password": password}, "/connexion").status_code


def ask(client, email="claire@ville.example"):
    return client.submit("/mot-de-passe/oubli", {"email": email})


def test_a_lost_password(app, claire, client_of, visitor, mails, link):
    elsewhere = client_of(claire)
    assert ask(visitor).location == "/mot-de-passe/oubli/envoi"
    address = link()
    assert "claire@ville.example" in visitor.get(address).text
    assert visitor.submit(address, {"password": NEW}).location == "/connexion"
    assert elsewhere.get("/compte").status_code == 302
    assert sign_in(visitor, PASSWORD) == 422
    assert sign_in(visitor, NEW) == 303
    assert mails()[-1][1] == "Votre mot de passe a changé"


def test_the_link_serves_once(claire, visitor, link):
    ask(visitor)
    address = link()
    visitor.submit(address, {"password": NEW})
    assert visitor.get(address).status_code == 404
    assert visitor.post(address, {"password": "cinq immenses paniers gris"}).status_code == 404
    assert sign_in(visitor, NEW) == 303


def test_the_link_lasts_an_hour(claire, visitor, link, time_machine):
    ask(visitor)
    address = link()
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=61))
    assert visitor.post(address, {"password": NEW}).status_code == 404


def test_a_bad_new_password_leaves_the_link_good(claire, visitor, link):
    ask(visitor)
    assert visitor.submit(link(), {"password": "motdepasse123"}).status_code == 422
    assert visitor.submit(link(), {"password": NEW}).status_code == 303


def test_five_a_day_and_the_page_never_says_more(claire, visitor, mails):
    pages = set()
    for email in ["claire@ville.example"] * 7 + ["inconnue@ville.example"]:
        response = ask(visitor, email)
        page = visitor.get(response.location).text.replace(email, "…")
        pages.add("".join(line for line in page.splitlines() if "csrf_token" not in line))
    assert len(mails()) == 5
    assert len(pages) == 1


def test_somebody_elses_kind_of_link_is_no_link(claire, visitor, link):
    ask(visitor)
    token = link().rpartition("/")[2]
    assert visitor.get(f"/inscription/confirmation/{token}").status_code == 404
    assert visitor.get(f"/compte/adresse/confirmation/{token}").status_code == 404
    assert visitor.get("/mot-de-passe/inconnu").status_code == 404


def test_change_password(claire, client_of, visitor, mails):
    here, elsewhere = client_of(claire), client_of(claire)
    response = here.submit("/compte/mot-de-passe", {"current_password": "faux", "password": NEW})
    assert response.status_code == 422 and "Ce n’est pas votre mot de passe actuel." in response.text
    response = here.submit("/compte/mot-de-passe", {"current_password": PASSWORD, "password": NEW})
    assert response.status_code == 303
    assert here.get("/compte").status_code == 200
    assert elsewhere.get("/compte").status_code == 302
    assert sign_in(visitor, NEW) == 303
    assert mails()[-1][:2] == ("claire@ville.example", "Votre mot de passe a changé")


def test_change_address(claire, client_of, visitor, mails, link):
    client = client_of(claire)
    fields = {"email": "Claire@Collines.example", "current_password": PASSWORD}
    assert client.submit("/compte/adresse", fields | {"current_password": "faux"}).status_code == 422
    assert client.submit("/compte/adresse", fields).status_code == 303
    assert mails()[-1][0] == "claire@collines.example"
    assert sign_in(visitor, PASSWORD, "claire@collines.example") == 422
    address = link()
    assert client.get(address).status_code == 200
    assert client.submit(address).location == "/compte/adresse"
    assert mails()[-1][0] == "claire@ville.example"
    assert sign_in(visitor, PASSWORD, "claire@collines.example") == 303
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("mode", "email", "status"),
    [
        ("domain", "claire@ailleurs.example", 422),
        ("domain", "claire@achats.ville.example", 303),
        ("domain", "claire.martin@collines.example", 303),
        ("approval", "claire@ailleurs.example", 303),
        ("open", "claire@gmail.com", 422),
    ],
)
def test_the_rules_of_registration_hold_for_the_next_address(claire, client_of, mails, rules, mode, email, status):
    rules(mode=mode, domains=["ville.example", "collines.example"] if mode == "domain" else [], free_mail="refuse")
    answer = client_of(claire).submit("/compte/adresse", {"email": email, "current_password": PASSWORD})
    assert answer.status_code == status
    assert len(mails()) == (status == 303)
    assert (email in answer.text and "admet pas cette adresse" in answer.text) == (status == 422)


def test_who_came_in_by_a_trusted_domain_is_not_let_go_unexamined(claire, client_of, rules):
    rules(mode="approval", domains=["ville.example"])
    answer = client_of(claire).submit("/compte/adresse", {"email": "c@ailleurs.example", "current_password": PASSWORD})
    assert answer.status_code == 422


def test_rules_that_tightened_meanwhile_keep_the_former_address(app, claire, client_of, mails, link, rules):
    client = client_of(claire)
    client.submit("/compte/adresse", {"email": "claire@ailleurs.example", "current_password": PASSWORD})
    address = link()
    rules(mode="domain", domains=["ville.example"])
    assert client.submit(address).status_code == 409
    with app.app_context():
        assert db.session.get(Member, claire).email == "claire@ville.example"
        db.session.remove()


def test_the_badge_of_the_organisation_follows_the_address(app, make, claire, client_of, link):
    from community.core.outbox import Event
    from community.people.accounts.organisations import prove_by_domain, set_domains

    with app.test_request_context("/", method="POST"):
        member = db.session.get(Member, claire)
        set_domains(member.organisation_id, ["ville.example"])
        prove_by_domain(member)
        assert member.organisation_proof == "domain"
        db.session.commit()
        db.session.remove()
    client = client_of(claire)
    client.submit("/compte/adresse", {"email": "claire@ailleurs.example", "current_password": PASSWORD})
    assert client.submit(link()).status_code == 303
    with app.app_context():
        assert db.session.get(Member, claire).organisation_proof == ""
        told = db.session.query(Event).filter_by(name="member.edited", subject_id=claire).count()
        assert told == 1, "what is kept of the profile elsewhere is written again"
        db.session.remove()


def test_a_request_that_claims_another_host_sends_no_link(claire, client_of, mails):
    """A forged Host header must not send the secret link to another site: it is refused, and links name SITE_URL anyway."""
    fields = {"email": "claire@collines.example", "current_password": PASSWORD}
    client = client_of(claire)
    token = client.token()
    client.http.set_cookie("session", client.http.get_cookie("session").value, domain="mal.example")
    response = client.post("/compte/adresse", fields | {"csrf_token": token}, headers={"Host": "mal.example"})
    assert response.status_code == 400
    assert mails() == []
    client.post("/compte/adresse", fields | {"csrf_token": token})
    assert "http://127.0.0.1:8000/compte/adresse/confirmation/" in mails()[-1][2]


def test_change_to_a_known_address_tells_its_owner_alone(app, make, claire, client_of, mails):
    make.member(email="paul@ville.example")
    known, new = (
        client_of(claire).submit("/compte/adresse", {"email": email, "current_password": PASSWORD}, None)
        for email in ("paul@ville.example", "nouvelle@ville.example")
    )
    assert (known.status_code, known.location) == (new.status_code, new.location)
    sent = {recipient: subject for recipient, subject, _text in mails()}
    assert sent["paul@ville.example"] == "Vous avez déjà un compte"


def test_an_address_taken_meanwhile_is_a_conflict(make, claire, client_of, link):
    client = client_of(claire)
    client.submit("/compte/adresse", {"email": "paul@ville.example", "current_password": PASSWORD})
    address = link()
    make.member(email="paul@ville.example")
    assert client.submit(address).status_code == 409


def test_list_and_close_sessions(app, claire, client_of):
    here, there, elsewhere = (client_of(claire) for _each in range(3))
    assert here.get("/compte/sessions").text.count("Cette session") == 1
    with app.app_context():
        second = sorted(row.id for row in db.session.query(SignIn))[1]
    assert here.post(f"/compte/sessions/{second}/fermeture").status_code == 303
    assert there.get("/compte").status_code == 302
    assert elsewhere.get("/compte").status_code == 200
    assert here.post("/compte/sessions/fermeture").status_code == 303
    assert elsewhere.get("/compte").status_code == 302
    assert here.get("/compte").status_code == 200


def test_nobody_closes_somebody_elses_session(app, make, claire, client_of):
    mine, other = client_of(claire), client_of(make.member())
    with app.app_context():
        theirs = max(row.id for row in db.session.query(SignIn))
    mine.post(f"/compte/sessions/{theirs}/fermeture")
    assert other.get("/compte").status_code == 200


def test_devices_are_named(make, visitor, claire):
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    visitor.http.environ_base["HTTP_USER_AGENT"] = agent
    visitor.submit("/connexion", {"email": "claire@ville.example", "password": PASSWORD}, "/connexion")
    assert "Firefox sur Windows" in visitor.get("/compte/sessions").text


def test_the_night_forgets_what_opens_nothing(app, make, claire, client_of, visitor, register, time_machine):
    from community.people.accounts.models import MailToken, Member
    from community.services.personal_data.tasks import apply_retention

    client_of(claire)
    register()
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(days=62))
    with app.app_context():
        apply_retention()
        assert db.session.query(SignIn).count() == db.session.query(MailToken).count() == 0
        assert [member.display_name for member in db.session.query(Member)] == ["Claire Martin"]
