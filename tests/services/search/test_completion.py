"""The search box completes operators and their values, with what the reader may know and nothing else."""

from __future__ import annotations

import pytest
from told import told_once


@told_once
def scene(make, people, drain):
    make.community("cercle", name="Cercle discret", access="invitation", visibility="members")
    insider = make.member("Inès Dedans", communities={"cercle": "member"})
    make.question(people["claire"], title="Des fenêtres pour l’école ?", tags=["isolation"])
    make.question(insider, "cercle", title="Des fenêtres en secret ?", tags=["isolement secret"])
    make.sheet(people["paul"], title="Fenêtres en bois")
    drain()
    return insider


def lines(client, text: str) -> list[dict[str, str]]:
    return client.get("/recherche/completion", query_string={"q": text}).json


def texts(client, text: str) -> list[str]:
    return [line["text"].strip() for line in lines(client, text)]


def test_tags_and_communities_that_one_may_know(people, scene, visitor, client_of):
    assert texts(visitor, "fenêtre etiquette:iso") == ["fenêtre etiquette:isolation"]
    assert len(texts(client_of(scene), "etiquette:iso")) == 2
    assert texts(visitor, "communaute:") == ["communaute:cantines"]
    assert texts(client_of(scene), "communauté:disc") == ["communauté:cercle"]


def test_members_are_proposed_to_members_only(people, scene, visitor, client_of):
    assert texts(visitor, "auteur:cla") == []
    assert texts(client_of(people["paul"]), "auteur:cla") == ['auteur:"Claire Martin"']
    assert texts(client_of(people["paul"]), 'pain auteur:"claire ma') == ['pain auteur:"Claire Martin"']


def test_types_days_and_operators(people, scene, visitor, client_of):
    assert texts(visitor, "type:f") == ["type:fiche"]
    assert texts(visitor, "type:m") == []
    assert texts(client_of(people["paul"]), "type:m") == ["type:membre"]
    assert len(texts(visitor, "après:20")) == 3
    assert "fenêtre etiquette:" in texts(visitor, "fenêtre etiq")


def test_what_is_completed_searches(people, scene, visitor, client_of, find):
    assert "1 résultat" in find(visitor, texts(visitor, "fenêtres etiquette:iso")[0])
    member = client_of(people["paul"])
    assert "1 résultat" in find(member, texts(member, "fenêtres auteur:cla")[0])


def test_titles_come_grouped_by_kind(make, people, scene, visitor, drain):
    make.question(people["claire"], title="Fenêtres cassées : que faire ?")
    make.sheet(people["paul"], title="Fenêtres : le bilan")
    drain()
    kinds = [line["kind"] for line in lines(visitor, "fenêtr")]
    assert len(kinds) == 4
    assert kinds == sorted(kinds, key=kinds.index), "those of one kind are together"
    assert all(line["url"] for line in lines(visitor, "fenêtr"))


@pytest.mark.parametrize("text", ["", ":", "etiquette:%", 'auteur:"', "avant:zzz", "(" * 300, "type:" * 50, "\x00"])
def test_strange_texts_answer(people, scene, visitor, text: str):
    assert visitor.get("/recherche/completion", query_string={"q": text}).status_code == 200


def test_completion_costs_two_statements(people, scene, client_of, statements):
    client = client_of(people["claire"])
    for text in ("fenêtr", "etiquette:iso", "communaute:c", "auteur:cla"):
        with statements() as counted:
            lines(client, text)
        assert counted.count <= 2, counted.statements


def test_titles_say_why_in_words_as_they_are_written(people, scene, visitor):
    found = {line["title"]: line["why"].replace("\u00a0", " ") for line in lines(visitor, "fenetres pour ecol")}
    assert found["Des fenêtres pour l’école ?"] == "parce que : fenêtres, école" or (
        found["Des fenêtres pour l’école ?"] == "parce que : école, fenêtres"
    )
    assert found["Fenêtres en bois"] == "parce que : fenêtres"
