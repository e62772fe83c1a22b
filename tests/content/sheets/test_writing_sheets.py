"""Writing a sheet: begun, filled in little by little, published, edited, removed."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from told import told_once

from community.content.sheets.models import DecpContract, Sheet
from community.core.db import db
from community.people.communities.models import Community

LEAST = {
    "title": "Douze lots pour deux cuisines",
    "summary": "Trois lots de plus, deux producteurs nouveaux.",
    "context": "Deux cuisines centrales.",
    "lessons": "Fixer la taille des lots **après** le sourçage.",
}


@told_once
def author(make):
    make.community("cantines")
    return make.member("Inès Benali", {"cantines": "member"})


@pytest.fixture
def draft(author, client_of):
    """(client of the author, id of a draft that was just begun)."""
    client = client_of(author)
    answer = client.submit("/fiches/nouvelle", {"title": "Allotir", "community": "cantines"})
    assert answer.status_code == 303, answer.text
    return client, int(answer.location.split("/")[2])


def sheet_in(app, id: int) -> Sheet:
    with app.app_context():
        sheet = db.session.scalars(select(Sheet).where(Sheet.id == id)).one()
        db.session.expunge_all()
        db.session.remove()
    return sheet


def edit(client, id: int, changes, action="/modifier"):
    return (
        client.submit(f"/fiches/{id}/modifier", changes, action="/modifier")
        if action == "/modifier"
        else send(client, id, changes, action)
    )


def send(client, id: int, changes, action: str):
    """The form as its page shows it, with these changes, sent by the button that goes to ``action``."""
    from client import forms_of

    fields = forms_of(client.get(f"/fiches/{id}/modifier").text, "/modifier", "").fields
    return client.http.post(f"/fiches/{id}{action}", data={**fields, **changes})


def test_draft_starts_with_the_organisation_of_its_author(app, draft):
    sheet = sheet_in(app, draft[1])
    assert (sheet.organisation_type, sheet.territory, sheet.state) == ("commune", "83", "draft")
    assert sheet.organisation_name.startswith("Ville")
    assert sheet.published_at is None


def test_same_beginning_sent_twice_makes_one_draft(app, author, client_of):
    client = client_of(author)
    data = {"title": "Allotir", "community": "cantines", "once": "abc"}
    first, second = client.post("/fiches/nouvelle", data), client.post("/fiches/nouvelle", data)
    assert first.location.split("/")[2] in second.location


def test_draft_is_seen_by_its_author_alone(draft, make, client_of, visitor):
    client, id = draft
    assert client.get(f"/fiches/{id}-allotir").status_code == 200
    assert "vous seul le voyez" in client.get(f"/fiches/{id}-allotir").text
    other = client_of(make.member("Paul", {"cantines": "moderator"}))
    administrator = client_of(make.member("Anne", platform_role="administrator"))
    for reader in (other, administrator, visitor):
        assert reader.get(f"/fiches/{id}-allotir").status_code == 404
        assert "Allotir" not in reader.get("/fiches").text
    assert other.get(f"/fiches/{id}/modifier").status_code == 404
    assert "Allotir" in client.get("/fiches/brouillons").text


def test_each_step_saves_and_leads_to_the_next(app, draft):
    client, id = draft
    answer = edit(client, id, {"summary": "En bref.", "next": "contexte"})
    assert (answer.status_code, answer.location) == (303, f"/fiches/{id}/modifier#contexte")
    answer = edit(client, id, {"context": "Des **repas**.", "next": "https://ailleurs.example"})
    assert answer.location == f"/fiches/{id}/modifier"
    sheet = sheet_in(app, id)
    assert (sheet.summary, sheet.context, sheet.revisions_count) == ("En bref.", "Des **repas**.", 0)
    assert "<strong>repas</strong>" in sheet.html["context"]


def test_editor_saves_the_draft_by_itself(app, draft):
    client, id = draft
    fields = {"community": "cantines", "title": "Allotir", "context": "Écrit sans cliquer."}
    answer = client.post(f"/fiches/{id}/modifier", fields, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    assert answer.json["saved_at"]
    assert sheet_in(app, id).context == "Écrit sans cliquer."


def test_publishing_asks_for_four_fields_and_keeps_the_rest(app, draft):
    client, id = draft
    answer = send(client, id, {"title": "", "need": "Des lots plus petits."}, "/publication")
    assert answer.status_code == 422
    assert answer.text.count("Ce champ est obligatoire.") == 8  # beside each field and in the summary
    assert "Des lots plus petits." in answer.text
    assert sheet_in(app, id).need == "Des lots plus petits."
    assert sheet_in(app, id).published_at is None


def test_publishing_puts_it_out_for_all_with_its_first_revision(app, draft, visitor, drain):
    client, id = draft
    answer = send(client, id, LEAST, "/publication")
    assert (answer.status_code, answer.location) == (303, f"/fiches/{id}-douze-lots-pour-deux-cuisines")
    page = visitor.get(answer.location).text
    assert "<strong>après</strong>" in page
    assert "Douze lots" in visitor.get("/fiches").text
    sheet = sheet_in(app, id)
    assert (sheet.state, sheet.revisions_count) == ("published", 1)
    with app.app_context():
        assert db.session.scalar(select(Community.sheets_count)) == 1
    drain()
    assert send(client, id, LEAST, "/publication").status_code == 303
    assert sheet_in(app, id).revisions_count == 1


def test_every_field_survives_saving_and_shows_again(app, draft):
    client, id = draft
    full = LEAST | {
        "need": "n", "difficulties": "d", "dispute": "x", "sourcing_done": "y", "sourcing_note": "s",
        "organisation_name": "Ville", "organisation_type": "epci", "territory": "R93", "population_band": "≥ 300 000 hab.",
        "contract_type": "works", "procedure": "Dialogue compétitif", "techniques": ["Concours", "Accord-cadre"],
        "amount_band": "> 5 M€", "duration_months": "48", "lots": "3", "bids_received": "0", "notified_on": "2024-02-29",
        "decp_id": "X1", "social_considerations": ["Marché réservé"],
        "environmental_considerations": ["Critère environnemental"], "would_repeat": "no", "contact": "Service achats",
        "tags": "Allotissement, Denrées", "dimensions": ["social", "economy"], "phase": "award", "cpv": "15800000-6",
        "award_criteria-0-label": "Prix", "award_criteria-0-weight": "37,5 %", "award_criteria-0-method": "Panier",
        "results-0-indicator": "Part bio", "results-0-value": "21", "results-0-unit": "%", "results-0-method": "Suivi",
    }  # fmt: skip
    assert edit(client, id, full).status_code == 303
    sheet = sheet_in(app, id)
    assert sheet.award_criteria == [{"label": "Prix", "weight": 37.5, "method": "Panier"}]
    assert sheet.results == [{"indicator": "Part bio", "value": "21", "unit": "%", "method": "Suivi"}]
    assert (sheet.bids_received, sheet.notified_on.isoformat(), sheet.would_repeat) == (0, "2024-02-29", "no")
    assert sheet.techniques == ["Concours", "Accord-cadre"]
    page = client.get(f"/fiches/{id}/modifier").text
    for words in (
        "37,5",
        "Part bio",
        "15800000",
        "Allotissement, Denrées",
        'value="0"',
        "2024-02-29",
        "Dialogue compétitif",
    ):
        assert words in page, words
    assert page.count(" checked") >= 7


def test_row_is_added_and_taken_away_without_losing_a_word_or_saving(app, draft):
    client, id = draft
    typed = {"award_criteria-0-label": "Prix", "award_criteria-0-weight": "60", "summary": "Pas encore enregistré"}
    more = send(client, id, typed | {"add": "award_criteria"}, "/lignes").text
    assert 'name="award_criteria-1-label"' in more
    assert 'value="Prix"' in more
    assert "Pas encore enregistré" in more
    assert "Les poids font 60 % et non 100 %" in more
    less = send(client, id, typed | {"drop": "award_criteria-0"}, "/lignes").text
    assert 'value="Prix"' not in less
    assert less.count('class="row-award_criteria"') == 1
    assert sheet_in(app, id).summary == ""
    assert send(client, id, {"add": "once", "drop": "title-0"}, "/lignes").status_code == 200


def test_rows_and_figures_out_of_bounds_are_refused_with_their_words(draft):
    client, id = draft
    wrong = {
        "award_criteria-0-label": "Prix",
        "award_criteria-0-weight": "beaucoup",
        "lots": "-2",
        "cpv": "abc",
        "notified_on": "hier",
        "title": "x" * 201,
        "summary": "Gardé \x00 tel quel",
        "revision": "pirate",
    }
    answer = edit(client, id, wrong)
    assert answer.status_code == 422
    for words in ("beaucoup", "Un nombre, par exemple 40.", "-2", "huit chiffres", "Gardé", "200 caractères au plus"):
        assert words in answer.text, words
    many = {f"results-{n}-indicator": "i" for n in range(500)}
    assert edit(client, id, many).status_code == 303


def test_published_sheet_is_edited_with_its_history(app, make, author, client_of, visitor):
    id = make.sheet(author, title="Avant")
    client = client_of(author)
    answer = edit(client, id, {"title": "Après", "need": "Un besoin", "note": "Chiffres à jour"})
    assert (answer.status_code, answer.location) == (303, f"/fiches/{id}-apres")
    history = client.get(f"/contributions/{id}/historique").text
    assert "Chiffres à jour" in history
    assert client.post(f"/contributions/{id}/historique/1/retablissement").status_code == 303
    sheet = sheet_in(app, id)
    assert (sheet.title, sheet.need, sheet.html.get("need"), sheet.revisions_count) == ("Avant", "", None, 3)


def test_edit_over_somebody_else_s_is_a_conflict_that_loses_nothing(app, make, author, client_of):
    id = make.sheet(author)
    client = client_of(author)
    assert edit(client, id, {"need": "Premier"}).status_code == 303
    answer = edit(client, id, {"need": "Second", "revision": "1"})
    assert answer.status_code == 409
    assert "Second" in answer.text
    assert sheet_in(app, id).need == "Premier"


def test_published_sheet_keeps_its_four_fields(make, author, client_of):
    id = make.sheet(author)
    assert edit(client_of(author), id, {"lessons": ""}).status_code == 422


def test_removed_sheet_leaves_the_list_and_comes_back(app, make, author, client_of, visitor):
    id = make.sheet(author, title="Douze lots")
    client = client_of(author)
    assert client.post(f"/fiches/{id}/retrait").status_code == 303
    assert visitor.get(f"/fiches/{id}-douze-lots").status_code == 404
    assert "La rétablir" in client.get(f"/fiches/{id}-douze-lots").text
    assert client.post(f"/fiches/{id}/retour").status_code == 303
    assert visitor.get(f"/fiches/{id}-douze-lots").status_code == 200


def test_others_may_not_write(make, author, client_of, visitor):
    id = make.sheet(author, title="Douze lots")
    other = client_of(make.member("Paul", {"cantines": "member"}))
    for path in ("modifier", "publication", "lignes", "retrait", "retour"):
        assert other.post(f"/fiches/{id}/{path}").status_code == 403, path
        assert visitor.post(f"/fiches/{id}/{path}").status_code in (302, 401, 422), path
    assert visitor.get("/fiches/nouvelle").status_code == 302


def test_one_may_not_begin_in_a_community_that_is_not_ours(make, author, client_of):
    make.community("fermee", access="invitation", visibility="members")
    answer = client_of(author).post("/fiches/nouvelle", {"title": "Allotir", "community": "fermee"})
    assert answer.status_code == 422


RECORD = {
    "id": "2020F1",
    "acheteur": {"id": "21830069100011", "nom": "Commune de Hyères"},
    "objet": "Fourniture et acheminement d'électricité",
    "codeCPV": "9310000",
    "procedure": "Appel d’offres ouvert",
    "nature": "Marché",
    "techniques": {"technique": ["Accord-cadre"]},
    "montant": 575000,
    "dureeMois": 48,
    "dateNotification": "2024-05-15",
    "offresRecues": 4,
    "lieuExecution": {"code": "83400", "typeCode": "Code postal"},
    "considerationsSociales": {"considerationSociale": ["Clause sociale"]},
    "considerationsEnvironnementales": {"considerationEnvironnementale": ["Clause environnementale"]},
}


def test_pasted_record_fills_what_it_knows(app, author, client_of):
    file = json.dumps({"marches": {"marche": [RECORD, RECORD | {"id": "2"}]}})
    answer = client_of(author).post("/fiches/depuis-un-contrat", {"community": "cantines", "record": file})
    assert answer.status_code == 303, answer.text
    sheet = sheet_in(app, int(answer.location.split("/")[2]))
    assert sheet.title == "Fourniture et acheminement d'électricité"
    assert (sheet.contract_type, sheet.procedure, sheet.amount_band) == (
        "supplies",
        "Appel d'offres ouvert",
        "221 k€ – 1 M€",
    )
    assert (sheet.organisation_name, sheet.organisation_type, sheet.territory) == ("Commune de Hyères", "commune", "83")
    assert (sheet.duration_months, sheet.bids_received, sheet.decp_id) == (48, 4, "218300691000112020F1")
    assert sheet.social_considerations == ["Clause sociale"]
    assert sheet.population_band is None


@pytest.mark.parametrize(
    ("pasted", "why"),
    [
        ("", "choisissez un contrat"),
        ("{", "ligne 1, colonne 2"),
        ("[]", "pas un objet"),
        ("12", "pas un fichier DECP"),
        ('{"objet": "x"}', "identifiant"),
        ("[" * 100_000, "JSON"),
        ('{"id": "1", "objet": "x", "acheteur": {"id": "1"}, "montant": 1e999}', "montant"),
        ('{"id": "1", "objet": "x", "acheteur": {"id": "1"}, "codeCPV": "29999999"}', "CPV"),
    ],
)
def test_unusable_paste_comes_back_with_the_reason(author, client_of, pasted, why):
    answer = client_of(author).post("/fiches/depuis-un-contrat", {"community": "cantines", "record": pasted})
    assert answer.status_code == 422
    assert why in answer.text


def test_imported_contract_is_found_without_accents_and_picked(app, author, client_of):
    from community.imports.decp import import_contracts

    with app.app_context():
        list(import_contracts([RECORD]))
        db.session.commit()
        id = db.session.scalars(select(DecpContract.id)).one()
    client = client_of(author)
    assert "acheminement" in client.get("/fiches/nouvelle?contrat=ELECTRICITE+hyeres").text
    assert "Aucun contrat importé" in client.get("/fiches/nouvelle?contrat=baignoire").text
    answer = client.post("/fiches/depuis-un-contrat", {"community": "cantines", "contract": str(id)})
    assert sheet_in(app, int(answer.location.split("/")[2])).decp_id == "218300691000112020F1"
    assert client.post("/fiches/depuis-un-contrat", {"community": "cantines", "contract": "999"}).status_code == 404
