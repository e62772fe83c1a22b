"""The list of documents with its facets, a document's page, and what is said of it elsewhere."""

from __future__ import annotations

from datetime import date

import pytest
from told import told_once

from community.core.db import db


@told_once
def scene(make):
    """Documents of two communities, one of which an outsider may not know."""
    make.community("cantines")
    make.community("secrets", access="invitation", visibility="members")
    author = make.member("Inès Benali", {"cantines": "member", "secrets": "member"})
    food = {"cpv": ["15800000"], "dimensions": ["social"], "tags": ["Allotissement"], "edition_date": date(2026, 3, 1)}
    make.document(author, title="Guide des denrées", issuer="Ville de Clairbois", **food)
    grid = {"cpv": ["15300000", "15800000", "45000000"], "nature": "analysis_grid", "edition_date": date(2024, 5, 2)}
    make.document(author, title="Grille des travaux", issuer="Syndicat du Lac", trust_level="peer_reviewed", **grid)
    make.document(author, "secrets", title="Ce que nul ne sait", issuer="Cercle fermé", nature="report")
    make.document(author, title="Un simple brouillon", published=False)
    return author


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("nature=guide", "Guide des denrées"),
        ("emetteur=Syndicat+du+Lac", "Grille des travaux"),
        ("annee=2024", "Grille des travaux"),
        ("famille=45", "Grille des travaux"),
        ("dimension=social", "Guide des denrées"),
        ("communaute=cantines", "Guide des denrées"),
        ("confiance=peer_reviewed", "Grille des travaux"),
        ("famille=15&nature=guide&nature=analysis_grid", "Guide des denrées"),
    ],
)
def test_each_facet_finds_its_documents(scene, visitor, query, title):
    page = visitor.get(f"/documents?{query}").text
    assert title in page
    assert "Ce que nul ne sait" not in page
    assert "Un simple brouillon" not in page


def test_facets_narrow_each_other(scene, visitor):
    page = visitor.get("/documents?nature=guide&annee=2024").text
    assert "Aucun document ne réunit ces filtres" in page


def test_counts_leave_out_their_own_facet_and_what_one_may_not_see(scene, context):
    from werkzeug.datastructures import MultiDict

    from community.abilities.facets.queries import Filters
    from community.content.documents.facets import DOCUMENTS
    from community.people.accounts.identity import Visitor

    chosen = DOCUMENTS.asked(MultiDict([("nature", "guide")]))
    facets = {facet.name: facet for facet in DOCUMENTS.counted(Visitor(), chosen)}
    counted = {name: {choice.value: choice.count for choice in facet.choices} for name, facet in facets.items()}
    assert counted["nature"] == {"guide": 1, "analysis_grid": 1}
    assert counted["famille"] == {"15": 1}
    assert counted["emetteur"] == {"Ville de Clairbois": 1}
    assert "secrets" not in counted["communaute"]
    assert next(choice.words for choice in facets["famille"].choices) == "Denrées alimentaires et boissons"
    everything = {facet.name: facet for facet in DOCUMENTS.counted(Visitor(), Filters())}
    assert {choice.value: choice.count for choice in everything["famille"].choices} == {"15": 2, "45": 1}


def test_a_page_says_what_it_is(make, visitor, client_of, scene):
    more = {"issuer": "Ville de Clairbois", "edition_date": date(2026, 3, 1), "licence": "open_licence"}
    id = make.document(scene, title="Guide complet", body="Pour **tout** acheteur.", phase="drafting", **more)
    assert visitor.get(f"/documents/{id}").location.endswith(f"/documents/{id}-guide-complet")
    page = visitor.get(f"/documents/{id}-guide-complet").text
    for words in ("Guide complet", "Ville de Clairbois", "1 mars 2026", "Licence Ouverte 2.0", "<strong>tout</strong>"):
        assert words in page
    assert 'rel="nofollow noopener noreferrer external"' in page
    reader = client_of(make.member(communities={"cantines": "member"}))
    assert reader.post(f"/contributions/{id}/vote").status_code == 303
    assert reader.post(f"/contributions/{id}/commentaires", {"body": "Très utile, merci."}).status_code == 303
    assert "Très utile, merci." in visitor.get(f"/documents/{id}-guide-complet").text


def test_it_is_cited_linked_and_counted(make, visitor, client_of, scene, drain):
    from community.people.communities.models import Community

    id = make.document(scene, title="Allotissement des denrées fraîches", body="Allotir les denrées fraîches.")
    asked = make.question(
        scene,
        title="Comment allotir les denrées fraîches de la cantine ?",
        body=f"Nous voulons allotir les denrées fraîches. Voir [[document:{id}]] pour commencer.",
    )
    drain()
    question = visitor.get(f"/questions/{asked}", follow_redirects=True).text
    assert f"/documents/{id}-allotissement-des-denrees-fraiches" in question
    assert "Documents liés" in question
    page = visitor.get(f"/documents/{id}", follow_redirects=True).text
    assert "Cité dans" in page
    assert f"/questions/{asked}-" in page
    found = client_of(scene).get("/citations/completion?q=allotissement").json
    assert any(one["ref"] == f"document:{id}" for one in found)
    close = client_of(scene).get("/questions/proches?title=Allotissement+des+denrées+fraîches").text
    assert f"/documents/{id}-" in close
    with make.app.app_context():
        kept = db.session.query(Community).filter_by(slug="cantines").one().documents_count
        db.session.remove()
    assert kept == 3
    assert ">3</b> documents" in visitor.get("/communautes/cantines").text


def test_the_list_costs_the_same_whatever_its_length(make, scene, client_of, statements):
    client = client_of(scene)
    counts = []
    for _round in range(2):
        for number in range(5):
            make.document(scene, title=f"Document de plus {number}", cpv=["15800000"], tags=[f"lot {number}"])
        with statements() as counted:
            assert client.get("/documents").status_code == 200
        counts.append(counted.count)
    assert counts[0] == counts[1]
    assert counts[0] <= 6


def test_a_page_costs_nine_statements_at_most(make, scene, client_of, visitor, statements, drain):
    pages = [f"Page {number} de texte." for number in range(1, 6)]
    id = make.document(scene, title="Un guide de cinq pages", file=make.file(scene, read=pages))
    drain()
    make.comment(id, scene)
    address = visitor.get(f"/documents/{id}").location
    for client, most in ((client_of(scene), 10), (visitor, 8)):
        with statements() as counted:
            assert client.get(f"{address}?page=3").status_code == 200
        assert counted.count <= most, counted.statements
