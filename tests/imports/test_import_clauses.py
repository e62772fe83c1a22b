"""The library in and out: round trip without loss, a second run that changes nothing, refusals that say why."""

from __future__ import annotations

import csv
import json
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from told import told_once

from community.content.clauses.models import Clause, ClauseVersion
from community.content.clauses.reviewing import retire
from community.core.db import db

ONE = {
    "key": "etiquette",
    "community": "cantines",
    "versions": [
        {
            "number": 1, "title": "Étiquette de lot", "text": "Chaque lot porte une étiquette.", "purpose": "Tracer.",
            "kind_of_clause": "technical_specification", "target_document": "CCTP", "change_note": "Première rédaction.",
            "proposed_at": "2025-01-05T08:00:00+00:00", "validated_at": "2025-02-01T08:00:00+00:00",
        }
    ],
}  # fmt: skip


@told_once
def people(make) -> SimpleNamespace:
    make.community("cantines")
    return SimpleNamespace(
        paul=make.member("Paul", communities={"cantines": "expert"}, email="paul@haut-velay.example"),
        ines=make.member("Inès", communities={"cantines": "moderator"}, email="ines@clairbois.example"),
    )


@pytest.fixture
def run(app, tmp_path):
    """Run a command of flask with a file of this content; gives its result."""

    def do(content, name: str = "clauses.json", *options: str):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        args = [
            "import",
            "clauses",
            str(path),
            "--author",
            "ines@clairbois.example",
            "--community",
            "cantines",
            *options,
        ]
        return app.test_cli_runner().invoke(args=args)

    return do


def document(*clauses) -> dict:
    return {"format": "entrepairs-clauses", "version": 1, "clauses": list(clauses)}


def export(app, *options: str) -> str:
    result = app.test_cli_runner().invoke(args=["export", "clauses", *options])
    assert result.exit_code == 0, result.output
    return result.output


def count(app) -> tuple[int, int]:
    with app.app_context():
        return tuple(db.session.scalar(select(func.count()).select_from(model)) for model in (Clause, ClauseVersion))


def changed(**fields) -> dict:
    return ONE | {"versions": [ONE["versions"][0] | fields]}


def test_round_trip_without_loss(app, database, people, make, run):
    """Export, empty the database, import: the second export is the first one, letter for letter."""
    label = make.clause(people.paul, people.ines, title="Étiquette de lot")
    rate = [{"name": "taux", "label": "part refusée", "unit": "%", "example": "20"}]
    delay = make.clause(
        people.paul, people.ines, title="Délai", requires=[label], penalty="Refus de {{taux}} %.", variables=rate
    )
    make.validated(make.change(delay, people.paul, text="Sous 24 heures.", note="Plus court."), people.ines)
    old = make.clause(people.paul, people.ines, title="Ancienne", excludes=[delay], variant_of=label)
    with app.test_request_context("/", method="POST"):
        retire(db.session.get(Clause, old), make._user(people.ines), "Illégale.", db.session.get(Clause, delay))
        confirmed = db.session.get(Clause, delay)
        confirmed.review_due, confirmed.checked = date(2029, 5, 4), {"R2111-10": "2026-06-01"}
        db.session.commit()
    first = export(app)
    _url, reset = database
    reset(app)
    make.community("cantines")
    make.member("Paul", communities={"cantines": "expert"}, email="paul@haut-velay.example")
    make.member("Inès", communities={"cantines": "moderator"}, email="ines@clairbois.example")
    result = run(first, "echange.json")
    assert "créés : 3 " in result.output, result.output
    assert json.loads(export(app)) == json.loads(first)


def test_a_second_run_changes_nothing(app, people, run):
    assert "créés : 1 " in run(document(ONE)).output
    before = export(app)
    assert "inchangés : 1 " in run(document(ONE)).output
    assert export(app) == before
    assert count(app) == (1, 1)


def test_importing_what_was_exported_from_here_changes_nothing(app, people, make, run):
    make.clause(people.paul, people.ines)
    assert "inchangés : 1 " in run(export(app)).output
    assert count(app) == (1, 1)


def test_people_and_dates_are_kept(app, people, run):
    told = changed(
        proposed_by="paul@haut-velay.example", validated_by="inconnu@ailleurs.example", review_due="2030-01-01"
    )
    run(document(told))
    with app.app_context():
        version = db.session.scalars(select(ClauseVersion)).one()
        assert (version.proposed_by_id, version.validated_by_id) == (people.paul, people.ines)
        assert version.validated_at.isoformat() == "2025-02-01T08:00:00+00:00"
        assert version.review_due.isoformat() == "2030-01-01"


