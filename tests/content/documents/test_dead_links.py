"""Addresses are looked at every week; twice without an answer on different days, and the author is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from told import told_once

from community.content.documents.links import links_due, look_at_link, note_link, what_is_wrong
from community.content.documents.models import Document
from community.core.clock import at, now
from community.core.db import db
from community.core.fetch import Fetched, FetchError


def answers(status: int):
    return lambda address: Fetched(status, address, "text/html", b"")


def fails(address: str) -> Fetched:
    raise FetchError("timeout")


@told_once
def ines(make) -> int:
    return make.member("Inès Benali", {"cantines": "member"})


@told_once
def link(make, ines) -> int:
    return make.document(ines, title="Guide national", url="https://guides.example/national")


@pytest.fixture
def look(app, link):
    """``look(answer, days)``: look at the link, that many days after a first day three weeks ago."""

    def run(answer, days: float = 0) -> str:
        with app.app_context(), at(now() + timedelta(days=days - 21)):
            look_at_link(link, answer)
            db.session.commit()
            state = db.session.get(Document, link).link_state
            db.session.remove()
        return state

    return run


@pytest.mark.parametrize(
    ("status", "wrong"),
    [(200, ""), (204, ""), (401, ""), (403, ""), (429, ""), (404, "404"), (410, "410"), (503, "503")],
)
def test_what_an_answer_means(status, wrong):
    assert what_is_wrong("https://guides.example/", answers(status)) == wrong
    assert what_is_wrong("https://guides.example/", fails) == "timeout"


def test_it_takes_two_failures_on_different_days(look, link, ines, client_of, visitor, drain):
    assert look(answers(200)) == "alive"
    assert look(answers(404), 7) == "failing"
    assert look(fails, 7.01) == "failing"
    assert "Ne répond plus" not in visitor.get("/documents").text
    assert look(fails, 8.5) == "dead"
    drain()
    page = visitor.get(f"/documents/{link}", follow_redirects=True).text
    assert "Ne répond plus" in page
    assert "Donner la nouvelle adresse" not in page
    mine = client_of(ines)
    assert "Donner la nouvelle adresse" in mine.get(f"/documents/{link}", follow_redirects=True).text
    told = mine.get("/notifications").text
    assert "L’adresse de votre document ne répond plus" in told


def test_it_comes_back_to_life(look):
    look(fails)
    assert look(fails, 2) == "dead"
    assert look(answers(200), 9) == "alive"
    assert look(fails, 16) == "failing"


def test_each_is_looked_at_weekly_and_doubts_the_day_after(app, link, look):
    def due(days: float) -> list[int]:
        with app.app_context(), at(now() + timedelta(days=days - 21)):
            found = links_due()
            db.session.remove()
        return found

    assert due(0) == [link]
    look(answers(200))
    assert due(1) == []
    assert due(7) == [link]
    look(fails, 7)
    assert due(7.5) == []
    assert due(8) == [link]


def test_drafts_and_removed_ones_are_left_alone(app, make, ines, client_of, link):
    make.document(ines, title="Un brouillon", published=False)
    client_of(ines).post(f"/documents/{link}/retrait")
    with app.app_context():
        assert links_due() == []
        db.session.remove()


def test_an_answer_about_another_address_changes_nothing(app, link):
    with app.app_context():
        document = db.session.get(Document, link)
        note_link(document, "https://ancienne.example/", "404")
        assert document.link_state == "unchecked"
        db.session.remove()


def test_no_machine_of_ours_is_ever_asked(app, make, ines):
    """The whole way, with the real fetch: what resolves to this machine is a failure, and nothing was connected to."""
    id = make.document(ines, title="Une ruse", url="http://127.0.0.1:8080/admin")
    with app.app_context():
        look_at_link(id)
        document = db.session.get(Document, id)
        assert (document.link_state, document.link_reason) == ("failing", "private")
        db.session.remove()
