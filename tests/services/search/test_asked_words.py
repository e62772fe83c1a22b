"""A page is found by the questions that people confirmed it answers, unless its readers may not read them."""

from __future__ import annotations

import pytest

from community.core.db import db


@pytest.fixture
def confirm(make, drain):
    """Link a sheet to a question by hand, as one of its readers does, and let the worker work."""

    def run(question: int, sheet: int, user: int) -> None:
        from community.abilities.links.actions import add_link
        from community.contributions.models import Contribution

        make._do(lambda: add_link(*(db.session.get(Contribution, id) for id in (question, sheet)), make._user(user)))
        drain()

    return run


def test_a_sheet_is_found_by_the_words_of_the_question_it_answers(make, people, confirm, find, client_of):
    sheet = make.sheet(people["paul"], title="Un groupement pour les repas")
    question = make.question(people["claire"], title="Louer des barquettes en inox ?")
    confirm(question, sheet, people["claire"])
    page = find(client_of(people["zoe"]), "barquettes", type="sheet")
    assert "Un groupement pour les repas" in page and "Louer des barquettes" not in page


def test_nobody_finds_a_page_by_the_words_of_a_closed_room(make, people, confirm, find, client_of):
    make.community("atelier", visibility="members")
    insider = make.member("Inès Benali", communities={"atelier": "member", "cantines": "member"})
    sheet = make.sheet(people["paul"], title="Un groupement pour les repas")
    question = make.question(insider, "atelier", title="Louer des barquettes en inox ?")
    confirm(question, sheet, insider)
    assert "Un groupement pour les repas" not in find(client_of(people["zoe"]), "barquettes", type="sheet")


def test_a_voice_taken_back_takes_its_words_back(make, people, confirm, drain, find, client_of):
    from community.abilities.links.actions import withdraw_judgement
    from community.abilities.links.models import Link

    sheet = make.sheet(people["paul"], title="Un groupement pour les repas")
    question = make.question(people["claire"], title="Louer des barquettes en inox ?")
    confirm(question, sheet, people["claire"])
    make._do(lambda: withdraw_judgement(db.session.query(Link).one(), make._user(people["claire"])))
    drain()
    assert "Un groupement pour les repas" not in find(client_of(people["zoe"]), "barquettes", type="sheet")


def test_what_a_community_holds_is_found_again_when_it_reopens(make, people, drain, find, client_of):
    from community.people.communities.actions import archive_community, reopen_community
    from community.people.communities.models import Community

    def run(act) -> Community:
        community = db.session.query(Community).one()
        act(community, make._user(people["zoe"]))
        return community

    make.sheet(people["paul"], title="Un groupement pour les repas")
    for act, found in ((archive_community, False), (reopen_community, True)):
        make._do(lambda act=act: run(act))
        drain()
        assert ("1 résultat" in find(client_of(people["zoe"]), "groupement", type="sheet")) is found
