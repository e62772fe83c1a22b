"""A page that is published looks again for links towards its own kind, and leaves the others as they are."""

from __future__ import annotations

from sqlalchemy import select

from community.abilities.links.actions import Proposal, replace_suggestions
from community.abilities.links.models import Link
from community.core.db import db

TITLE = "Allotir les denrées alimentaires des cantines"


def targets(app, question: int) -> set[int]:
    with app.app_context():
        found = set(db.session.scalars(select(Link.target_id).where(Link.source_id == question)))
        db.session.remove()
    return found


def test_suggestions_of_other_kinds_are_left_alone(app, make, people):
    question = make.question(people["claire"], title=TITLE)
    sheet, other = make.sheet(people["paul"], title=TITLE), make.sheet(people["paul"], title="Voirie")
    clause = make.clause(people["paul"], make.member("Inès", communities={"cantines": "moderator"}), title="Lots")
    with app.app_context():
        replace_suggestions(question, [Proposal(clause, 0.5, ("lots",)), Proposal(other, 0.3, ("voirie",))])
        replace_suggestions(question, [Proposal(sheet, 0.9, ("denrées",))], {"sheet"})
        db.session.commit()
    assert targets(app, question) == {clause, sheet}


def test_a_new_sheet_enters_the_links_of_the_questions_it_concerns(app, make, people, drain):
    question = make.question(
        people["claire"], title=f"{TITLE} : combien de lots ?", body="Denrées alimentaires, cantines."
    )
    for number in range(6):
        make.question(people["paul"], title=f"Réfection de la voirie, tranche {number}")
    drain()
    sheet = make.sheet(people["paul"], title=TITLE)
    drain()
    assert sheet in targets(app, question)
