"""A community with two moderators, an author, readers, and a question that somebody may report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from moderation_reads import last
from sqlalchemy import select
from told import told_once

from community.abilities.flags.models import FlagCase
from community.services.moderation.models import Decision


@dataclass(frozen=True)
class Place:
    """Ids of people and texts of one community."""

    moderator: int
    other: int
    author: int
    reader: int
    outsider: int
    elsewhere: int
    administrator: int
    question: int
    answer: int
    comment: int


@told_once
def place(make) -> Place:
    make.community("cantines")
    make.community("numerique")
    moderator = make.member("Inès Moderatrice", communities={"cantines": "moderator"})
    other = make.member("Paul Moderateur", communities={"cantines": "moderator"})
    author = make.member("Aline Autrice", communities={"cantines": "member"})
    reader = make.member("René Lecteur", communities={"cantines": "member"})
    question = make.question(reader, title="Quel prestataire pour la restauration ?")
    answer = make.answer(question, author, "La société Truc est malhonnête, ne la prenez pas.")
    return Place(
        moderator=moderator,
        other=other,
        author=author,
        reader=reader,
        outsider=make.member("Odile Dehors"),
        elsewhere=make.member("Éric Ailleurs", communities={"numerique": "moderator"}),
        administrator=make.member("Anne Admin", platform_role="administrator"),
        question=question,
        answer=answer,
        comment=make.comment(answer, author, "Et leurs prix sont faux."),
    )


@pytest.fixture
def flagged(place, client_of):
    """``flagged()``: René reports the answer; gives the case's id."""

    def report(path: str = "", by: int | None = None, reason: str = "hurtful", words: str = "") -> int:
        address = path or f"/contributions/{place.answer}/signalement"
        response = client_of(by or place.reader).post(address, {"reason": reason, "words": words})
        assert response.status_code == 303, response.text[-600:]
        return last(client_of(place.reader).app, select(FlagCase.id).order_by(FlagCase.id.desc()))

    return report


@pytest.fixture
def decided(place, client_of, flagged):
    """``decided("remove")``: the case is opened and this is decided; gives the decision's id."""

    def decide(action: str, by: int | None = None, case: int | None = None, **more: Any) -> int:
        client = client_of(by or place.moderator)
        fields = {f"{action}-{name}": value for name, value in more.items()}
        fields.setdefault(f"{action}-message", "Ceci ne respecte pas la charte de la communauté.")
        response = client.post(f"/moderation/dossiers/{case or flagged()}/{action}", fields)
        assert response.status_code == 303, response.text[-1500:]
        return last(client.app, select(Decision.id).order_by(Decision.id.desc()))

    return decide
