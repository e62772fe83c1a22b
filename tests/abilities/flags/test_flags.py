"""Reporting: who may, that twice is once, what the reporter reads afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from told import told_once

from community.abilities.flags.models import Flag, FlagCase
from community.core.db import db


@dataclass(frozen=True)
class Scene:
    author: int
    reader: int
    moderator: int
    administrator: int
    question: int
    comment: int


@told_once
def scene(make) -> Scene:
    make.community("cantines")
    author = make.member("Aline Autrice", communities={"cantines": "member"})
    question = make.question(author, title="Une question à signaler ?")
    return Scene(
        author=author,
        reader=make.member("René Lecteur"),
        moderator=make.member("Inès", communities={"cantines": "moderator"}),
        administrator=make.member("Anne", platform_role="administrator"),
        question=question,
        comment=make.comment(question, author),
    )


@pytest.fixture
def rows(app):
    """``rows(Flag)``: every row, as dictionaries."""

    def read(model: type) -> list[dict]:
        with app.app_context():
            found = [dict(row._mapping) for row in db.session.execute(select(model.__table__).order_by("id"))]
            db.session.remove()
        return found

    return read


def test_every_text_and_profile_has_its_link(scene, client_of, visitor):
    page = client_of(scene.reader).get(f"/questions/{scene.question}", follow_redirects=True).text
    assert f"/contributions/{scene.question}/signalement" in page
    assert f"/commentaires/{scene.comment}/signalement" in page
    assert (
        f"/contributions/{scene.question}/signalement"
        in visitor.get(f"/questions/{scene.question}", follow_redirects=True).text
    )
    mine = client_of(scene.author).get(f"/questions/{scene.question}", follow_redirects=True).text
    assert 'signalement"' not in mine
    assert (
        f"/membres/{scene.author}/signalement"
        in client_of(scene.reader).get(f"/membres/{scene.author}", follow_redirects=True).text
    )


def test_reporting_twice_is_one_report_with_both_words(scene, client_of, rows):
    client, address = client_of(scene.reader), f"/contributions/{scene.question}/signalement"
    assert "jamais à l’auteur" in client.get(address).text
    assert client.post(address, {"reason": "wrong", "words": "Le seuil est faux."}).status_code == 303
    assert client.post(address, {"reason": "unlawful", "words": "Et l’avis manque."}).status_code == 303
    (flag,) = rows(Flag)
    assert flag["reason"] == "unlawful"
    assert flag["words"] == "Le seuil est faux.\n\nEt l’avis manque."
    assert [case["flags_count"] for case in rows(FlagCase)] == [1]


def test_what_is_reported_after_a_decision_is_a_new_case(scene, client_of, rows):
    client, address = client_of(scene.reader), f"/contributions/{scene.question}/signalement"
    client.post(address, {"reason": "wrong"})
    client_of(scene.moderator).post("/moderation/dossiers/1/keep")
    client.post(address, {"reason": "wrong"})
    assert [bool(case["closed_at"]) for case in rows(FlagCase)] == [True, False]


@pytest.mark.parametrize(
    ("sent", "error"),
    [({}, "obligatoire"), ({"reason": "other", "words": "non"}, "en quelques mots"), ({"reason": "inventée"}, "error")],
)
def test_a_report_without_reason_comes_back(scene, client_of, sent, error):
    response = client_of(scene.reader).post(f"/contributions/{scene.question}/signalement", sent)
    assert response.status_code == 422
    assert error in response.text
    assert sent.get("words", "") in response.text


def test_one_does_not_report_oneself(scene, client_of):
    client = client_of(scene.author)
    assert client.get(f"/contributions/{scene.question}/signalement").status_code == 403
    assert client.post(f"/membres/{scene.author}/signalement", {"reason": "other"}).status_code == 403
    assert client.post(f"/commentaires/{scene.comment}/signalement", {"reason": "wrong"}).status_code == 403


def test_a_visitor_leaves_an_address_and_is_answered_then_forgotten(app, scene, visitor, client_of, rows, drain):
    address = f"/contributions/{scene.question}/signalement"
    assert visitor.post(address, {"reason": "wrong"}).status_code == 422
    assert visitor.post(address, {"reason": "wrong", "email": "pas-une-adresse"}).status_code == 422
    sent = {"reason": "confidential", "words": "Une offre y est citée.", "email": "Elu@Commune.example"}
    assert visitor.post(address, sent).status_code == 303
    assert visitor.post(address, sent).status_code == 303
    assert [flag["email"] for flag in rows(Flag)] == ["elu@commune.example"]
    page = client_of(scene.moderator).get("/moderation").text
    assert "un visiteur" in page
    assert "elu@commune.example" not in page
    fields = {"remove-message": "Une offre ne se cite pas ici."}
    client_of(scene.moderator).post("/moderation/dossiers/1/remove", fields)
    drain()
    mails = [path.read_text(encoding="utf-8") for path in (app.config["SETTINGS"].instance / "mail").glob("*.eml")]
    to_visitor = [mail for mail in mails if "To: elu@commune.example" in mail]
    assert len(to_visitor) == 1
    assert "Une offre" not in to_visitor[0]
    assert [flag["email"] for flag in rows(Flag)] == [None]


def test_visitors_report_no_member_and_nothing_hidden(make, scene, visitor):
    make.community("cercle", visibility="members", access="invitation")
    inside = make.member(communities={"cercle": "member"})
    hidden = make.question(inside, community="cercle")
    assert visitor.post(f"/contributions/{hidden}/signalement", {"reason": "wrong"}).status_code == 404
    assert visitor.get(f"/membres/{scene.author}/signalement").status_code in (302, 401)


def test_my_reports_cost_the_same_however_many(make, scene, client_of, statements):
    client, counts = client_of(scene.reader), []
    assert "Vous n’avez rien signalé" in client.get("/signalements").text
    for _round in range(2):
        for _number in range(4):
            question = make.question(scene.author)
            client.post(f"/contributions/{question}/signalement", {"reason": "wrong"})
        with statements() as counted:
            assert "En attente d’un animateur" in client.get("/signalements").text
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 6, counted.statements


def test_the_author_never_learns_who_reported(scene, client_of, drain):
    client_of(scene.reader).post(f"/contributions/{scene.question}/signalement", {"reason": "wrong"})
    fields = {"hide-message": "Votre question contient une donnée confidentielle."}
    client_of(scene.moderator).post("/moderation/dossiers/1/hide", fields)
    drain()
    client = client_of(scene.author)
    for path in ("/notifications", "/decisions", "/decisions/1", "/signalements", f"/questions/{scene.question}"):
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200, path
        assert "René Lecteur" not in page.text.split("<main")[1], path
