"""The record: filtered, exported without formulas, verified from the command line; every act has words."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from community.core.audit import Break, record
from community.core.csv_cells import safe_cell
from community.core.db import db
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.communities.sanctions import ACTS as SANCTION_ACTS
from community.services.moderation.acts import ACTS
from community.services.moderation.decisions import ACTS as DECISION_ACTS
from community.services.moderation.tasks import look, verify_audit_log

ROOT = Path(__file__).resolve().parents[3]
PAGE = "/admin/journal"


@pytest.fixture
def written(app, place) -> None:
    """Acts with reasons that a spreadsheet would run."""
    with app.test_request_context("/", method="POST"):
        admin, member = identity_of(place.administrator), db.session.get(Member, place.author)
        for reason in ('=HYPERLINK("http://x.example")', "+33 1", "-1", "@SUM(A1)", "\tcmd", "Raison ordinaire"):
            record(admin, "member.warned", member, reason)
        record(None, "option.changed", reason="le site lui-même")
        db.session.commit()
        db.session.remove()


def test_an_option_is_named_in_words(app, place, client_of):
    with app.test_request_context("/", method="POST"):
        record(identity_of(place.administrator), "option.changed", reason="retention.mails 45")
        record(identity_of(place.administrator), "option.changed", reason="trust.links_per_post")
        db.session.commit()
        db.session.remove()
    page = client_of(place.administrator).get(PAGE).text
    assert "Texte des courriels envoyés" in page and "retention.mails" not in page
    assert ">Liens par message</td>" in page


def test_a_target_is_found_by_the_words_of_the_table(place, client_of, written):
    admin = client_of(place.administrator)
    for words in ("membre", "member"):
        page = admin.get(f"{PAGE}?objet={words}+{place.author}").text
        assert "Raison ordinaire" in page
    assert "Raison ordinaire" not in admin.get(f"{PAGE}?objet=membre+{place.author + 999}").text
    assert "Raison ordinaire" not in admin.get(f"{PAGE}?objet=texte+retenu+{place.author}").text


def test_administrators_alone_read_the_whole_journal(place, client_of, decided):
    decided("remove")
    page = client_of(place.administrator).get(PAGE).text
    assert "Texte retiré" in page
    assert "Inès Moderatrice" in page
    assert "Propos blessants" in page
    assert "Propos blessants" in client_of(place.administrator).get(f"{PAGE}?communaute=antine").text
    assert "Propos blessants" not in client_of(place.administrator).get(f"{PAGE}?communaute=numerique").text
    for who in (place.moderator, place.reader):
        assert client_of(who).get(PAGE).status_code == 404
        assert client_of(who).get(f"{PAGE}.csv").status_code == 404


def test_a_community_s_own_acts_for_its_moderators(place, client_of, decided):
    decided("remove")
    address = "/communautes/cantines/journal"
    assert "Texte retiré" in client_of(place.moderator).get(address).text
    assert client_of(place.reader).get(address).status_code == 404
    assert client_of(place.elsewhere).get(address).status_code == 404
    assert "Texte retiré" not in client_of(place.elsewhere).get("/communautes/numerique/journal").text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("auteur=anne+ad", 6),
        ("auteur=7", 6),
        ("auteur=personne", 0),
        ("acte=member.warned", 6),
        ("objet=member+3", 6),
        ("objet=member+4", 0),
        ("depuis=2999-01-01", 0),
        ("jusque=2999-01-01", 7),
        ("communaute=cantines", 0),
        ("depuis=pas-une-date&page=faux", 7),
        ("", 7),
    ],
)
def test_filters(place, client_of, written, query, expected):
    page = client_of(place.administrator).get(f"{PAGE}?{query}").text
    assert page.count('<td class="number">') == expected


def test_the_export_runs_nothing_in_a_spreadsheet(place, client_of, written):
    response = client_of(place.administrator).get(f"{PAGE}.csv?acte=member.warned")
    assert response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 7
    assert [row[8] for row in rows[1:]] == [
        '\'=HYPERLINK("http://x.example")',
        "'+33 1",
        "'-1",
        "'@SUM(A1)",
        "cmd",
        "Raison ordinaire",
    ]
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_cells_that_a_spreadsheet_runs_are_texts(value):
    assert safe_cell(value) == f"'{value}"
    assert safe_cell(12) == "12"
    assert safe_cell(None) == ""


def test_a_journal_page_costs_the_same(make, place, client_of, written, statements):
    with statements() as counted:
        assert client_of(place.administrator).get(PAGE).status_code == 200
    assert counted.count <= 7, counted.statements


def test_audit_commands(app, place, written):
    run = app.test_cli_runner().invoke
    kept = run(args=["audit", "head"]).output.strip()
    assert re.fullmatch(r"7:[0-9a-f]{64}", kept)
    assert "chain intact" in run(args=["audit", "verify", "--head", kept]).output
    with app.app_context():
        db.session.execute(text("UPDATE audit_entry SET reason = 'autre' WHERE number = 2"))
        db.session.commit()
        db.session.remove()
    broken = run(args=["audit", "verify"])
    assert broken.exit_code == 1
    assert "row 2: changed" in broken.output
    with app.app_context():
        db.session.execute(text("DELETE FROM audit_entry WHERE number > 1"))
        db.session.commit()
        db.session.remove()
    assert run(args=["audit", "verify"]).exit_code == 0
    cut = run(args=["audit", "verify", "--head", kept])
    assert cut.exit_code == 1
    assert "taken from its end" in cut.output


def test_the_nightly_look_finds_a_broken_chain(app, place, written):
    with app.app_context():
        broken, (number, _digest) = look()
        assert (broken, number) == (None, 7)
        db.session.execute(text("UPDATE audit_entry SET reason = 'autre' WHERE number = 2"))
        db.session.commit()
        assert look()[0] == Break(2, "changed")
        verify_audit_log()
        db.session.remove()


def test_the_export_is_sent_as_it_is_read(place, client_of, written, monkeypatch, statements):
    """Two rows at a time: when the first line leaves, the rest of the log has not been read."""
    from community.services.moderation import journal

    monkeypatch.setattr(journal, "BATCH", 2)
    client = client_of(place.administrator)
    with statements() as counted:
        answer = client.get(f"{PAGE}.csv", buffered=False)
        assert answer.is_streamed
        pieces = iter(answer.response)
        next(pieces)
        begun = counted.count
        assert "".join(piece.decode() for piece in pieces).count("\r\n") == 7
    assert counted.count - begun == 4


def test_every_act_that_the_code_records_has_words():
    """Literal acts are read from the code; those that a table chooses are that table's values."""
    told = set(DECISION_ACTS.values()) | {act for pair in SANCTION_ACTS.values() for act in pair}
    literal = re.compile(r"\brecord\(\s*[^,()]+(?:\([^()]*\))?,\s*\"([a-z_]+\.[a-z_]+)\"")
    either = re.compile(r"\brecord\([^\n]*\"([a-z_]+\.[a-z_]+)\" if [^\n]+ else \"([a-z_]+\.[a-z_]+)\"")
    for path in (ROOT / "community").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        if "audit import" not in code or path.name == "audit.py":
            continue
        told.update(literal.findall(code))
        told.update(act for pair in either.findall(code) for act in pair)
    assert len(told) > 20
    assert sorted(told - set(ACTS)) == []
