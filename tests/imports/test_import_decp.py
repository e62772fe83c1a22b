"""``flask import decp``: good records come in, bad ones are told by line, a second run changes nothing."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from community.content.sheets.decp import BadRecord, amount_band, read_contract, read_cpv, records_in
from community.content.sheets.models import DecpContract
from community.core.db import db

GOOD = {
    "id": "2020F1",
    "acheteur": {"id": "21830069100011", "nom": "Commune de Hyères"},
    "objet": "Fourniture d'électricité",
    "codeCPV": "09310000-5",
    "procedure": "Appel d'offres ouvert",
    "montant": 575000,
    "dureeMois": 48,
    "dateNotification": "2024-05-15",
}


@pytest.fixture
def run(app, tmp_path):
    """``run(content)``: write a file, import it, give (exit code, everything that was said)."""

    def import_file(content, *, raw: bool = False):
        file = tmp_path / "decp.json"
        file.write_bytes(content if isinstance(content, bytes) else (content if raw else json.dumps(content)).encode())
        result = app.test_cli_runner().invoke(args=["import", "decp", str(file)])
        return result.exit_code, result.output.replace("\N{NO-BREAK SPACE}", " ")

    return import_file


def contracts(app) -> dict[str, DecpContract]:
    with app.app_context():
        found = {row.uid: row for row in db.session.scalars(select(DecpContract))}
        db.session.expunge_all()
        db.session.remove()
    return found


def test_second_run_changes_nothing_and_a_change_is_an_update(app, run):
    file = {"marches": {"marche": [GOOD, GOOD | {"id": "2", "objet": "Deuxième"}]}}
    assert "créés : 2" in run(file)[1]
    before = {uid: row.imported_at for uid, row in contracts(app).items()}
    assert "créés : 0 ; mis à jour : 0 ; inchangés : 2 ; refusés : 0" in run(file)[1]
    assert before == {uid: row.imported_at for uid, row in contracts(app).items()}
    file["marches"]["marche"][1]["montant"] = 12
    assert "mis à jour : 1 ; inchangés : 1" in run(file)[1]


def test_bad_records_are_told_by_rank_line_and_reason_and_stop_nothing(app, run):
    text = """{"marches": {"marche": [
  {"id": "1", "acheteur": {"id": "9"}, "objet": "Bon"},
  {"id": "2", "acheteur": {"id": "9"}},
  {"id": "3", "objet": "Sans acheteur"},
  {"id": "4", "acheteur": {"id": "9"}, "objet": "x",
   "codeCPV": "douze"},
  {"id": "5", "acheteur": {"id": "9"}, "objet": "x", "dateNotification": "2024-13-45"},
  {"id": "6", "acheteur": {"id": "9"}, "objet": "x", "montant": "beaucoup"},
  {"id": "1", "acheteur": {"id": "9"}, "objet": "Bon encore"},
  null,
  {"id": "7", "acheteur": {"id": "9"}, "objet": "Bon aussi"}
]}}"""
    code, said = run(text, raw=True)
    assert code == 0
    assert "contrats : 9 ; créés : 2 ; mis à jour : 0 ; inchangés : 0 ; refusés : 7" in said
    for line in (
        "n° 2 (ligne 3) : l’objet du contrat manque",
        "n° 3 (ligne 4) : l’acheteur",
        "n° 4 (ligne 5) : le code CPV « douze »",
        "n° 5 (ligne 7) : la date « 2024-13-45 »",
        "n° 6 (ligne 8) : le montant « beaucoup »",
        "n° 7 (ligne 9) : le contrat 91 figure déjà",
        "n° 8 : ce n’est pas un objet JSON",
    ):
        assert line in said, said
    assert sorted(contracts(app)) == ["91", "97"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("[{", "ligne 1"),
        ("", "ligne 1"),
        (b"\xff\xfe{", "UTF-8"),
        ('{"montant": NaN}', "nombre"),
        ("[" * 200_000, "niveaux"),
        ("12", "pas un fichier DECP"),
        ("[" + "9" * 5000 + "]", "nombre"),
    ],
)
def test_unreadable_file_is_said_in_one_line(run, raw, why):
    code, said = run(raw, raw=True)
    assert code == 1
    assert why in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1


def test_lines_of_json_are_read_and_a_broken_one_is_told(app, run):
    text = json.dumps(GOOD) + "\n{oups\n\n" + json.dumps(GOOD | {"id": "2"}) + "\n"
    said = run(text, raw=True)[1]
    assert "créés : 2" in said
    assert "n° 2 (ligne 2)" in said


def test_hostile_values_are_kept_out_of_the_database(app, run):
    record = json.dumps(GOOD | {"objet": "a\u0000b \ud800 c", "autre": ["\u0000", 7e77], "dureeMois": 999999999})
    said = run(record.replace("7e+77", "1e400"), raw=True)[1]
    assert "créés : 1" in said
    row = next(iter(contracts(app).values()))
    assert "\u0000" not in row.title
    assert row.duration_months is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9310000", ("09310000", True)),
        ("9310000-5", ("09310000", True)),
        (9310000, ("09310000", True)),
        ("93100005", ("09310000", True)),
        ("3220000", ("03220000", True)),
        ("45112500", ("45112500", False)),
        ("45112500-0", ("45112500", False)),
        ("451125000", ("45112500", False)),
        ("  15800000 6 ", ("15800000", False)),
        ("", (None, False)),
        (None, (None, False)),
    ],
)
def test_lost_leading_zero_of_a_cpv_is_put_back(typed, read):
    assert read_cpv(typed) == read


@pytest.mark.parametrize("typed", ["931000", "29999999", "2999999", "abc", "1580000012"])
def test_cpv_that_cannot_be_is_refused(context, typed):
    with pytest.raises(BadRecord):
        read_cpv(typed)


SHAPES = [
    GOOD,
    [GOOD],
    {"marches": [GOOD]},
    {"marches": [{"marche": GOOD}]},
    {"marches": {"marche": GOOD}},
    {"marches": {"marche": [GOOD]}},
    {"decp": [GOOD], "public_actor_id": "1", "public_actor_nom": "Un autre", "labelled": [{"nom": None}]},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_wrapping_gives_the_same_contract(shape):
    records = list(records_in(shape))
    assert len(records) == 1
    contract = read_contract(*records[0])
    assert (contract.uid, contract.buyer, contract.cpv) == ("218300691000112020F1", "Commune de Hyères", "09310000")


def test_formats_of_other_years_and_concessions(context):
    flat = {
        "uid": "U1", "objet": "Bus", "acheteur.id": "244", "acheteur.nom": "Agglo", "nature": "Accord-cadre",
        "procedure": "Procédure concurrentielle avec négociation", "dateNotification": "2018-01-06T00:00:00",
        "montant": "1 234,5", "lieuExecution.code": "2A", "lieuExecution.typeCode": "Code département",
    }  # fmt: skip
    old = read_contract(flat)
    assert (old.procedure, old.techniques, old.amount) == ("Procédure avec négociation", ("Accord-cadre",), 1234.5)
    assert (old.territory, old.notified_on.isoformat(), old.buyer) == ("2A", "2018-01-06", "Agglo")
    concession = {
        "marches": {"contrat-concession": [{
            "id": "C1", "autoriteConcedante": {"id": "23"}, "objet": "Port", "valeurGlobale": 10.3,
            "procedure": "Procédure négociée ouverte", "dateSignature": "2024-04-02",
            "considerationsSociales": [{"considerationSociale": "Clause sociale"}],
        }]}
    }  # fmt: skip
    contract = read_contract(*next(records_in(concession)))
    assert (contract.uid, contract.amount, contract.procedure) == ("23C1", 10.3, "Procédure négociée ouverte")
    assert (contract.social, contract.notified_on.isoformat()) == (("Clause sociale",), "2024-04-02")


def test_buyer_named_around_its_records_is_theirs():
    document = {"public_actor_id": "130", "public_actor_nom": "Ministère", "decp": [{"id": "1", "objet": "x"}]}
    contract = read_contract(*next(records_in(document)))
    assert (contract.uid, contract.buyer) == ("1301", "Ministère")


@pytest.mark.parametrize(
    ("code", "kind", "territory"),
    [
        ("83400", "Code postal", "83"),
        ("20167", "Code postal", "2A"),
        ("20200", "Code postal", "2B"),
        ("97110", "Code postal", "971"),
        ("2A004", "Code commune", "2A"),
        ("93", "Code région", "R93"),
        ("75", "Code département", "75"),
        ("FR", "Code département", None),
        ("FR", "Code pays", None),
    ],
)
def test_place_of_performance_gives_a_territory(code, kind, territory):
    record = GOOD | {"lieuExecution": {"code": code, "typeCode": kind}}
    assert read_contract(record).territory == territory


@pytest.mark.parametrize(
    ("amount", "band"),
    [(None, None), (1, None), (39_999, "< 40 k€"), (40_000, "40 – 90 k€"), (221_000, "221 k€ – 1 M€"), (9e6, "> 5 M€")],
)
def test_amount_bands(amount, band):
    assert amount_band(amount) == band


def test_import_is_interrupted_between_batches_and_goes_on(app, run, monkeypatch):
    monkeypatch.setattr("community.imports.decp.BATCH", 3)
    run([GOOD | {"id": str(n)} for n in range(10)])
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DecpContract)) == 10
