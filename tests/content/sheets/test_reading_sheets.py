"""The list of sheets with its facets, and a sheet's page."""

from __future__ import annotations

from datetime import date

import pytest
from client import Client, forms_of
from told import told_once


@told_once
def scene(make):
    """Sheets of two communities, one of which an outsider may not know."""
    make.community("cantines")
    make.community("secrets", access="invitation", visibility="members")
    author = make.member("Inès Benali", {"cantines": "member", "secrets": "member"})
    var = {"contract_type": "supplies", "procedure": "Appel d'offres ouvert", "territory": "83"}
    make.sheet(author, title="Allotir les denrées", tags=["Allotissement"], dimensions=["social"], **var)
    make.sheet(
        author, title="Des repas à domicile", contract_type="services", territory="06", notified_on=date(2024, 5, 2)
    )
    make.sheet(author, "secrets", title="Ce que nul ne sait", tags=["Secret"], contract_type="works", territory="29")
    return author


def test_list_narrows_by_several_facets_together(scene, visitor):
    page = visitor.get("/fiches?nature=supplies&territoire=R93").text
    assert "Allotir les denrées" in page
    assert "Des repas à domicile" not in page
    both = visitor.get("/fiches?nature=supplies&nature=services&territoire=R93").text
    assert "Allotir les denrées" in both
    assert "Des repas à domicile" in both


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("nature=services", "Des repas à domicile"),
        ("procedure=Appel+d%27offres+ouvert", "Allotir les denrées"),
        ("organisme=commune", "Allotir les denrées"),
        ("dimension=social", "Allotir les denrées"),
        ("territoire=R93", "Des repas à domicile"),
        ("territoire=06", "Des repas à domicile"),
        ("annee=2024", "Des repas à domicile"),
        ("communaute=cantines", "Allotir les denrées"),
        ("etiquette=allotissement", "Allotir les denrées"),
    ],
)
def test_each_facet_finds_its_sheets(scene, visitor, query, title):
    assert title in visitor.get(f"/fiches?{query}").text


def test_counts_leave_out_their_own_facet_and_what_one_may_not_see(scene, context):
    from werkzeug.datastructures import MultiDict

    from community.content.sheets.facets import SHEETS
    from community.people.accounts.identity import Visitor

    chosen = SHEETS.asked(MultiDict([("nature", "supplies")]))
    facets = {facet.name: facet for facet in SHEETS.counted(Visitor(), chosen)}
    natures = {choice.value: (choice.count, choice.chosen) for choice in facets["nature"].choices}
    assert natures == {"supplies": (1, True), "services": (1, False)}
    assert [(choice.value, choice.count) for choice in facets["territoire"].choices] == [("R93", 1)]
    assert [choice.value for choice in facets["etiquette"].choices] == ["allotissement"]


def test_region_counts_its_departements_and_opens_them(scene, context):
    from werkzeug.datastructures import MultiDict

    from community.content.sheets.facets import SHEETS
    from community.people.accounts.identity import Visitor

    facets = SHEETS.counted(Visitor(), SHEETS.asked(MultiDict([("territoire", "R93")])))
    choices = next(facet.choices for facet in facets if facet.name == "territoire")
    assert [(choice.value, choice.count) for choice in choices] == [("R93", 2), ("06", 1), ("83", 1)]


def test_members_only_sheet_is_hinted_at_nowhere(scene, visitor):
    for address in ("/fiches", "/fiches?etiquette=secret", "/fiches?communaute=secrets", "/fiches?nature=works"):
        page = visitor.get(address).text
        assert "Ce que nul ne sait" not in page
        assert "Bretagne" not in page
        assert "Travaux</span><span>1" not in page


def test_unknown_filter_gives_an_empty_list_with_a_way_out(scene, visitor):
    page = visitor.get("/fiches?nature=rien&annee=abc&territoire=ZZ&etiquette=%00")
    assert page.status_code == 200
    assert "Aucune fiche ne réunit ces filtres" in page.text


def test_list_pages_by_keyset(scene, make, visitor):
    for number in range(21):
        make.sheet(scene, title=f"Fiche de plus {number}")
    first = visitor.get("/fiches").text
    assert "Plus ancien" in first
    assert first.count('<article class="item">') == 20


def test_list_costs_six_statements_at_most(scene, make, visitor, client_of, statements):
    reader = client_of(scene)
    reader.get("/fiches")
    with statements() as few:
        assert reader.get("/fiches?nature=supplies&territoire=R93&etiquette=allotissement").status_code == 200
    for number in range(12):
        make.sheet(scene, title=f"Encore {number}", tags=[f"mot {number}"], dimensions=["social"])
    with statements() as more:
        reader.get("/fiches?nature=supplies&territoire=R93&etiquette=allotissement")
    assert few.count == more.count <= 6
    with statements() as unsigned:
        visitor.get("/fiches")
    assert unsigned.count <= 5


