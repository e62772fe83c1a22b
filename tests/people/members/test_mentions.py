"""A mention shows who the person is now, never a name that somebody made up."""

from __future__ import annotations

import pytest


@pytest.fixture
def thread(make):
    return make.question(make.member("Paul Roche", communities={"cantines": "member"}))


@pytest.mark.parametrize("place", ["answer", "comment"])
def test_a_mention_bears_the_members_present_name(make, visitor, thread, place):
    ines = make.member("Inès Benali")
    author = make.member("Claire Martin", communities={"cantines": "member"})
    text = f"Merci à @[La ministre](member:{ines}) et à @[Personne](member:99999) pour ce retour."
    make.answer(thread, author, text) if place == "answer" else make.comment(thread, author, text)
    page = visitor.get(visitor.get(f"/questions/{thread}").location).text
    assert f'href="/membres/{ines}-ines-benali"' in page
    assert "La ministre" not in page
    assert 'href="/membres/99999' not in page


def test_a_number_no_database_can_hold_is_nobody(make, thread):
    make.answer(thread, make.member(), "Voir @[Personne](member:99999999999999999999) qui n’existe pas du tout.")
    make.answer(thread, make.member(), "Voir @[Personne](member:4294967296) qui n’existe pas du tout non plus.")
