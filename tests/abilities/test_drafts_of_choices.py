"""A draft keeps every choice of a field of several, and the rows of a list."""

from __future__ import annotations

import re


def test_a_clause_s_draft_comes_back_with_its_choices_and_rows(make, client_of):
    claire = make.member("Claire Martin", communities={"cantines": "member"})
    client = client_of(claire)
    kept = {
        "target": "clause:new",
        "title": "Délai de livraison",
        "contract_types": ["supplies", "services"],
        "verification-0-means": "visite ou audit",
        "verification-3-moment": "Chaque mois",
        "legal_basis-0-article": "R2111-10",
    }
    assert client.post("/brouillons", kept).status_code == 200
    fields = client.get("/brouillons?target=clause:new").json["fields"]
    assert fields["contract_types"] == ["supplies", "services"] and fields["title"] == "Délai de livraison"
    page = client.get("/clauses/nouvelle").text
    ticked = re.findall(r"<input[^>]*\bchecked\b[^>]*>", page)
    values = {value for box in ticked if "contract_types" in box for value in re.findall(r'value="([^"]*)"', box)}
    assert values == {"supplies", "services"}
    assert 'value="Chaque mois"' in page and 'value="R2111-10"' in page
    assert 'selected value="visite ou audit"' in page
    assert "data-recalled" in page


def test_choices_unticked_in_the_draft_stay_unticked(make, client_of):
    ines, paul = (
        make.member(name, communities={"cantines": role}) for name, role in (("Inès", "moderator"), ("Paul", "member"))
    )
    clause = make.clause(paul, ines, title="Délai de livraison")
    client = client_of(paul)
    address = f"/clauses/{clause}-delai-de-livraison/proposer"
    before = client.get(address).text
    assert "data-recalled" not in before and re.search(
        r'name="contract_types"[^>]*value="supplies"|checked[^>]*value="supplies"', before
    )
    client.post("/brouillons", {"target": f"clause:{clause}:change", "title": "Délai", "text": "Sous un jour."})
    page = client.get(address).text
    assert "data-recalled" in page and "Sous un jour." in page
    assert not re.search(r"<input[^>]*checked[^>]*contract_types", page)
