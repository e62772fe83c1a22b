"""« Cité dans » beside a sheet and a question: who cites them, as far as the reader may see it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from told import told_once

from community.abilities.links.actions import add_link
from community.contributions.models import Contribution
from community.core.db import db
from community.people.accounts.identity import identity_of


@told_once
def scene(make) -> SimpleNamespace:
    make.community("cantines")
    claire = make.member("Claire Martin", communities={"cantines": "member"})
    paul = make.member("Paul Roche", communities={"cantines": "expert"})
    sheet = make.sheet(claire, title="Douze lots de denrées")
    question = make.question(claire, title="Comment allotir ?")
    return SimpleNamespace(claire=claire, paul=paul, sheet=sheet, question=question)


def cited_in(client, path: str) -> str:
    """The rail from « Cité dans » on; nothing when there is no such section."""
    response = client.get(path, follow_redirects=True)
    assert response.status_code == 200
    return response.text.partition("<h2>Cité dans</h2>")[2].partition("</section>")[0]


@pytest.mark.parametrize("kind", ["sheet", "question"])
def test_a_page_says_once_each_page_that_cites_it(make, visitor, scene, kind):
    target = f"[[{kind}:{getattr(scene, kind)}]]"
    path = {"sheet": f"/fiches/{scene.sheet}", "question": f"/questions/{scene.question}"}[kind]
    assert cited_in(visitor, path) == ""
    asked = make.question(scene.paul, title="Quel seuil pour les petits lots ?", body=f"Comme là : {target}, je crois.")
    answer = make.answer(asked, scene.claire, f"Voyez {target}.")
    make.comment(answer, scene.paul, f"Et relisez {target}.")
    made = make.sheet(scene.paul, title="Trois lots de volaille", lessons=f"Nous avons repris {target}.")
    found = cited_in(visitor, path)
    assert found.count("<li") == 2
    assert f"/questions/{asked}-quel-seuil-pour-les-petits-lots" in found
    assert f"/fiches/{made}-trois-lots-de-volaille" in found


def test_a_page_that_cites_itself_is_not_said(make, visitor, scene):
    make.answer(scene.question, scene.paul, f"Comme le dit [[question:{scene.question}]], tout est là.")
    assert cited_in(visitor, f"/questions/{scene.question}") == ""


def test_what_one_may_not_see_is_not_said(make, visitor, client_of, scene):
    make.community("secret", visibility="members")
    nadia = make.member("Nadia", communities={"secret": "member", "cantines": "member"})
    make.question(nadia, "secret", title="Question confidentielle", body=f"Voir [[sheet:{scene.sheet}]] à ce sujet.")
    path = f"/fiches/{scene.sheet}"
    for outsider in (visitor, client_of(scene.paul)):
        assert cited_in(outsider, path) == ""
        assert "confidentielle" not in outsider.get(path, follow_redirects=True).text
    assert "Question confidentielle" in cited_in(client_of(nadia), path)


def test_what_was_removed_cites_no_more(make, visitor, client_of, scene):
    asked = make.question(scene.paul, title="Quel seuil ?")
    answer = make.answer(asked, scene.paul, f"Tout est dans [[sheet:{scene.sheet}]].")
    path = f"/fiches/{scene.sheet}"
    assert "Quel seuil" in cited_in(visitor, path)
    client_of(scene.paul).post(f"/reponses/{answer}/retrait")
    assert cited_in(visitor, path) == ""


def test_a_linked_page_stays_linked_and_keeps_its_place_when_it_cites(app, make, visitor, scene):
    """A page that is linked and cites is said in both places; links keep theirs however many pages cite."""
    for number in range(12):
        make.question(scene.paul, title=f"Question numéro {number}", body=f"D’après [[sheet:{scene.sheet}]], non ?")
    make.answer(scene.question, scene.claire, f"Voir [[sheet:{scene.sheet}]].")
    with app.app_context():
        ends = (db.session.get(Contribution, scene.question), db.session.get(Contribution, scene.sheet))
        add_link(*ends, identity_of(scene.paul))
        db.session.commit()
    text = visitor.get(f"/fiches/{scene.sheet}", follow_redirects=True).text
    linked = text.partition("Questions auxquelles elle répond")[2].partition("</section>")[0]
    assert "Comment allotir" in linked
    found = cited_in(visitor, f"/fiches/{scene.sheet}")
    assert found.count("<li") == 10
    assert "Comment allotir" in found


def test_citations_cost_no_statement(make, visitor, client_of, statements, scene):
    asked = make.question(scene.paul, title="Quel seuil ?")
    path = {}
    for kind, place in (("question", f"/questions/{scene.question}"), ("sheet", f"/fiches/{scene.sheet}")):
        make.answer(asked, scene.paul, f"Tout est dans [[{kind}:{getattr(scene, kind)}]].")
        path[kind] = visitor.get(place).location
    for client, most in ((client_of(scene.claire), 8), (visitor, 5)):
        for address in path.values():
            with statements() as counted:
                assert "Cité dans" in client.get(address).text
            assert counted.count <= most, counted.statements
