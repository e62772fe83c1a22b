"""A new member is shown what to do first; each step is ticked off, and the whole goes away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community.core.clock import now

STEPS = "Vos premiers pas"


@pytest.fixture
def nadia(make) -> int:
    make.community("cantines")
    return make.member("Nadia Ferrand")


def test_steps_are_ticked_off_and_then_gone(make, nadia, client_of):
    client = client_of(nadia)
    assert "Bienvenue Nadia" in (home := client.get("/").text) and "0 sur 4" in home
    client.post("/communautes/cantines/adhesion")
    assert "1 sur 4" in client.get("/").text
    make.question(nadia)
    home = client.get("/").text
    assert "2 sur 4" in home and "Prenez une clause" in home and "Posez votre première question" in home
    people = [make.member(communities={"cantines": role}) for role in ("member", "moderator")]
    clause = make.clause(*people, title="Délai")
    client.post(f"/clauses/{clause}-delai/v1/panier")
    assert "3 sur 4" in client.get("/").text
    saved = client.submit("/compte", {"bio": "J’achète des denrées pour dix écoles.", "job": "acheteuse"}, "/compte")
    assert saved.status_code == 303
    home = client.get("/").text
    assert STEPS not in home and "Bonjour Nadia" in home


def test_steps_can_be_put_away_by_each_member_of_a_shared_computer(make, nadia, client_of):
    client = client_of(nadia)
    answer = client.post("/premiers-pas")
    assert (answer.status_code, answer.location) == (303, "/")
    assert STEPS not in client.get("/").text
    other = client.signed_in_as(make.member("Omar"))
    assert STEPS in other.get("/").text


def test_who_has_been_here_long_is_not_greeted(make, visitor, client_of):
    old = make.member("Claire", created_at=now() - timedelta(days=61))
    assert STEPS not in client_of(old).get("/").text and STEPS not in visitor.get("/").text
