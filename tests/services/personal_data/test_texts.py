"""The charter and the notice: versioned, accepted by name and number, asked once at sign-in, in nobody's way."""

from __future__ import annotations

import pytest
from builders import PASSWORD
from client import Client
from sqlalchemy import select

from community.core.db import db
from community.services.personal_data.models import Consent, LegalText

NEW = "Cinq engagements, et un sixième : je relis avant de publier, et je corrige ce qui était faux."
ASKED = "un texte qui nous engage a changé"


@pytest.fixture
def publish(life, client_of):
    def send(body: str = NEW, path: str = "/admin/charte", **changes: str):
        fields = {"body": body, "note": "Un sixième engagement.", "base": "0"} | changes
        return client_of(life["anne"]).post(path, fields)

    return send


def sign_in(app) -> Client:
    client = Client(app)
    assert client.post("/connexion", {"email": "claire@ville.example", "password": PASSWORD}).status_code == 303
    client.csrf = ""
    return client


def accepted(app, member: int) -> set[tuple[str, int]]:
    with app.app_context():
        found = set(db.session.execute(select(Consent.name, Consent.version).where(Consent.member_id == member)))
        db.session.remove()
    return found


def test_the_texts_that_ship_are_readable(visitor):
    assert "Je parle en mon nom" in visitor.get("/charte").text
    assert "Vos droits" in visitor.get("/confidentialite").text


def test_registering_accepts_the_texts_in_force(app, visitor, publish):
    publish()
    fields = {
        "display_name": "Nora Petit", "email": "nora@ville9.example", "password": "quatre grands paniers bleus",
        "organisation": "Ville de Neuf", "organisation_type": "commune", "territory": "83", "job": "Acheteuse",
        "charter": "y", "quality": "agent",
    }  # fmt: skip
    assert visitor.post("/inscription", fields).status_code == 303
    with app.app_context():
        from community.people.accounts.models import Member

        nora = db.session.scalars(select(Member.id).where(Member.email == "nora@ville9.example")).one()
    assert accepted(app, nora) == {("charter", 1), ("privacy", 0)}


def test_a_new_version_is_asked_at_the_next_sign_in_until_accepted(app, life, publish, client_of):
    already_in = client_of(life["claire"])
    assert ASKED not in sign_in(app).get("/").text
    assert publish().status_code == 303
    assert ASKED not in already_in.get("/").text, "nobody is stopped in the middle of something"
    client = sign_in(app)
    page = client.get("/questions/nouvelle")
    assert ASKED in page.text and 'name="title"' in page.text
    assert client.post("/compte/textes/plus-tard").status_code == 303
    assert ASKED not in client.get("/").text
    again = sign_in(app)
    assert ASKED in again.get("/").text
    assert again.post("/compte/textes/accord", {"next": "/questions"}).headers["Location"] == "/questions"
    assert ASKED not in again.get("/").text
    assert ASKED not in sign_in(app).get("/").text
    assert accepted(app, life["claire"]) == {("charter", 1), ("privacy", 0)}


def test_versions_are_added_never_changed(app, life, publish, visitor, client_of):
    publish()
    assert NEW.replace(" :", "\u00a0:") in visitor.get("/charte").text
    assert publish(NEW + " Et un septième.", base="1").status_code == 303
    with app.app_context():
        rows = db.session.execute(select(LegalText.version, LegalText.body).order_by(LegalText.version)).all()
        assert [row.version for row in rows] == [1, 2] and rows[0].body == NEW
    page = client_of(life["anne"]).get("/admin/charte").text
    assert "Un sixième engagement." in page


def test_two_administrators_do_not_overwrite_each_other(publish):
    publish()
    assert publish("Un autre texte, écrit à partir de la version livrée avec la plateforme.").status_code == 409


def test_the_same_words_publish_nothing(app, publish):
    publish()
    assert publish(base="1").status_code == 303
    with app.app_context():
        assert len(db.session.scalars(select(LegalText)).all()) == 1


@pytest.mark.parametrize("changes", [{"note": ""}, {"body": "court"}])
def test_a_refused_text_keeps_its_words(publish, changes):
    response = publish(**changes)
    assert response.status_code == 422
    assert (changes.get("body") or "Cinq engagements") in response.text


def test_only_administrators_write_them(life, client_of, visitor):
    assert client_of(life["paul"]).get("/admin/charte").status_code == 404
    assert visitor.get("/admin/charte").status_code == 302
