"""A member with something everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from told import told_once

from community.core.db import db


@told_once
def life(app, make, drain) -> dict[str, Any]:
    """Claire, who wrote, voted, followed, put clauses in a basket, and was answered by Paul; Anne administers."""
    make.community("cantines")
    claire = make.member("Claire Martin", {"cantines": "member"}, email="claire@ville.example", job="Acheteuse")
    paul = make.member("Paul Roche", {"cantines": "expert"}, email="paul@velay.example")
    anne = make.member("Anne Le Goff", platform_role="administrator", email="anne@admin.example")
    answered = make.question(claire, title="Comment allotir le pain de la cantine ?")
    alone = make.question(claire, title="Qui a un modèle de bordereau ?")
    answer = make.answer(answered, paul, f"Voyez ce que dit @[Claire Martin](member:{claire}).")
    mine = make.answer(make.question(paul, title="Quels délais de livraison ?"), claire, "Deux jours chez nous.")
    comment = make.comment(answer, claire, "Merci Paul, c’est clair.")
    draft = make.sheet(claire, title="Une fiche commencée", published=False)
    sheet = make.sheet(claire, title="Le pain en douze lots", contact="claire@ville.example")
    clause = make.clause(claire, make.member("Inès", {"cantines": "moderator"}))
    drain()
    with app.test_request_context("/", method="POST"):
        _belongings(claire, answer, clause)
        db.session.commit()
        db.session.remove()
    return {
        "claire": claire, "paul": paul, "anne": anne, "answered": answered, "alone": alone, "answer": answer,
        "mine": mine, "comment": comment, "draft": draft, "sheet": sheet, "clause": clause,
    }  # fmt: skip


def _belongings(claire: int, answer: int, clause: int) -> None:
    from community.abilities.drafts.models import Draft
    from community.abilities.follows.models import Follow
    from community.abilities.votes.models import Vote
    from community.content.baskets.actions import add_to_basket, create_basket, share_basket
    from community.content.clauses.actions import current_version
    from community.people.accounts.identity import identity_of
    from community.services.search.models import FollowedSearch

    user = identity_of(claire)
    shared = create_basket(user, "Marché de pain")
    add_to_basket(shared, current_version(clause))
    share_basket(shared, True)
    create_basket(user, "Brouillon de panier")
    db.session.merge(Vote(contribution_id=answer, member_id=claire))
    db.session.merge(Follow(contribution_id=answer, member_id=claire))
    db.session.add(FollowedSearch(member_id=claire, words="pain", signature="pain"))
    db.session.add(Draft(member_id=claire, target="question:new", data={"title": "Un brouillon de Claire"}))


@pytest.fixture
def worker(app):
    """``worker(task)``: run a task as the worker does."""

    def run(task, *args):
        with app.app_context():
            try:
                return task(*args)
            finally:
                db.session.remove()

    return run
