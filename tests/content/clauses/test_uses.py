"""« J’ai utilisé cette clause »: told in half a minute, balanced on the page."""

from __future__ import annotations


def test_a_use_is_told_and_balanced(people, make, client_of, visitor):
    clause = make.clause(people.claire, people.ines, title="Étiquette de lot")
    sheet = make.sheet(people.paul, title="Un marché de légumes")
    path = f"/clauses/{clause}-etiquette-de-lot/usage"
    assert "Personne n’a encore dit" in visitor.get(f"/clauses/{clause}", follow_redirects=True).text
    paul = client_of(people.paul)
    assert paul.submit(path, {}).status_code == 422
    told = {
        "outcome": "accepted",
        "adapted": "y",
        "context": "Légumes, trois lots",
        "result": "Aucune question.",
        "sheet": str(sheet),
    }
    assert paul.submit(path, told).status_code == 303
    assert client_of(people.ines).submit(path, {"outcome": "challenged"}).status_code == 303
    page = visitor.get(f"/clauses/{clause}", follow_redirects=True).text
    for words in ("2 usages racontés", "dont 1 adapté", "Acceptée sans difficulté : 1", "Contestée : 1"):
        assert words in page.replace("\u00a0", " ")
    page = visitor.get(f"/clauses/{clause}-etiquette-de-lot/usages").text
    assert "Aucune question." in page and "Un marché de légumes" in page and "Légumes, trois lots" in page


def test_telling_twice_by_mistake_tells_once(people, make, client_of, visitor):
    clause = make.clause(people.claire, people.ines, title="Étiquette de lot")
    paul = client_of(people.paul)
    for _time in range(2):
        paul.post(f"/clauses/{clause}-etiquette-de-lot/usage", {"outcome": "accepted", "once": "same"})
    assert "1 usage raconté" in visitor.get(f"/clauses/{clause}", follow_redirects=True).text


def test_a_visitor_is_asked_to_sign_in(people, make, visitor):
    clause = make.clause(people.claire, people.ines, title="Étiquette de lot")
    assert visitor.get(f"/clauses/{clause}-etiquette-de-lot/usage").status_code == 302
