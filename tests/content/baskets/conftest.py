"""A buyer, and clauses of several parts of a contract."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from told import told_once


@told_once
def goods(make) -> SimpleNamespace:
    make.community("cantines")
    author = make.member("Paul Roche", communities={"cantines": "expert"})
    ines = make.member("Inès Benali", communities={"cantines": "moderator"})
    claire = make.member("Claire Martin", communities={"cantines": "member"})
    label = make.clause(author, ines, title="Étiquette de lot", text="Chaque lot porte une étiquette.")
    return SimpleNamespace(
        author=author,
        ines=ines,
        claire=claire,
        label=label,
        delay=make.clause(
            author,
            ines,
            title="Délai de livraison",
            text="Livré sous {{delai_heures}} heures à **{{lieu}}** :\n\n- le matin ;\n- avant {{heure_limite}}.",
            penalty="Réfaction de {{taux}} %.",
            requires=[label],
        ),
        award=make.clause(
            author,
            ines,
            title="Critère de fraîcheur",
            target_document="RC",
            text="Noté sur {{points}} points.",
            kind_of_clause="award_criterion",
        ),
        rival=make.clause(author, ines, title="Délai unique", text="Tout sous {{delai_heures}} heures."),
    )


@pytest.fixture
def shop(goods, client_of) -> SimpleNamespace:
    return SimpleNamespace(**vars(goods), buyer=client_of(goods.claire))


@pytest.fixture
def add(shop):
    def put(clause: int, number: int = 1, client=None) -> int:
        client = client or shop.buyer
        slug = client.get(f"/clauses/{clause}").headers["Location"].rsplit("/", 1)[1].split("-", 1)[1]
        return client.post(f"/clauses/{clause}-{slug}/v{number}/panier").status_code

    return put
