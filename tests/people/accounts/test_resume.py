"""Nothing typed is lost when a session or a form's token has expired."""

from __future__ import annotations

import pytest
from builders import PASSWORD
from client import Client, forms_of
from told import told_once

from community.core.db import db
from community.people.accounts.models import SignIn

TEXT = (
    "Chez nous, douze lots et un « sourçage » de trois mois :\n\n- premier\n- second <b>pas en gras</b>\n\n"
    + "Fin. " * 400
)


@told_once
def thread(make):
    asker = make.member("Paul Roche", communities={"cantines": "member"})
    make.member("Claire Martin", email="claire@ville.example", communities={"cantines": "member"})
    return make.question(asker)


@pytest.fixture
def claire(app, visitor):
    """Signed in with her password, on a page opened before her session ended."""

    def sign_in(client: Client):
        return client.submit("/connexion", {"email": "claire@ville.example", "password": PASSWORD}, "/connexion")

    visitor.sign_in = lambda: sign_in(visitor)
    return visitor


def end_sessions(app):
    with app.app_context():
        db.session.query(SignIn).delete()
        db.session.commit()


def answers(app, question):
    from community.content.questions.models import Answer

    with app.app_context():
        return [row.body for row in db.session.query(Answer).filter_by(question_id=question)]


def send_answer(client, thread, body=TEXT):
    path = client.get(f"/questions/{thread}").location
    form = forms_of(client.get(path).text, f"/questions/{thread}/reponses", path)
    return client.http.post(form.action, data={**form.fields, "body": body})


def test_an_answer_sent_after_the_session_ended_is_published_after_sign_in(app, claire, thread):
    claire.sign_in()
    path = claire.get(f"/questions/{thread}").location
    page = forms_of(claire.get(path).text, f"/questions/{thread}/reponses", path)
    end_sessions(app)
    asked = claire.http.post(page.action, data={**page.fields, "body": TEXT})
    assert asked.status_code == 401
    assert "Votre session a expiré." in asked.text
    assert answers(app, thread) == []
    form = forms_of(asked.text, "/connexion", "")
    wrong = claire.http.post("/connexion", data=form.fields | {"email": "claire@ville.example", "password": "x" * 14})
    assert wrong.status_code == 422
    form = forms_of(wrong.text, "/connexion", "")
    back = claire.http.post("/connexion", data=form.fields | {"email": "claire@ville.example", "password": PASSWORD})
    assert back.status_code == 200
    assert "premier" in back.text
    again = forms_of(back.text, f"/questions/{thread}/reponses", "")
    published = claire.http.post(again.action, data=again.fields)
    assert published.status_code == 303
    assert [body.split() for body in answers(app, thread)] == [TEXT.split()]
    assert "&lt;b&gt;pas en gras" not in answers(app, thread)[0]


def test_an_old_token_brings_the_form_back_one_click_from_published(app, claire, thread):
    claire.sign_in()
    response = claire.http.post(f"/questions/{thread}/reponses", data={"csrf_token": "perdu", "body": TEXT})
    assert response.status_code == 422
    assert answers(app, thread) == []
    again = forms_of(response.text, f"/questions/{thread}/reponses", "")
    assert claire.http.post(again.action, data=again.fields).status_code == 303
    assert len(answers(app, thread)) == 1


def test_a_lost_cookie_asks_to_sign_in_and_keeps_the_form(app, claire, thread):
    claire.sign_in()
    claire.http.delete_cookie("session")
    asked = claire.http.post(f"/questions/{thread}/reponses", data={"csrf_token": "perdu", "body": TEXT})
    assert asked.status_code == 401
    form = forms_of(asked.text, "/connexion", "")
    back = claire.http.post("/connexion", data=form.fields | {"email": "claire@ville.example", "password": PASSWORD})
    again = forms_of(back.text, f"/questions/{thread}/reponses", "")
    assert claire.http.post(again.action, data=again.fields).status_code == 303
    assert len(answers(app, thread)) == 1


def test_sending_what_came_back_twice_publishes_one(app, claire, thread):
    claire.sign_in()
    response = claire.http.post(
        f"/questions/{thread}/reponses", data={"csrf_token": "perdu", "body": TEXT, "once": "une-seule-fois"}
    )
    again = forms_of(response.text, f"/questions/{thread}/reponses", "")
    for _click in range(2):
        assert claire.http.post(again.action, data=again.fields).status_code == 303
    assert len(answers(app, thread)) == 1


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://mal.example"}])
def test_another_sites_words_do_not_come_back_as_ones_own(app, claire, thread, headers):
    claire.sign_in()
    response = claire.http.post(f"/questions/{thread}/reponses", data={"body": TEXT}, headers=headers)
    assert response.status_code == 403
    assert "premier" not in response.text


def test_a_visitors_form_comes_back_without_sign_in_and_asks_the_password_again(app, visitor):
    from account_forms import REGISTRATION

    response = visitor.http.post("/inscription", data=REGISTRATION | {"csrf_token": "perdu"})
    assert response.status_code == 422
    assert REGISTRATION["password"] not in response.text
    again = forms_of(response.text, "/inscription", "")
    assert again.fields["organisation"] == REGISTRATION["organisation"]
    assert again.fields["password"] == ""
    sent = visitor.http.post(again.action, data=again.fields | {"password": REGISTRATION["password"]})
    assert sent.location == "/inscription/courriel"


def test_no_password_is_carried_through_the_sign_in_page(app, claire):
    from community.core.resume import unpack

    claire.sign_in()
    end_sessions(app)
    asked = claire.post("/compte/mot-de-passe", {"current_password": PASSWORD, "password": "quatre grands paniers"})
    with app.app_context():
        carried = unpack(forms_of(asked.text, "/connexion", "").fields["resume"])
    assert carried == {"path": "/compte/mot-de-passe", "fields": [["current_password", ""], ["password", ""]]}


def test_what_is_carried_was_made_here(app, make, visitor):
    make.member(email="claire@ville.example")
    fields = {"email": "claire@ville.example", "password": PASSWORD, "resume": "eyJwYXRoIjoiLyJ9.invente.signature"}
    response = visitor.submit("/connexion", fields, "/connexion")
    assert response.status_code == 422
    assert visitor.get("/compte").status_code == 200


def test_a_page_that_wants_a_member_asks_for_sign_in(visitor):
    assert visitor.get("/compte/sessions").location == "/connexion?suite=/compte/sessions"
    assert visitor.get("/questions?vue=mine").status_code == 302


def test_a_script_learns_that_the_session_ended(app, claire, thread):
    claire.sign_in()
    end_sessions(app)
    response = claire.post(f"/questions/{thread}/reponses", {"body": TEXT}, headers={"X-Fragment": "1"})
    assert response.status_code == 401
