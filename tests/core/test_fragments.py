"""Kept fragments: drawn once per row and language, never stale, dates always fresh."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from told import told_once

from community.content.questions.models import Question
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.core.fragments import Fragments


@told_once
def asked(make) -> int:
    make.community("cantines")
    return make.question(
        make.member("Claire Martin", communities={"cantines": "member"}), title="Allotir les denrées ?"
    )


def change(app, id: int, **values) -> None:
    with app.app_context():
        db.session.execute(update(Contribution).where(Contribution.id == id).values(values))
        db.session.commit()


def test_a_card_is_drawn_once_and_again_when_its_row_changes(app, asked, visitor):
    visitor.get("/questions")
    pieces = app.extensions["fragments"].pieces
    drawn = len(pieces)
    assert drawn > 0
    visitor.get("/questions")
    assert len(pieces) == drawn
    change(app, asked, title="Allotir les fruits ?")
    page = visitor.get("/questions").text
    assert "Allotir les fruits" in page
    assert "Allotir les denrées" not in page
    assert len(pieces) == drawn + 1


def test_a_kept_card_tells_its_age_anew(app, asked, visitor):
    change(app, asked, published_at=now() - timedelta(hours=3))
    assert "il y a 3" in visitor.get("/questions").text
    pieces = list(app.extensions["fragments"].pieces.values())
    assert not any("il y a" in piece for piece in pieces)


def test_each_language_has_its_own_cards(app, asked, visitor, make):
    assert "Sans réponse" in visitor.get("/questions").text
    english = visitor.get("/questions", headers={"Accept-Language": "en"}).text
    assert "Sans réponse</span>" not in english
    assert "Sans réponse</span>" in visitor.get("/questions", headers={"Accept-Language": "fr"}).text


def test_new_labels_show_at_once(app, asked, visitor, client_of, make):
    visitor.get("/questions")
    with app.app_context():
        author = db.session.get(Question, asked).author_id
    client_of(author).submit(f"/questions/{asked}/modifier", {"tags": "circuits courts"})
    assert "circuits courts" in visitor.get("/questions").text


def test_memory_is_bounded(context):
    from sqlalchemy import literal, select

    kept = Fragments(most=3)

    def macro(row):
        return str(row.n)

    macro.name = "macro"
    from flask import current_app

    with current_app.test_request_context():
        for number in range(5):
            kept.get(macro, db.session.execute(select(literal(number).label("n"))).one(), ())
    assert list(kept.pieces.values()) == ["2", "3", "4"]
