"""A question asked without showing one's name: the name is nowhere, and the asker is at home on their page."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from told import told_once

from community.abilities.comments.models import Comment
from community.abilities.revisions.models import Revision
from community.content.questions.models import Answer, Question
from community.core.audit import AuditEntry
from community.core.db import db
from community.core.mail import MailMessage
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.accounts.pseudonyms import break_seals, owner_of
from community.people.communities.models import Membership

NAME = "Zénobie Quintefeuille"
FORM = {
    "title": "Comment refuser une offre anormalement basse ?",
    "body": "Le candidat ne justifie pas son prix et nous hésitons sur la suite à donner.",
    "community": "cantines",
    "discreet": "y",
    "suggestions_seen": "1",
}


@told_once
def asker(make) -> int:
    make.community("cantines")
    return make.member(NAME, communities={"cantines": "member"})


@told_once
def question(make, asker) -> int:
    return make.question(asker, discreet=True)


def author_of(app, id: int) -> Member:
    with app.app_context():
        author = db.session.scalars(
            select(Member).join(Question, Question.author_id == Member.id).where(Question.id == id)
        )
        found = author.one()
        db.session.expunge_all()
        db.session.remove()
    return found


def test_the_form_asks_under_a_pseudonym_and_twice_makes_one(app, asker, client_of):
    client = client_of(asker)
    fields = FORM | {"once": "the-same-form"}
    first, second = client.post("/questions/nouvelle", fields), client.post("/questions/nouvelle", fields)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    page = client.get(first.headers["Location"]).text
    assert "Acheteur discret n° " in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "/membres/-" not in page
    with app.app_context():
        authors = list(db.session.scalars(select(Question.author_id)))
        assert len(authors) == 1 and authors[0] < 0
        assert owner_of(authors[0]) == asker
        db.session.remove()


def test_what_the_asker_does_on_the_page_is_signed_by_the_pseudonym(app, make, asker, question, client_of):
    answerer = make.member("Paul Roche", communities={"cantines": "member"})
    answer = make.answer(question, answerer)
    client = client_of(asker)
    page = f"/questions/{question}"
    assert client.post(f"{page}/reponses", {"body": "Je précise ce que nous avons tenté."}).status_code == 303
    assert client.post(f"/contributions/{answer}/commentaires", {"body": "Merci beaucoup."}).status_code == 303
    assert client.post(f"/reponses/{answer}/acceptation").status_code == 303
    assert client.submit(f"{page}/modifier", {"body": FORM["body"] + " Précisé."}).status_code == 303
    assert client.post(f"{page}/fermeture", {"reason": "C’est réglé."}).status_code == 303
    pseudonym = author_of(app, question).id
    with app.app_context():
        assert set(db.session.scalars(select(Answer.author_id).where(Answer.id != answer))) == {pseudonym}
        assert set(db.session.scalars(select(Comment.author_id))) == {pseudonym}
        own = select(Revision.editor_id).where(Revision.contribution_id != answer)
        assert set(db.session.scalars(own)) == {pseudonym}
        assert db.session.scalar(select(Question.closed_by_id)) == pseudonym
        db.session.remove()


def test_the_asker_finds_the_question_is_told_and_cannot_vote_for_it(make, asker, question, client_of, drain):
    make.answer(question, make.member("Paul Roche", communities={"cantines": "member"}))
    drain()
    client = client_of(asker)
    assert f"/questions/{question}-" in client.get("/questions?vue=mine").text
    assert "Paul Roche a répondu" in client.get("/notifications").text
    assert client.post(f"/contributions/{question}/vote").status_code == 403
    other = client_of(make.member(communities={"cantines": "member"}))
    assert f"/questions/{question}-" not in other.get("/questions?vue=mine").text
    assert other.get(f"/questions/{question}/modifier").status_code == 403


def test_a_comment_tells_the_person_behind_the_pseudonym(make, asker, question, client_of, drain):
    make.comment(question, make.member("Paul Roche", communities={"cantines": "member"}))
    drain()
    assert "Paul Roche a commenté ce que vous avez écrit" in client_of(asker).get("/notifications").text


def test_asking_discreetly_in_an_open_community_shows_nobody_joining(app, make):
    make.community("cantines")
    passer_by = make.member(NAME)
    make.question(passer_by, discreet=True)
    with app.app_context():
        assert db.session.scalar(select(Membership.member_id)) is None
        db.session.remove()


def test_a_pseudonym_has_no_page_and_nobody_mentions_it(app, make, question, client_of):
    pseudonym = author_of(app, question)
    client = client_of(make.member())
    assert client.get(f"/membres/{pseudonym.id}-{pseudonym.slug}").status_code == 404
    assert client.get("/membres/completion?q=acheteur").json == []
    assert "discret" not in client.get("/membres?nom=acheteur").text.partition("</form>")[2]
    preview = client.post("/apercu", {"body": f"@[Lui](member:{pseudonym.id})"}).json["html"]
    assert "mention" not in preview


def test_nobody_takes_a_name_that_looks_like_a_pseudonym(make, client_of):
    client = client_of(make.member())
    response = client.submit("/compte", {"display_name": "ACHETEUR  discret n° 12"})
    assert response.status_code == 422
    assert "réservé" in response.text


def test_a_moderator_opens_the_seal_with_a_reason_that_is_logged_and_told(app, make, asker, question, client_of, drain):
    moderator = client_of(make.member("Inès Anime", communities={"cantines": "moderator"}))
    address = f"/questions/{question}/sceau"
    assert NAME not in moderator.get(address).text
    refused = moderator.post(address, {"reason": "trop court"})
    assert refused.status_code == 422 and NAME not in refused.text and "trop court" in refused.text
    shown = moderator.post(address, {"reason": "Conflit d’intérêts à vérifier avec le service."})
    assert shown.status_code == 200 and NAME in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert NAME not in moderator.get(address).text, "shown once"
    drain()
    assert "votre identité" in client_of(asker).get("/notifications").text.lower()
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "seal.opened")).one()
        assert (entry.target_type, entry.target_id) == ("contribution", question)
        assert entry.reason == "Conflit d’intérêts à vérifier avec le service." and str(asker) not in entry.reason
        mail = db.session.scalars(select(MailMessage).where(MailMessage.subject.contains("identité"))).one()
        assert "Inès Anime" in mail.text and "Conflit d’intérêts" in mail.text
        db.session.remove()


@pytest.mark.parametrize("place", [{"cantines": "member"}, {"cantines": "expert"}, {"ailleurs": "moderator"}, {}])
def test_nobody_else_opens_it(make, question, client_of, place):
    client = client_of(make.member(communities=place))
    reason = {"reason": "Une raison bien assez longue pour passer."}
    assert client.get(f"/questions/{question}/sceau").status_code == 403
    assert client.post(f"/questions/{question}/sceau", reason).status_code == 403


def test_the_choice_cannot_be_undone_by_the_form(app, asker, question, client_of):
    client = client_of(asker)
    assert 'name="discreet"' not in client.get(f"/questions/{question}/modifier").text
    client.submit(f"/questions/{question}/modifier", {"discreet": "", "body": FORM["body"] + " Plus."})
    assert author_of(app, question).id < 0


def test_broken_seals_stay_broken(app, make, asker, question, client_of):
    pseudonym = author_of(app, question).id
    with app.app_context():
        assert break_seals(asker) == [pseudonym]
        db.session.commit()
        assert identity_of(asker).own_ids == [asker]
        db.session.remove()
    moderator = client_of(make.member(communities={"cantines": "moderator"}))
    answer = moderator.post(f"/questions/{question}/sceau", {"reason": "Une raison bien assez longue."})
    assert answer.status_code == 404
