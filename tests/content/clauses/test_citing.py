"""Citing: a version named in a text, shown as far as its reader may see it, found again from the clause."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from told import told_once

from community.abilities.citations.models import Citation
from community.core.db import db


@told_once
def cited(people, make):
    """A clause in its second version, and a question whose answer cites the first one."""
    clause = make.clause(people.claire, people.ines, title="Délai récolte – livraison")
    make.validated(make.change(clause, people.paul), people.ines)
    question = make.question(people.claire, title="Comment demander des légumes frais ?")
    answer = make.answer(question, people.paul, f"Voyez celle-ci.\n\n[[clause:{clause}@1]]\n\nElle a tenu.")
    return clause, question, answer


def citations(app) -> list[tuple]:
    with app.app_context():
        query = select(Citation.source_id, Citation.target_id, Citation.version, Citation.how).order_by(Citation.id)
        return [tuple(row) for row in db.session.execute(query)]


def page(client, path: str) -> str:
    response = client.get(path, follow_redirects=True)
    assert response.status_code == 200
    return response.text


def test_a_citation_is_a_card_with_its_version(visitor, cited):
    clause, question, _answer = cited
    text = page(visitor, f"/questions/{question}")
    assert f'href="/clauses/{clause}-delai-recolte-livraison/v1"' in text
    for words in ("Clause", "CCTP · version 1", "la version 2 est en vigueur"):
        assert words in text
    assert "data-cite" not in text


def test_the_clause_says_where_it_is_cited(app, visitor, cited):
    clause, _question, answer = cited
    assert citations(app) == [(answer, clause, 1, "cited")]
    text = page(visitor, f"/clauses/{clause}")
    assert "Cité dans" in text and "Comment demander des légumes frais" in text


def test_editing_the_text_changes_what_it_cites(app, people, cited, client_of, visitor):
    clause, _question, answer = cited
    paul = client_of(people.paul)
    assert paul.submit(f"/reponses/{answer}/modifier", {"body": "Plus de citation ici, finalement."}).status_code == 303
    assert citations(app) == []
    assert "Cité dans" not in page(visitor, f"/clauses/{clause}")


def test_a_removed_answer_cites_no_more(people, cited, client_of, visitor):
    clause, _question, answer = cited
    client_of(people.paul).post(f"/reponses/{answer}/retrait")
    assert "Cité dans" not in page(visitor, f"/clauses/{clause}")


def test_comments_cite_too(app, people, make, cited, visitor):
    clause, question, _answer = cited
    made = make.comment(question, people.paul, f"Ou la [[clause:{clause}@2]].")
    assert (question, clause, 2, "cited") in citations(app)
    text = page(visitor, f"/questions/{question}")
    assert "CCTP · version 2" in text
    assert made


def test_what_one_may_not_see_says_nothing(make, people, visitor, client_of):
    make.community("secret", visibility="members")
    keeper = make.member("Nadia", communities={"secret": "moderator", "cantines": "member"})
    luc = make.member("Luc", communities={"secret": "member"})
    hidden = make.clause(luc, keeper, "secret", title="Clause confidentielle")
    question = make.question(keeper, body=f"Celle-ci conviendrait-elle ? [[clause:{hidden}@1]]")
    text = page(visitor, f"/questions/{question}")
    assert "contenu non accessible" in text
    assert "confidentielle" not in text and f"/clauses/{hidden}" not in text
    assert "Clause confidentielle" in page(client_of(keeper), f"/questions/{question}")


@pytest.mark.parametrize(
    "reference", ["clause:99999@1", "clause:{clause}@7", "sheet:{clause}", "member:1", "clause:99999999999"]
)
def test_a_citation_of_nothing_is_closed(make, people, visitor, cited, reference):
    reference = reference.format(clause=cited[0])
    question = make.question(people.claire, body=f"Et celle-ci, qu’en pensez-vous : [[{reference}]] ?")
    text = page(visitor, f"/questions/{question}")
    assert text.count("contenu non accessible") == 1


def test_a_proposal_cannot_be_seen_through_a_citation(app, make, people, visitor, client_of):
    from community.content.clauses.models import ClauseVersion

    version = make.proposal(people.claire, title="Pas encore lue")
    with app.app_context():
        clause = db.session.get(ClauseVersion, version).clause_id
    question = make.question(people.claire, body=f"Que dites-vous de celle-là ? [[clause:{clause}@1]]")
    for client in (visitor, client_of(people.ines)):
        assert "Pas encore lue" not in page(client, f"/questions/{question}")


def test_one_statement_for_all_citations(statements, client_of, visitor, people, make, cited):
    clause, question, _answer = cited
    for _number in range(6):
        make.answer(question, people.paul, f"[[clause:{clause}@1]] et [[question:{question}]] et [[clause:{clause}]].")
    address = visitor.get(f"/questions/{question}").headers["Location"]
    for client, most in ((client_of(people.ines), 9), (visitor, 6)):
        with statements() as counted:
            assert client.get(address).status_code == 200
        assert counted.count <= most, counted.statements


def test_the_editor_is_given_what_may_be_cited(drain, people, make, cited, client_of, visitor):
    clause, _question, _answer = cited
    make.community("secret", visibility="members")
    keeper, luc = (
        make.member("Nadia", communities={"secret": "moderator"}),
        make.member("Luc", communities={"secret": "member"}),
    )
    make.clause(luc, keeper, "secret", title="Délai confidentiel")
    drain()
    claire = client_of(people.claire)
    found = claire.get("/citations/completion?q=délai").json
    assert found == [
        {
            "ref": f"clause:{clause}@2",
            "title": "Délai récolte – livraison",
            "detail": "Clause · CCTP · version 2 · Cantines",
        }
    ]
    assert "Délai confidentiel" in [hit["title"] for hit in client_of(keeper).get("/citations/completion?q=délai").json]
    assert claire.get("/citations/completion?q=d").json == []
    assert visitor.get("/citations/completion?q=délai").status_code in (302, 401)
    assert "data-cite-url" in page(claire, f"/questions/{_question}")


def test_the_preview_shows_the_card(people, cited, client_of):
    clause, _question, _answer = cited
    html = client_of(people.claire).post("/apercu", {"body": f"[[clause:{clause}@1]]"}).json["html"]
    assert "Délai récolte – livraison" in html and "la version 2 est en vigueur" in html


def test_quoting_keeps_the_source_line(people, cited, client_of):
    clause, _question, _answer = cited
    text = page(client_of(people.claire), f"/clauses/{clause}")
    quotation = re.search(r'<textarea id="pour-citer"[^>]*>([^<]+)</textarea>', text).group(1)
    assert quotation.startswith("&gt; Les légumes") and quotation.rstrip().endswith(f"[[clause:{clause}@2]]")


def test_a_quoted_passage_leads_to_its_version(make, people, visitor, cited):
    clause, _question, _answer = cited
    question = make.question(
        people.claire, body=f"> Les légumes-feuilles.\n>\n> — [[clause:{clause}@1]]\n\nEt chez vous ?"
    )
    quotation = page(visitor, f"/questions/{question}").partition("<blockquote>")[2].partition("</blockquote>")[0]
    assert "Les légumes-feuilles." in quotation
    assert f'href="/clauses/{clause}-delai-recolte-livraison/v1"' in quotation


def test_a_sheet_that_used_a_clause_is_found_from_it(app, make, people, cited, visitor):
    clause, _question, _answer = cited
    sheet = make.sheet(
        people.paul, title="Un marché de légumes", clauses_used=[{"clause_id": clause, "version": 1, "adapted": True}]
    )
    assert (sheet, clause, 1, "used") in citations(app)
    assert "Un marché de légumes" in page(visitor, f"/clauses/{clause}")
    assert "Délai récolte – livraison" in page(visitor, f"/fiches/{sheet}")
