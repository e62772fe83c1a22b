"""Reading the library: the list and its facets, a clause's page, who sees what, and what it costs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from told import told_once

from community.content.clauses.models import Clause
from community.content.clauses.queries import proposal
from community.content.clauses.reviewing import retire
from community.core.clock import now
from community.core.db import db


@told_once
def library(people, make) -> dict[str, int]:
    """Three clauses of the public community and one that only members of « secret » may know of."""
    make.community("secret", visibility="members")
    keeper = make.member("Nadia Secret", communities={"secret": "moderator"})
    other = make.member("Luc Secret", communities={"secret": "member"})
    return {
        "cctp": make.clause(people.claire, people.ines, title="Fraîcheur des légumes"),
        "rc": make.clause(
            people.claire,
            people.ines,
            title="Critère de fraîcheur",
            target_document="RC",
            kind_of_clause="award_criterion",
        ),
        "ccap": make.clause(
            people.claire,
            people.ines,
            title="Pénalité de retard",
            target_document="CCAP",
            cpv=["45000000"],
            contract_types=["works"],
        ),
        "hidden": make.clause(other, keeper, "secret", title="Clause confidentielle"),
    }


def titles(page: str) -> list[str]:
    return re.findall(r"<h2><a href=\"/clauses/[^\"]+\">([^<]+)</a></h2>", page)


def count_of(page: str, words: str) -> int | None:
    found = re.search(rf"<span>{re.escape(words)}</span><span>(\d+)</span>", page)
    return int(found.group(1)) if found else None


def test_the_list_shows_what_one_may_see(visitor, library):
    page = visitor.get("/clauses").text
    assert sorted(titles(page)) == ["Critère de fraîcheur", "Fraîcheur des légumes", "Pénalité de retard"]
    assert "confidentielle" not in page
    for words in ("CCTP", "Spécification technique", "Bonne pratique", "version 1", "valable jusqu’au"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("piece=RC", ["Critère de fraîcheur"]),
        ("piece=RC&piece=CCTP", ["Critère de fraîcheur", "Fraîcheur des légumes"]),
        ("type=award_criterion", ["Critère de fraîcheur"]),
        ("nature=works", ["Pénalité de retard"]),
        ("cpv=45", ["Pénalité de retard"]),
        ("cpv=15&piece=RC", ["Critère de fraîcheur"]),
        ("dimension=social", []),
        (
            "confiance=peer_reviewed&ambition=good_practice",
            ["Critère de fraîcheur", "Fraîcheur des légumes", "Pénalité de retard"],
        ),
        ("communaute=cantines", ["Critère de fraîcheur", "Fraîcheur des légumes", "Pénalité de retard"]),
        ("communaute=secret", []),
        ("etat=retired", []),
        ("piece=%00", ["Critère de fraîcheur", "Fraîcheur des légumes", "Pénalité de retard"]),
    ],
)
def test_facets_narrow_the_list(visitor, library, query, expected):
    assert sorted(titles(visitor.get(f"/clauses?{query}").text)) == expected


def test_facets_count_what_the_reader_may_see_with_the_other_filters(visitor, library):
    page = visitor.get("/clauses?piece=RC").text
    assert count_of(page, "Règlement de la consultation (RC)") == 1
    assert count_of(page, "Cahier des clauses techniques (CCTP)") == 1
    assert count_of(page, "Spécification technique") is None
    assert count_of(page, "Cantines") == 1
    assert "Secret" not in page


def test_sorting(app, visitor, library):
    with app.test_request_context("/", method="POST"):
        db.session.get(Clause, library["rc"]).copies_count = 9
        db.session.commit()
    assert titles(visitor.get("/clauses?tri=used").text)[0] == "Critère de fraîcheur"
    assert titles(visitor.get("/clauses").text)[0] == "Pénalité de retard"


def test_words_are_looked_for_in_the_index(visitor, library, drain):
    drain()
    assert titles(visitor.get("/clauses?q=pénalités+retard").text)[0] == "Pénalité de retard"
    assert titles(visitor.get("/clauses?q=confidentielle").text) == []


def test_the_page_says_what_a_buyer_needs(visitor, people, make):
    clause = make.clause(
        people.claire,
        people.ines,
        applies_when="Livraisons fréquentes.",
        avoid_when="Produits surgelés.",
        cautions="Ne désignez aucune origine.",
        penalty="Réfaction de {{taux}} %.",
        scoring_hint="Linéaire.",
        source="Atelier juridique.",
    )
    page = visitor.get(f"/clauses/{clause}", follow_redirects=True).text
    for words in (
        '<a class="variable" href="#variable-delai_heures">[délai heures]</a>', 'id="variable-delai_heures"',
        "Obtenir des légumes frais", "Livraisons fréquentes", "Produits surgelés", "Ne désignez aucune origine",
        "Bordereau de suivi", "À chaque livraison", "Réfaction de", "Linéaire", "Atelier juridique", "R2111-10",
        "vérifié le 5 octobre 2026", "https://www.legifrance.gouv.fr/search/code?", "Claire Martin", "Inès Benali",
        "a validé", "a proposé",
    ):  # fmt: skip
        assert words in page, words


def test_related_clauses_both_ways_and_only_those_one_may_see(visitor, people, make, library, client_of):
    clause = make.clause(
        people.claire,
        people.ines,
        title="Étiquette de lot",
        requires=[library["cctp"], library["hidden"]],
        excludes=[library["rc"]],
    )
    page = visitor.get(f"/clauses/{clause}", follow_redirects=True).text
    assert "Va avec" in page and "Fraîcheur des légumes" in page
    assert "Incompatible avec" in page and "Critère de fraîcheur" in page
    assert "confidentielle" not in page
    back = visitor.get(f"/clauses/{library['cctp']}", follow_redirects=True).text
    assert "Nécessaire à" in back and "Étiquette de lot" in back


def test_a_passed_review_date_is_said(app, visitor, people, make, library):
    with app.test_request_context("/", method="POST"):
        db.session.get(Clause, library["rc"]).review_due = (now() - timedelta(days=3)).date()
        db.session.commit()
    assert "devait être relue" in visitor.get(f"/clauses/{library['rc']}", follow_redirects=True).text
    assert "devait être relue" not in visitor.get(f"/clauses/{library['cctp']}", follow_redirects=True).text
    assert titles(visitor.get("/clauses?etat=overdue").text) == ["Critère de fraîcheur"]


def test_a_withdrawn_clause_stays_readable_and_names_its_successor(app, visitor, people, make, library):
    with app.test_request_context("/", method="POST"):
        user = make._user(people.ines)
        retire(
            make._get(Clause, library["rc"], people.ines),
            user,
            "Critère illégal.",
            db.session.get(Clause, library["cctp"]),
        )
        db.session.commit()
    page = visitor.get(f"/clauses/{library['rc']}", follow_redirects=True)
    assert page.status_code == 200
    assert "Clause retirée" in page.text and "Critère illégal." in page.text and "À la place" in page.text
    assert "Critère de fraîcheur" not in titles(visitor.get("/clauses").text)
    assert titles(visitor.get("/clauses?etat=retired").text) == ["Critère de fraîcheur"]


def test_a_clause_of_a_hidden_community_does_not_exist_for_others(visitor, library, people, client_of):
    for client in (visitor, client_of(people.ines)):
        assert client.get(f"/clauses/{library['hidden']}").status_code == 404
        assert client.get(f"/clauses/{library['hidden']}-clause-confidentielle/v1").status_code == 404


def test_a_proposal_is_on_no_list_and_its_clause_is_no_page(visitor, people, make, client_of, app):
    version = make.proposal(people.claire, title="Clause pas encore lue")
    with app.test_request_context("/"):
        clause = proposal(version, make._user(people.claire)).clause_id
    for client in (visitor, client_of(people.other), client_of(people.ines), client_of(people.claire)):
        assert client.get(f"/clauses/{clause}").status_code == 404
        assert "pas encore lue" not in client.get("/clauses").text
    assert "pas encore lue" not in visitor.get("/").text


def test_budgets(statements, client_of, visitor, people, make, library):
    for number in range(6):
        make.clause(people.claire, people.ines, title=f"Encore une clause {number}")
    clause = library["cctp"]
    make.validated(make.change(clause, people.paul), people.ines)
    make.comment(clause, people.paul)
    address = visitor.get(f"/clauses/{clause}").headers["Location"]
    client = client_of(people.ines)
    for path, most in (("/clauses", 6), ("/clauses?piece=CCTP&tri=used", 6), (address, 9)):
        for reader in (visitor, client):
            with statements() as counted:
                assert reader.get(path).status_code == 200
            assert counted.count <= most, counted.statements


def test_variables_are_read_in_words_everywhere(app, visitor, people, make, client_of, drain):
    said = [{"name": "delai_heures", "label": "Délai de livraison", "unit": "heures", "example": "24"}]
    text = "Livré sous {{ delai_heures }} heures.\n\nPuis {{duree_garde}} jours."
    clause = make.clause(
        people.claire, people.ines, text=text, purpose="Tenir {{delai_heures}}.", variables=said, penalty=""
    )
    answer = visitor.get(f"/clauses/{clause}", follow_redirects=True)
    page = re.sub(r"[\u00a0\u202f]", " ", answer.text)
    link = (
        '<a class="variable" href="#variable-delai_heures" data-about="par exemple 24 heures">[délai de livraison]</a>'
    )
    assert page.count(link) == 2 and "{{" not in page
    assert '<div id="variable-delai_heures"><dt>Délai de livraison</dt> <dd>par exemple 24 heures</dd></div>' in page
    assert "<dt>Durée garde</dt></div>" in page
    assert "Tenir [délai de livraison]." in visitor.get("/clauses").text
    version = make.change(clause, people.claire, text=text, variables=[said[0] | {"unit": "h"}])
    moderator = client_of(people.ines)
    for path in (f"/clauses/relecture?proposition={version}", f"/clauses/propositions/{version}"):
        page = moderator.get(path).text
        assert "{{" not in page and "(delai_heures)" in page, path
    assert "{{ delai_heures }}" in client_of(people.claire).get(f"/clauses/propositions/{version}/modifier").text
    make.validated(version, people.ines)
    changes = visitor.get(f"{answer.request.path}/comparer").text
    assert "{{" not in changes and 'id="champ-variables"' in changes and 'id="champ-text"' not in changes
    drain()
    assert "{{" not in visitor.get("/recherche?q=livraison+garde").text