def test_a_new_version_is_added_and_a_settled_one_never_rewritten(app, people, run):
    run(document(ONE))
    second = ONE["versions"][0] | {
        "number": 2,
        "text": "Étiquette ou équivalent.",
        "validated_at": "2025-03-01T08:00:00+00:00",
    }
    assert "mis à jour : 1 " in run(document(ONE | {"versions": [*ONE["versions"], second]})).output
    assert count(app) == (1, 2)
    result = run(document(changed(text="Réécrite en douce.")))
    assert "refusés : 1" in result.output and "elle ne change plus" in result.output
    assert count(app) == (1, 2)


def test_what_members_changed_since_is_left_alone(app, people, make, run):
    run(document(ONE))
    with app.app_context():
        clause = db.session.scalars(select(Clause.id)).one()
    make.validated(make.change(clause, people.paul, text="Réécrite par les membres."), people.ines)
    later = ONE["versions"][0] | {"number": 2, "text": "Autre."}
    result = run(document(ONE | {"versions": [*ONE["versions"], later]}))
    assert "laissés tels quels : 1" in result.output
    assert count(app) == (1, 2)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (changed(text=""), "il manque : texte"),
        (changed(kind_of_clause="inconnu"), "n’est pas un code"),
        (changed(target_document="CCAG"), "n’est pas un code"),
        (changed(dimensions=["x"]), "n’est pas un code"),
        (changed(validated_at="hier"), "n’est pas une date"),
        (changed(validated_at="2025-01-01T00:00:00"), "fuseau"),
        (changed(number=0), "n’est pas un numéro"),
        (changed(title="x" * 201), "dépasse 200"),
        (ONE | {"key": ""}, "pas de clé"),
        (ONE | {"versions": []}, "aucune version"),
        (ONE | {"versions": ["x"]}, "n’est pas un objet"),
        (ONE | {"community": "ailleurs"}, "n’existe pas"),
        ("du texte", "pas de clé"),
    ],
)
def test_a_bad_record_is_listed_with_its_reason_and_stops_no_other(app, people, run, record, why):
    good = ONE | {"key": "bonne"}
    result = run(document(record, good))
    assert "créés : 1 " in result.output and "refusés : 1" in result.output, result.output
    assert "n° 1" in result.output and why in result.output.replace("\u00a0", " "), result.output
    assert count(app) == (1, 1)


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"format": "autre"}', '{"format": "entrepairs-clauses", "version": 9}']
)
def test_a_file_of_another_kind_is_refused_as_a_whole(app, people, run, content):
    result = run(content)
    assert result.exit_code == 1 and "Error: clauses.json" in result.output
    assert count(app) == (0, 0)


def test_an_unknown_author_is_refused(app, people, tmp_path):
    path = tmp_path / "vide.json"
    path.write_text(json.dumps(document()))
    result = app.test_cli_runner().invoke(args=["import", "clauses", str(path), "--author", "x@y.example"])
    assert result.exit_code == 1


def test_csv_out_and_in(app, database, people, make, run):
    label = make.clause(people.paul, people.ines, title="Étiquette de lot", tags=["traçabilité", "denrées"])
    make.clause(
        people.paul, people.ines, title="Délai ; court", requires=[label], text="Une ligne.\n\n- un point, « deux »"
    )
    first = export(app, "--format", "csv")
    rows = list(csv.DictReader(first.splitlines(keepends=True)))
    assert [row["title"] for row in rows] == ["Étiquette de lot", "Délai ; court"]
    assert rows[0]["tags"] == "traçabilité ; denrées" and rows[1]["requires"] == f"clause-{label}"
    _url, reset = database
    reset(app)
    make.community("cantines")
    make.member("Inès", communities={"cantines": "moderator"}, email="ines@clairbois.example")
    assert "créés : 2 " in run(first, "echange.csv").output
    assert export(app, "--format", "csv") == first
    assert "inchangés : 2 " in run(first, "echange.csv").output


def test_the_public_guide_is_read_directly(app, people, run):
    """The columns of the published collection of clauses for responsible digital purchasing."""
    rows = (
        "id,fiches,document,theme,titre,chemin,texte_markdown,longueur\n"
        'g-01,Matériels,CCTP,mixte,Matériels reconditionnés,A > B,"Le titulaire propose des matériels\n* reconditionnés",50\n'
        'g-02,Matériels,guide,social,Clause de progrès,A > C,"Un plan de progrès.",20\n'
        "g-03,Matériels,RC,social,Sans texte,A > D,,0\n"
    )
    result = run(rows, "guide.csv")
    assert (
        "créés : 2 " in result.output and "refusés : 1" in result.output and "il manque\u00a0: texte" in result.output
    )
    with app.app_context():
        found = db.session.scalars(select(Clause).order_by(Clause.id)).all()
        assert [(c.target_document, c.trust_level) for c in found] == [
            ("CCTP", "national_reference"),
            ("annexe", "national_reference"),
        ]
    assert "inchangés : 2 " in run(rows, "guide.csv").output
