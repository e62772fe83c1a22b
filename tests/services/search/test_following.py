"""A followed search tells, once, of what is new, matches, and may be seen; and of nothing else."""

from __future__ import annotations

import pytest

from community.services.notifications.models import Notification
from community.services.search.models import FollowedSearch


def told(rows, member: int) -> list[int | None]:
    return [
        row.contribution_id for row in rows(Notification) if row.member_id == member and row.event == "search.matched"
    ]


def follow(client, words: str, **filters: str):
    response = client.post("/recherche/suivies", {"q": words, **filters})
    assert response.status_code == 303
    return response


def test_following_listing_and_stopping(make, people, client_of, drain, rows):
    make.sheet(people["paul"], title="Nos légumes")
    drain()
    client = client_of(people["claire"])
    follow(client, "légumes bio", type="sheet")
    follow(client, "Légumes  bio", type="sheet")
    assert len(rows(FollowedSearch)) == 1
    page = client.get("/recherche/suivies").text
    assert "légumes bio" in page and "type=sheet" in page
    follow(client, "", phase="execution", communaute="cantines")
    page = client.get("/recherche/suivies").text
    assert ">Exécution<" in page and ">execution<" not in page and ">cantines<" not in page
    client.post(f"/recherche/suivies/{rows(FollowedSearch)[1].id}/retrait")
    assert "Recherche suivie" in client.get("/recherche?q=légumes bio&type=sheet").text
    assert "Recherche suivie" not in client.get("/recherche?q=légumes bio").text
    assert client.post(f"/recherche/suivies/{rows(FollowedSearch)[0].id}/retrait").status_code == 303
    assert rows(FollowedSearch) == []


def test_another_s_followed_search_does_not_exist(people, client_of, rows):
    follow(client_of(people["claire"]), "légumes")
    id = rows(FollowedSearch)[0].id
    assert client_of(people["paul"]).post(f"/recherche/suivies/{id}/retrait").status_code == 404
    assert "légumes" not in client_of(people["paul"]).get("/recherche/suivies").text


def test_something_new_is_told_once(make, people, client_of, drain, rows):
    old = make.question(people["paul"], title="Des trottinettes pour les agents ?")
    drain()
    follow(client_of(people["claire"]), "trottinettes électriques")
    make.question(people["paul"], title="Des trottinettes pour la mairie ?")
    question = make.question(people["paul"], title="Quelles trottinettes électriques pour les agents ?")
    drain()
    assert told(rows, people["claire"]) == [question]
    make.answer(question, people["paul"])
    make.answer(old, people["paul"], "Prenez des trottinettes électriques.")
    drain()
    assert told(rows, people["claire"]) == [question]
    assert "Du nouveau pour une recherche que vous suivez" in client_of(people["claire"]).get("/notifications").text


def test_handling_the_event_twice_tells_once(app, make, people, client_of, drain, rows):
    follow(client_of(people["claire"]), "trottinettes")
    question = make.question(people["paul"], title="Des trottinettes ?")
    drain()
    with app.app_context():
        from community.core.clock import now
        from community.core.db import db
        from community.services.search.following import tell_followers

        tell_followers([question], now(), {question: people["paul"]})
        db.session.commit()
        db.session.remove()
    assert told(rows, people["claire"]) == [question]


def test_one_s_own_page_and_filters_are_respected(make, people, client_of, drain, rows):
    follow(client_of(people["claire"]), "trottinettes", type="sheet")
    follow(client_of(people["paul"]), "trottinettes", type="question", etiquette="mobilite")
    own = make.question(people["paul"], title="Des trottinettes ?", tags=["mobilité"])
    tagged = make.question(people["claire"], title="Encore des trottinettes ?", tags=["mobilité"])
    make.question(people["claire"], title="Toujours des trottinettes ?")
    sheet = make.sheet(people["paul"], title="Nos trottinettes")
    drain()
    assert told(rows, people["claire"]) == [sheet]
    assert told(rows, people["paul"]) == [tagged] != [own]


def test_what_may_not_be_seen_is_not_told(make, people, client_of, drain, rows):
    make.community("cercle", name="Cercle discret", access="invitation", visibility="members")
    insider = make.member(communities={"cercle": "member"})
    other = make.member(communities={"cercle": "member"})
    for person in (people["claire"], other):
        follow(client_of(person), "pangolins")
    secret = make.question(insider, "cercle", title="Des pangolins en secret ?")
    drain()
    assert told(rows, people["claire"]) == []
    assert told(rows, other) == [secret]


def test_misspelt_words_match_only_what_holds_them(make, people, client_of, drain, rows):
    follow(client_of(people["claire"]), "trotinetes")
    make.question(people["paul"], title="Des trottinettes ?")
    drain()
    assert told(rows, people["claire"]) == []


@pytest.mark.parametrize("words", ["", "   "])
def test_nothing_cannot_be_followed(people, client_of, words: str):
    assert client_of(people["claire"]).post("/recherche/suivies", {"q": words}).status_code == 409


def test_following_needs_to_be_signed_in(people, visitor, rows):
    assert visitor.post("/recherche/suivies", {"q": "pain"}).status_code != 500
    assert rows(FollowedSearch) == []
    assert visitor.get("/recherche/suivies").status_code == 302


def test_a_member_follows_at_most_fifty(app, people, client_of, rows):
    from community.core.db import db

    with app.app_context():
        db.session.add_all(
            FollowedSearch(member_id=people["claire"], words=f"mot{n}", filters={}, signature=f"s{n}")
            for n in range(50)
        )
        db.session.commit()
        db.session.remove()
    assert client_of(people["claire"]).post("/recherche/suivies", {"q": "pain"}).status_code == 409