def publish(client: Client, id: int | str, changes: dict[str, str]) -> None:
    fields = forms_of(client.get(f"/fiches/{id}/modifier").text, "/modifier", "").fields
    assert client.http.post(f"/fiches/{id}/publication", data={**fields, **changes}).status_code == 303


FULL = {
    "need": "Des lots à la taille des producteurs.",
    "difficulties": "Les quais ont **saturé**.",
    "dispute": "Un référé rejeté.",
    "sourcing_done": True,
    "sourcing_note": "Vingt entretiens.",
    "organisation_name": "Ville de Clairbois",
    "organisation_type": "commune",
    "population_band": "50 000 – 99 999 hab.",
    "contract_type": "supplies",
    "procedure": "Appel d'offres ouvert",
    "techniques": ["Accord-cadre"],
    "amount_band": "1 – 5 M€",
    "duration_months": 24,
    "lots": 12,
    "bids_received": 31,
    "notified_on": date(2025, 1, 13),
    "social_considerations": ["Clause sociale"],
    "environmental_considerations": ["Critère environnemental"],
    "award_criteria": [{"label": "Prix", "weight": 40, "method": "Panier"}, {"label": "Qualité", "weight": 55.5}],
    "results": [{"indicator": "Part EGalim", "value": 2.11, "unit": "% des achats", "method": "Ma cantine"}],
    "would_repeat": "adapted",
    "contact": "Service restauration",
    "clauses_used": [
        {"name": "Délai récolte – livraison", "clause_key": "delai-recolte", "version": 3, "adapted": True}
    ],
    "tags": ["Denrées"],
    "cpv": ["15800000"],
    "dimensions": ["environment"],
    "phase": "review",
}


def test_page_shows_the_whole_record(scene, make, visitor):
    id = make.sheet(scene, title="Douze lots pour deux cuisines", **FULL)
    page = visitor.get(f"/fiches/{id}-douze-lots-pour-deux-cuisines").text
    for words in (
        "Ville de Clairbois", "Var", "50 000 – 99 999 hab.", "Fournitures", "Appel d&#39;offres ouvert", "Accord-cadre",
        "1 – 5 M€", "24 mois", "31", "13 janvier 2025", "Clause sociale", "Critère environnemental", "Témoignage",
        "<strong>saturé</strong>", "Un référé rejeté", "Vingt entretiens", "55,5", "95,5", "2,11", "Ma cantine",
        "Oui, en l’adaptant", "Service restauration", "Délai récolte – livraison", "CPV 15800000", "Denrées", "Bilan",
    ):  # fmt: skip
        assert words in page, words
    assert 'class="value" width="41.88"' in page
    assert "style=" not in page


def test_wrong_slug_leads_to_the_right_address(scene, make, visitor):
    id = make.sheet(scene, title="Douze lots")
    for address in (f"/fiches/{id}", f"/fiches/{id}-ancien-titre"):
        answer = visitor.get(address)
        assert (answer.status_code, answer.location) == (301, f"/fiches/{id}-douze-lots")
    asked = "title=a&id=2&slug=b&kind=c&_external=1&mots=d%27e&mots=f"
    assert visitor.get(f"/fiches/{id}?{asked}").location == f"/fiches/{id}-douze-lots?{asked}"
    assert visitor.get("/fiches/999999-rien").status_code == 404


def test_page_costs_eight_statements_signed_in_five_for_a_visitor(scene, make, visitor, client_of, statements):
    id = make.sheet(scene, title="Douze lots", **FULL)
    question = make.question(scene, title="Comment allotir les denrées fraîches ?")
    helper = make.member("Paul Roche", {"cantines": "expert"})
    make.answer(question, helper)
    client = client_of(helper)
    drawn = client.post(f"/questions/{question}/fiche").location.split("/")[2]
    publish(client, drawn, {"summary": "Court."})
    for _ in range(6):
        make.comment(id, helper)
    for address in (f"/fiches/{id}-douze-lots", f"/fiches/{drawn}-comment-allotir-les-denrees-fraiches"):
        with statements() as signed_in:
            assert client.get(address).status_code == 200
        with statements() as unsigned:
            assert visitor.get(address).status_code == 200
        assert signed_in.count <= 8, signed_in.statements
        assert unsigned.count <= 5, unsigned.statements
