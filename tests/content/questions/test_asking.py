"""Asking, editing, closing: what a buyer may count on."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from timing import fastest
from told import told_once

from community.abilities.drafts.models import Draft
from community.content.questions.models import Question
from community.core.db import db
from community.people.communities.models import Community, Membership

ASKED = {
    "community": "cantines",
    "title": "Comment allotir un marché de denrées pour des cantines ?",
    "body": "Nous relançons le marché de **denrées** de deux cuisines centrales.",
    "tags": "allotissement, circuits courts",
    "phase": "drafting",
    "cpv": "15800000-6",
    "deadline": "2099-03-01",
    "suggestions_seen": "1",
}


@told_once
def claire(make) -> int:
    make.community("cantines")
    return make.member("Claire Martin", communities={"cantines": "member"})


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def test_a_question_is_asked_and_shown(app, claire, client_of):
    client = client_of(claire)
    response = client.submit("/questions/nouvelle", ASKED)
    assert response.status_code == 303
    page = client.get(response.headers["Location"])
    assert page.status_code == 200
    for text in (
        "Comment allotir",
        "<strong>denrées</strong>",
        "circuits courts",
        "Claire Martin",
        "15800000",
        "Rédaction",
    ):
        assert text in page.text


def test_a_visitor_is_sent_to_sign_in_and_back(visitor):
    response = visitor.get("/questions/nouvelle")
    assert response.status_code == 302
    assert "/connexion" in response.headers["Location"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "Trop court"),
        ("title", "x" * 201),
        ("body", ""),
        ("body", "x" * 30_001),
        ("cpv", "pas un code"),
        ("deadline", "2001-01-01"),
        ("deadline", "demain"),
        ("community", "inconnue"),
        ("phase", "inconnue"),
    ],
)
def test_a_refused_form_keeps_every_word(app, claire, client_of, field: str, value: str):
    client = client_of(claire)
    response = client.submit("/questions/nouvelle", ASKED | {field: value})
    assert response.status_code == 422
    assert "à revoir" in response.text
    for kept in {"title", "tags"} - {field}:
        assert ASKED[kept] in response.text
    if field != "body":
        assert "deux cuisines centrales" in response.text
    assert count(app, Question) == 0


def test_sending_a_form_twice_creates_one_question(app, claire, client_of):
    client = client_of(claire)
    first = client.post("/questions/nouvelle", ASKED | {"once": "abc"})
    second = client.post("/questions/nouvelle", ASKED | {"once": "abc"})
    assert first.status_code == second.status_code == 303
    assert second.headers["Location"] == first.headers["Location"]
    assert count(app, Question) == 1


def test_posting_in_an_open_community_makes_one_a_member(app, make, client_of):
    make.community("cantines")
    stranger = make.member("Sam Petit")
    assert client_of(stranger).post("/questions/nouvelle", ASKED).status_code == 303
    with app.app_context():
        assert db.session.get(Membership, (db.session.scalar(select(Community.id)), stranger)) is not None


def test_nobody_posts_in_a_community_on_request(app, make, client_of):
    make.community("cantines", access="request", visibility="platform")
    stranger = make.member("Sam Petit")
    response = client_of(stranger).post("/questions/nouvelle", ASKED)
    assert response.status_code == 422
    assert count(app, Question) == 0


def test_an_old_or_bare_address_leads_to_the_right_one(make, claire, visitor):
    question = make.question(claire, title="Comment noter la qualité environnementale ?")
    for path in (f"/questions/{question}", f"/questions/{question}-ancien-titre"):
        response = visitor.get(path)
        assert response.status_code == 301
        assert response.headers["Location"].endswith(f"/questions/{question}-comment-noter-la-qualite-environnementale")


def test_an_edit_keeps_what_was_said_and_can_be_undone(make, claire, client_of):
    question = make.question(claire, body="Nous voulons des légumes locaux dans les cantines.")
    client = client_of(claire)
    changed = client.submit(
        f"/questions/{question}/modifier", {"body": "Nous voulons des légumes frais dans les cantines."}
    )
    assert changed.status_code == 303
    history = client.get(f"/contributions/{question}/historique")
    assert "<del>locaux</del>" in history.text
    assert "<ins>frais</ins>" in history.text
    client.post(f"/contributions/{question}/historique/1/retablissement")
    assert "légumes locaux" in client.get(changed.headers["Location"]).text


def test_two_people_editing_lose_nothing(make, claire, client_of):
    question = make.question(claire)
    mine = client_of(claire)
    stale = {
        "title": "Comment rédiger ce marché de pain bio ?",
        "body": "Une première version du texte.",
        "revision": "1",
    }
    assert mine.post(f"/questions/{question}/modifier", stale).status_code == 303
    late = mine.post(f"/questions/{question}/modifier", stale | {"body": "Une seconde version, écrite en même temps."})
    assert late.status_code == 409
    assert "écrite en même temps" in late.text


def test_only_its_author_and_moderators_edit(make, claire, client_of):
    question = make.question(claire)
    other = make.member("Sam Petit", communities={"cantines": "member"})
    moderator = make.member("Inès Benali", communities={"cantines": "moderator"})
    assert client_of(other).get(f"/questions/{question}/modifier").status_code == 403
    assert client_of(moderator).get(f"/questions/{question}/modifier").status_code == 200


def test_a_closed_question_says_why_and_takes_no_answer(make, claire, client_of):
    question = make.question(claire)
    client = client_of(claire)
    client.submit(f"/questions/{question}/fermeture", {"reason": "Le marché est abandonné."})
    page = client.get(f"/questions/{question}", follow_redirects=True)
    assert "Le marché est abandonné." in page.text
    assert client.post(f"/questions/{question}/reponses", {"body": "Une réponse tardive."}).status_code == 409
    client.post(f"/questions/{question}/reouverture")
    assert "Le marché est abandonné." not in client.get(f"/questions/{question}", follow_redirects=True).text


def test_a_duplicate_is_linked_both_ways(make, claire, client_of, visitor):
    original = make.question(claire, title="Comment écrire une clause sociale de formation ?")
    double = make.question(claire, title="Clause sociale de formation : comment la rédiger ?")
    client = client_of(claire)
    response = client.submit(
        f"/questions/{double}/doublon", {"original": f"https://x.example/questions/{original}-abc"}
    )
    assert response.status_code == 303
    assert "Comment écrire une clause sociale" in visitor.get(f"/questions/{double}", follow_redirects=True).text
    assert "comment la rédiger" in visitor.get(f"/questions/{original}", follow_redirects=True).text
    circle = client.submit(f"/questions/{original}/doublon", {"original": str(double)})
    assert circle.status_code == 422


def test_chosen_filters_are_said_in_words(make, claire, visitor):
    make.question(claire, title="Comment rédiger un lot de pommes ?", tags=["circuits courts"])
    text = visitor.get("/questions?communaute=cantines&etiquette=Circuits courts").text
    assert "lot de pommes" in text
    applied = text[text.index('class="applied"') :].partition("</ul>")[0]
    assert "circuits courts" in applied
    assert ">cantines " not in applied


@pytest.mark.parametrize("typed", ["999999", "la question de mardi", "/questions/0-x"])
def test_a_duplicate_of_nothing_keeps_what_was_typed(make, claire, client_of, typed: str):
    question = make.question(claire)
    refused = client_of(claire).submit(f"/questions/{question}/doublon", {"original": typed})
    assert refused.status_code == 422
    assert typed in refused.text
    assert "Aucune question à cette adresse" in refused.text


def test_duplicates_follow_their_original_when_it_becomes_one(make, claire, client_of, visitor):
    first = make.question(claire, title="Comment écrire une clause sociale de formation ?")
    second = make.question(claire, title="Clause sociale de formation : comment la rédiger ?")
    third = make.question(claire, title="Formation dans une clause sociale : quelle rédaction ?")
    client = client_of(claire)
    client.submit(f"/questions/{third}/doublon", {"original": str(second)})
    client.submit(f"/questions/{second}/doublon", {"original": str(first)})
    page = visitor.get(f"/questions/{third}", follow_redirects=True).text
    assert "Cette question est un doublon" in page
    assert f'est un doublon : <a href="/questions/{first}-' in page.replace(chr(160), " ")


def test_reopening_a_duplicate_forgets_that_it_was_one(make, claire, client_of, visitor):
    original = make.question(claire, title="Comment écrire une clause sociale de formation ?")
    double = make.question(claire, title="Quel tarif pour des navettes fluviales ?")
    client = client_of(claire)
    client.submit(f"/questions/{double}/doublon", {"original": str(original)})
    client.post(f"/questions/{double}/reouverture")
    assert "navettes" not in visitor.get(f"/questions/{original}", follow_redirects=True).text


def test_a_draft_that_is_too_large_is_said(claire, client_of):
    answer = client_of(claire).post("/brouillons", {"target": "question:new", "body": "x" * 70_000})
    assert answer.status_code == 413
    assert "trop long" in answer.json["error"]


def test_a_removed_question_is_gone_and_can_come_back(make, claire, client_of, visitor):
    question = make.question(claire, title="Comment rédiger un lot de pommes ?")
    client = client_of(claire)
    client.post(f"/questions/{question}/retrait")
    assert visitor.get(f"/questions/{question}").status_code == 404
    assert "lot de pommes" not in visitor.get("/questions").text
    client.post(f"/questions/{question}/retour")
    assert "lot de pommes" in visitor.get("/questions").text


def test_what_is_typed_is_kept_on_the_server(app, claire, client_of):
    client = client_of(claire)
    saved = client.post("/brouillons", {"target": "question:new", "title": "Une question que", "body": "je tape"})
    assert saved.status_code == 200
    assert "Une question que" in client.get("/questions/nouvelle").text
    client.submit("/questions/nouvelle", ASKED)
    assert count(app, Draft) == 0


def test_close_content_comes_as_a_step_before_publishing(app, make, claire, client_of, drain):
    make.question(claire, title="Comment allotir un marché de denrées alimentaires ?", tags=["allotissement"])
    drain()
    client = client_of(claire)
    step = client.submit("/questions/nouvelle", ASKED | {"suggestions_seen": ""})
    assert step.status_code == 200
    assert "denrées alimentaires" in step.text
    assert "deux cuisines centrales" in step.text
    assert count(app, Question) == 1
    assert client.post("/questions/nouvelle", ASKED).status_code == 303


@pytest.mark.parametrize(
    "body",
    [
        "[" * 10_000,
        ">" * 5_000,
        "* " * 9_000,
        "<" * 9_000,
        "`" * 20_000,
        "|" * 20_000 + "\n|---|",
        "a\x00b " * 100 + "fin",
    ],
)
def test_pathological_text_is_kept_and_answered_fast(claire, client_of, body: str):
    client = client_of(claire)
    asked = ASKED | {"body": "Texte : " + body}
    assert client.post("/questions/nouvelle", asked).status_code in (303, 422)
    assert fastest(lambda: client.post("/questions/nouvelle", asked), 1) < 1
