"""Moderators answer searches that find nothing: synonyms, chosen results, tasks; and nobody else sees these pages."""

from __future__ import annotations

import time

import pytest
from told import told_once

from community.services.search import synonyms
from community.services.search.models import PinnedResult, SearchMiss, SearchSynonym

PAGES = (
    "/moderation/recherches",
    "/moderation/recherches/epingles",
    "/moderation/synonymes",
    "/moderation/synonymes/nouveau",
)
POSTS = (
    "/moderation/recherches/1/ignorer",
    "/moderation/recherches/1/tache",
    "/moderation/recherches/1/reouverture",
    "/moderation/recherches/epingles",
    "/moderation/recherches/epingles/1/retrait",
    "/moderation/synonymes/nouveau",
    "/moderation/synonymes/1/modifier",
    "/moderation/synonymes/1/etat",
)


@told_once
def scene(make, people, drain) -> int:
    sheet = make.sheet(people["paul"], title="Nos bicyclettes de service")
    drain()
    return sheet


@pytest.fixture
def miss(app, scene, rows):
    from community.core.db import db
    from community.services.search.misses import count_miss

    def add(words: str) -> int:
        with app.app_context():
            count_miss(words)
            db.session.commit()
            db.session.remove()
        return next(row.id for row in rows(SearchMiss) if row.words == words)

    return add


def test_only_moderators_and_administrators_see_them(make, people, visitor, client_of):
    outsider, administrator = make.member(), make.member(platform_role="administrator")
    for path in PAGES:
        assert visitor.get(path).status_code == 302
        for person in (people["claire"], people["paul"], outsider):
            assert client_of(person).get(path).status_code == 403
        for person in (people["zoe"], administrator):
            assert client_of(person).get(path).status_code == 200
    for path in POSTS:
        assert client_of(people["claire"]).post(path).status_code == 403


def test_searches_are_listed_with_their_count_oldest_first(people, miss, client_of):
    miss("chariot cargo")
    miss("okapi")
    miss("cargo chariots")
    text = client_of(people["zoe"]).get("/moderation/recherches").text
    assert text.index("cargo chariots") < text.index("okapi")
    assert "2 recherches" in text


def test_ignoring_and_opening_again(people, miss, client_of, rows):
    client, id = client_of(people["zoe"]), miss("okapi")
    assert client.post(f"/moderation/recherches/{id}/ignorer").status_code == 303
    assert "okapi" not in client.get("/moderation/recherches").text
    assert "ignorée" in client.get("/moderation/recherches?vue=traitees").text
    miss("okapi")
    assert rows(SearchMiss)[0].outcome == "ignored", "what is ignored stays so"
    client.post(f"/moderation/recherches/{id}/reouverture")
    assert "okapi" in client.get("/moderation/recherches").text


@pytest.mark.parametrize(("ecrire", "form"), [("question", "/questions/nouvelle"), ("fiche", "/fiches/nouvelle")])
def test_a_task_opens_a_form_filled_in(people, miss, client_of, rows, ecrire: str, form: str):
    client, id = client_of(people["zoe"]), miss("chariot cargo")
    answer = client.post(f"/moderation/recherches/{id}/tache", {"ecrire": ecrire})
    assert answer.headers["Location"].startswith(form)
    assert 'value="chariot cargo"' in client.get(answer.headers["Location"]).text
    assert (rows(SearchMiss)[0].outcome, rows(SearchMiss)[0].solved_by_id) == ("task", people["zoe"])


def test_a_synonym_is_previewed_saved_and_takes_effect(people, miss, client_of, visitor, find, rows):
    client, id = client_of(people["zoe"]), miss("biclou")
    miss("okapi")
    assert "Rien ne correspond" in find(visitor, "biclou")
    address = f"/moderation/synonymes/nouveau?recherche={id}&mots=biclou"
    assert "biclou" in client.get(address).text
    fields = {"expressions": "biclou\nbicyclette"}
    shown = client.post(address, fields | {"apercu": "1"}).text
    assert "Sur les 2 dernières recherches" in shown.replace("\xa0", " ") and "1 change." in shown
    assert "Nos bicyclettes de service" in shown
    assert rows(SearchSynonym) == []
    assert client.post(address, fields).status_code == 303
    assert "Nos <mark>bicyclettes</mark>" in find(visitor, "biclou")
    assert next(row for row in rows(SearchMiss) if row.id == id).outcome == "synonym"


