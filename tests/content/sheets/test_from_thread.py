"""« Transformer ce fil en fiche »: a draft with the thread's words, its people credited, both pages pointing at each other."""

from __future__ import annotations

from sqlalchemy import select
from test_writing_sheets import send, sheet_in
from told import told_once

from community.abilities.links.models import Link
from community.core.db import db


@told_once
def thread(make):
    """asker, helper (answer accepted), other (answer not kept), passer-by, question."""
    make.community("cantines")
    people = {
        name: make.member(name, {"cantines": "member"}) for name in ("Claire Martin", "Paul Roche", "Luc Petit", "Zoé")
    }
    asker, helper, other, passer = people.values()
    question = make.question(
        asker, title="Comment allotir les denrées fraîches ?", tags=["Allotissement"], cpv=["15800000"]
    )
    kept = make.answer(question, helper, "Des lots **petits** marchent bien.")
    make.answer(question, other, "Je n’en sais rien.")
    return asker, helper, other, passer, question, kept


def test_draft_quotes_the_accepted_answer_and_credits_its_author(app, thread, client_of):
    asker, helper, _other, _passer, question, kept = thread
    client = client_of(asker)
    assert client.post(f"/reponses/{kept}/acceptation").status_code == 303
    answer = client.post(f"/questions/{question}/fiche")
    sheet = sheet_in(app, int(answer.location.split("/")[2]))
    assert sheet.title == "Comment allotir les denrées fraîches"
    assert "Nous préparons ce marché" in sheet.context
    assert "Paul Roche" in sheet.body
    assert "> Des lots **petits**" in sheet.body
    assert "Je n’en sais rien" not in sheet.body
    assert sheet.contributors == [{"member_id": helper, "contribution_id": kept}]
    again = client.post(f"/questions/{question}/fiche")
    assert str(sheet.id) in again.location


def test_question_and_published_sheet_point_at_each_other(app, thread, client_of, visitor):
    asker, _helper, _other, _passer, question, _kept = thread
    client = client_of(asker)
    id = int(client.post(f"/questions/{question}/fiche").location.split("/")[2])
    assert "Tirée du fil" in client.get(f"/fiches/{id}-comment-allotir-les-denrees-fraiches").text
    with app.app_context():
        assert db.session.scalars(select(Link)).all() == []
    assert send(client, id, {"summary": "Petits lots."}, "/publication").status_code == 303
    page = visitor.get(f"/fiches/{id}-comment-allotir-les-denrees-fraiches").text
    assert "Tirée du fil" in page
    assert "Avec les contributions de" in page
    assert "Paul Roche" in page
    assert (
        "Comment allotir les denrées fraîches"
        in visitor.get(f"/questions/{question}-comment-allotir-les-denrees-fraiches").text.split('<aside class="rail"')[
            1
        ]
    )
    with app.app_context():
        link = db.session.scalars(select(Link)).one()
        assert (link.source_id, link.target_id, link.verdict) == (question, id, "confirmed")


def test_origin_that_one_may_not_see_is_not_named(app, thread, make, client_of):
    asker, *_people, question, _kept = thread
    client = client_of(asker)
    id = int(client.post(f"/questions/{question}/fiche").location.split("/")[2])
    assert send(client, id, {"summary": "Petits lots.", "title": "Une fiche"}, "/publication").status_code == 303
    client.post(f"/questions/{question}/retrait")
    page = client_of(make.member("Paul")).get(f"/fiches/{id}-une-fiche").text
    assert "Tirée du fil" not in page
    assert "Comment allotir" not in page


def test_only_those_who_made_the_thread_or_look_after_it(thread, make, client_of, visitor):
    asker, helper, _other, passer, question, _kept = thread
    allowed = [asker, helper, make.member("E", {"cantines": "expert"}), make.member("M", {"cantines": "moderator"})]
    for member in allowed:
        assert client_of(member).post(f"/questions/{question}/fiche").status_code == 303
    assert client_of(passer).post(f"/questions/{question}/fiche").status_code == 403
    assert visitor.post(f"/questions/{question}/fiche").status_code in (302, 401, 422)
    assert client_of(asker).post("/questions/99999/fiche").status_code == 404
