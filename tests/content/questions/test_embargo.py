"""A question that waits for its day: its author alone knows, then everybody does, and events fire then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from told import told_once

from community.content.questions.embargo import today
from community.content.questions.models import Question
from community.content.questions.tasks import publish_embargoed
from community.core.db import db
from community.core.outbox import Event
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.communities.models import Community
from community.people.communities.sanctions import ban_from, silence_in

WORD = "mirobolant"
FIELDS = {
    "title": f"Comment contrôler un prix {WORD} ?",
    "body": f"Le marché {WORD} sera attribué le mois prochain ; nous préparons la suite.",
    "community": "cantines",
    "tags": WORD,
    "suggestions_seen": "1",
}
PLACES = (
    "/", "/questions", f"/recherche?q={WORD}", f"/recherche/completion?q={WORD}", f"/etiquettes/completion?q={WORD}",
    f"/questions/proches?title={WORD}", "/communautes/cantines", "/etiquettes", f"/questions?etiquette={WORD}",
    "/notifications", "/membres/1-claire-martin",
)  # fmt: skip


@told_once
def claire(make) -> int:
    make.community("cantines")
    return make.member("Claire Martin", communities={"cantines": "member"})


@pytest.fixture
def embargoed(app, claire, client_of, drain) -> int:
    day = (today() + timedelta(days=5)).isoformat()
    assert client_of(claire).post("/questions/nouvelle", FIELDS | {"embargo": day}).status_code == 303
    drain()
    with app.app_context():
        id = db.session.scalar(select(Question.id))
        db.session.remove()
    return id


def run_task(app) -> None:
    with app.test_request_context("/", method="POST"):
        publish_embargoed()
        db.session.remove()


def come(app, days: int = 0) -> None:
    """The day arrives."""
    with app.test_request_context("/", method="POST"):
        db.session.execute(update(Question).values(embargo=today() + timedelta(days=days)))
        db.session.commit()
        db.session.remove()


def test_nobody_else_sees_it_before(app, make, embargoed, client_of, visitor):
    readers = {
        "visitor": visitor,
        "member": client_of(make.member(communities={"cantines": "member"})),
        "expert": client_of(make.member(communities={"cantines": "expert"})),
        "moderator": client_of(make.member(communities={"cantines": "moderator"})),
        "administrator": client_of(make.member(platform_role="administrator")),
    }
    for name, reader in readers.items():
        for path in PLACES:
            page = reader.get(path, follow_redirects=True).text
            assert "prix mirobolant" not in page and f"/questions/{embargoed}" not in page, (name, path)
            assert "mirobolant" not in page or "recherche" in path or "=mirobolant" in path, (name, path)
        for address in (f"/questions/{embargoed}", f"/contributions/{embargoed}/historique"):
            assert reader.get(address).status_code == 404, (name, address)
        assert reader.post(f"/questions/{embargoed}/embargo/fin").status_code in (401, 404)
    with app.app_context():
        assert db.session.scalar(select(Community.questions_count)) == 0
        db.session.remove()


def test_its_author_finds_it_changes_it_and_publishes_it(app, claire, embargoed, client_of):
    client = client_of(claire)
    page = client.get(f"/questions/{embargoed}", follow_redirects=True).text
    assert "vous seul la voyez" in page and "Publier maintenant" in page
    assert f"/questions/{embargoed}-" in client.get("/questions?vue=mine").text
    assert client.submit(f"/questions/{embargoed}/modifier", {"body": FIELDS["body"] + " Précisé."}).status_code == 303
    wrong = client.post(f"/questions/{embargoed}/embargo", {"embargo": "2020-01-01"})
    assert wrong.status_code == 422 and "jour à venir" in wrong.text
    assert client.post(f"/questions/{embargoed}/embargo/fin").status_code == 303
    assert client.post(f"/questions/{embargoed}/embargo/fin").status_code == 303
    assert "vous seul la voyez" not in client.get(f"/questions/{embargoed}", follow_redirects=True).text
    assert client.get(f"/questions/{embargoed}/embargo").status_code == 403


def test_the_task_publishes_on_the_day_and_events_fire_then(app, make, embargoed, visitor, drain, client_of):
    expert = make.member(communities={"cantines": "expert"})
    run_task(app)
    assert visitor.get(f"/questions/{embargoed}").status_code == 404
    with app.app_context():
        assert db.session.scalar(select(Event.id)) is None
        db.session.remove()
    come(app)
    run_task(app)
    run_task(app)
    drain()
    assert visitor.get(f"/questions/{embargoed}", follow_redirects=True).status_code == 200
    assert f"/questions/{embargoed}-" in visitor.get(f"/recherche?q={WORD}").text
    assert WORD in client_of(expert).get("/notifications").text
    with app.app_context():
        assert db.session.scalar(select(Community.questions_count)) == 1
        db.session.remove()


def test_a_suspended_author_s_question_waits_for_them(app, claire, embargoed, visitor):
    come(app)
    for state, status in (("suspended", 404), ("active", 301)):
        with app.test_request_context("/", method="POST"):
            db.session.execute(update(Member).where(Member.id == claire).values(state=state))
            db.session.commit()
            db.session.remove()
        run_task(app)
        assert visitor.get(f"/questions/{embargoed}").status_code == status


@pytest.mark.parametrize("kind", ["silence", "ban"])
def test_who_may_not_write_there_any_more_does_not_publish_by_waiting(app, make, claire, embargoed, client_of, kind):
    moderator = make.member(communities={"cantines": "moderator"})
    with app.test_request_context("/", method="POST"):
        community, by = db.session.scalars(select(Community)).one(), identity_of(moderator)
        if kind == "silence":
            silence_in(community, claire, None, "Hors sujet, encore une fois.", by)
        else:
            ban_from(community, claire, "Hors sujet, encore une fois.", by)
        db.session.commit()
        db.session.remove()
    assert client_of(claire).post(f"/questions/{embargoed}/embargo/fin").status_code == 403
    come(app)
    run_task(app)
    with app.app_context():
        assert db.session.get(Question, embargoed).published_at is None


def test_a_discreet_question_may_wait_too(app, make, claire, visitor, drain):
    question = make.question(claire, discreet=True, embargo=today() + timedelta(days=2))
    assert visitor.get(f"/questions/{question}").status_code == 404
    come(app)
    run_task(app)
    page = visitor.get(f"/questions/{question}", follow_redirects=True).text
    assert "Acheteur discret" in page and "Claire" not in page


@pytest.mark.parametrize("day", ["2020-01-01", "2199-01-01", "demain"])
def test_a_day_that_cannot_be_comes_back_with_every_word(claire, client_of, day):
    answer = client_of(claire).post("/questions/nouvelle", FIELDS | {"embargo": day})
    assert answer.status_code == 422 and FIELDS["title"] in answer.text and WORD in answer.text