def test_editing_and_deactivating_take_effect(people, scene, client_of, visitor, find, rows):
    client = client_of(people["zoe"])
    client.post("/moderation/synonymes/nouveau", {"expressions": "biclou = bicyclette"})
    group = rows(SearchSynonym)[0].id
    assert "bicyclettes" in find(visitor, "biclou")
    client.post(f"/moderation/synonymes/{group}/modifier", {"expressions": "petite reine = bicyclette"})
    assert "bicyclettes" not in find(visitor, "biclou")
    assert "bicyclettes" in find(visitor, "petite reine")
    client.post(f"/moderation/synonymes/{group}/etat", {"active": "0"})
    assert "bicyclettes" not in find(visitor, "petite reine")
    client.post(f"/moderation/synonymes/{group}/etat", {"active": "1"})
    assert "bicyclettes" in find(visitor, "petite reine")


def test_reads_that_have_no_page_see_it_within_seconds(app, scene, people, client_of, monkeypatch):
    """Close content, lists and the worker look at the version at most every two seconds."""
    from community.services.search.index import reader

    monkeypatch.setattr(synonyms, "CHECK_EVERY", 3600)
    with app.test_request_context("/"):
        before = reader().synonyms
    client_of(people["zoe"]).post("/moderation/synonymes/nouveau", {"expressions": "biclou = bicyclette"})
    with app.test_request_context("/"):
        assert reader().synonyms is before
        monkeypatch.setattr(synonyms, "CHECK_EVERY", 0.01)
        time.sleep(0.02)
        assert reader().synonyms.expand(["biclou"])


@pytest.mark.parametrize("typed", ["", "seul", "le\nla", "un deux trois quatre cinq six sept\nvélo"])
def test_a_group_needs_two_expressions(people, scene, client_of, rows, typed: str):
    answer = client_of(people["zoe"]).post("/moderation/synonymes/nouveau", {"expressions": typed})
    assert answer.status_code == 422
    assert rows(SearchSynonym) == []


def test_a_chosen_result_comes_first_with_its_mark(make, people, miss, scene, client_of, visitor, find, rows, drain):
    question = make.question(people["claire"], title="Un chariot cargo pour le courrier ?")
    drain()
    client, id = client_of(people["zoe"]), miss("chariot cargo électrique")
    fields = {"words": "chariot cargo", "page": f"https://exemple.fr/fiches/{scene}-nos-bicyclettes"}
    assert client.post(f"/moderation/recherches/epingles?recherche={id}", fields).status_code == 303
    assert client.post("/moderation/recherches/epingles", fields).status_code == 303
    assert len(rows(PinnedResult)) == 1 and rows(SearchMiss)[0].outcome == "pin"
    page = find(visitor, "cargo chariots")
    assert page.index("choisi par les animateurs") < page.index(f"/questions/{question}-")
    assert page.count(f"/fiches/{scene}-") == 1
    assert "choisi par les animateurs" not in find(visitor, "chariot cargo", type="question")
    client.post(f"/moderation/recherches/epingles/{rows(PinnedResult)[0].id}/retrait")
    assert "choisi par les animateurs" not in find(visitor, "chariot cargo")


def test_a_chosen_result_is_shown_to_those_who_may_see_it(make, people, client_of, visitor, find, rows, drain):
    make.community("cercle", access="invitation", visibility="members")
    insider = make.member(communities={"cercle": "moderator"})
    secret = make.question(insider, "cercle", title="Des pangolins en secret ?")
    drain()
    fields = {"words": "animal rare", "page": f"/questions/{secret}"}
    refused = client_of(people["zoe"]).post("/moderation/recherches/epingles", fields)
    assert refused.status_code == 422 and "pangolins" not in refused.text
    assert client_of(insider).post("/moderation/recherches/epingles", fields).status_code == 303
    assert "pangolins" in find(client_of(insider), "animal rare")
    for client in (visitor, client_of(people["zoe"])):
        assert "pangolins" not in find(client, "animal rare")
    assert "pangolins" not in client_of(people["zoe"]).get("/moderation/recherches/epingles").text
    id = rows(PinnedResult)[0].id
    assert client_of(people["zoe"]).post(f"/moderation/recherches/epingles/{id}/retrait").status_code == 404


def test_a_preview_shows_nothing_that_the_moderator_may_not_see(make, people, miss, client_of, drain):
    make.community("cercle", access="invitation", visibility="members")
    insider = make.member(communities={"cercle": "member"})
    make.question(insider, "cercle", title="Des pangolins en secret ?")
    drain()
    miss("manis")
    fields = {"expressions": "manis\npangolin", "apercu": "1"}
    assert "en secret" not in client_of(people["zoe"]).post("/moderation/synonymes/nouveau", fields).text
