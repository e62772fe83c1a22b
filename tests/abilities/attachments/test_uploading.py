"""Sending files: what comes back, what is kept, what is refused and in which words."""

from __future__ import annotations

import io

import pytest
from files import HOSTILE, MAKERS, make_file
from told import told_once
from uploads import send

from community.abilities.attachments.receiving import TooLarge, received


@told_once
def claire(make) -> int:
    make.community("cantines")
    return make.member("Claire Martin", communities={"cantines": "member"})


@pytest.mark.parametrize("kind", MAKERS)
def test_every_accepted_type_is_taken(claire, client_of, kind):
    sent = send(client_of(claire), f"Pièce n° 1.{kind.upper()}", make_file(kind))
    assert sent.status_code == 201, sent.text
    assert sent.json["url"] == f"/fichiers/{sent.json['id']}/piece-no-1.{kind}"
    assert sent.json["state"] == "waiting"
    assert sent.json["markdown"].startswith("![" if sent.json["image"] else "[")


@pytest.mark.parametrize("name", HOSTILE)
def test_everything_else_is_refused_by_what_it_is(claire, client_of, name):
    content, words = HOSTILE[name]
    sent = send(client_of(claire), name, content())
    assert sent.status_code == 422
    assert words in sent.json["error"]


def test_the_plain_form_takes_several(claire, client_of):
    client = client_of(claire)
    files = [(io.BytesIO(make_file("txt")), "notes.txt"), (io.BytesIO(make_file("pdf")), "Règlement.pdf")]
    sent = client.post("/fichiers", {"files": files}, content_type="multipart/form-data")
    assert sent.status_code == 303
    page = client.get("/fichiers").text
    assert "notes.txt" in page
    assert "Règlement.pdf" in page
    assert "En cours d’examen" in page


def settings_of(app, monkeypatch, **changes):
    from dataclasses import replace

    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **changes))


def test_limits_are_told_before_any_transfer(claire, make, client_of, app, monkeypatch):
    settings_of(app, monkeypatch, file_limit_mb=7, member_limit_mb=70)
    client = client_of(claire)
    assert "7 Mo par fichier, 70 Mo en tout" in client.get("/fichiers").text.replace("\u202f", " ").replace("\xa0", " ")
    assert f'data-limit="{7 * 1024 * 1024}"' in client.get("/questions/nouvelle").text
    room = client.get("/fichiers", headers={"Accept": "application/json"}).json
    assert room == {"used": 0, "left": 70 * 1024 * 1024, "file_limit": 7 * 1024 * 1024}


def test_a_file_over_the_limit_is_refused_unread_and_as_it_comes(claire, client_of, app, monkeypatch):
    settings_of(app, monkeypatch, file_limit_mb=1)
    client = client_of(claire)
    announced = send(client, "gros.txt", b"x" * 1_200_000)
    assert announced.status_code == 413
    assert "1 Mo au plus" in announced.json["error"]
    assert not list(app.extensions["storage"].keys())
    stream = io.BytesIO(b"x" * 1_200_000)  # what announces no size is counted as it comes
    with app.test_request_context("/"), pytest.raises(TooLarge), received(stream, 1024 * 1024):
        pass
    assert not list(app.extensions["storage"].scratch.iterdir())


def test_the_room_of_a_member_is_bounded(claire, client_of, app, monkeypatch):
    settings_of(app, monkeypatch, file_limit_mb=1, member_limit_mb=1)
    client = client_of(claire)
    assert send(client, "a.txt", b"a" * 600_000).status_code == 201
    refused = send(client, "b.txt", b"b" * 600_000)
    assert refused.status_code == 413
    assert "Il ne vous reste que 0,4 Mo sur 1" in refused.json["error"].replace("\u202f", " ").replace("\xa0", " ")
    assert send(client, "c.txt", b"c" * 400_000).status_code == 201
    mine = client.get("/fichiers").text
    assert "a.txt" in mine
    assert "b.txt" not in mine


def test_other_addresses_keep_their_own_limit(claire, client_of):
    client = client_of(claire)
    assert client.post("/questions/nouvelle", {"body": "x" * 3_000_000}).status_code == 413


def test_sending_the_same_file_again_gives_the_first_one(claire, make, client_of, app):
    client = client_of(claire)
    first, again = (send(client, "a.txt", b"le meme") for _time in range(2))
    assert first.json["id"] == again.json["id"]
    named = make.question(claire, body=f"La pièce {first.json['markdown']} est jointe à cette question.")
    assert named
    assert send(client, "a.txt", b"le meme").json["id"] != first.json["id"], "that one belongs to a text now"


def test_only_members_send_files(visitor, make, client_of, claire):
    assert visitor.post("/fichiers", {"files": [(io.BytesIO(b"x"), "a.txt")]}).status_code != 201
    headers = {"X-File-Name": "a.txt", "Accept": "application/json", "X-CSRFToken": visitor.token()}
    sent = visitor.http.post("/fichiers", data=b"x", headers=headers, content_type="application/octet-stream")
    assert sent.status_code in (303, 401, 302, 200)
    assert "url" not in (sent.json or {}) if sent.is_json else True
    no_token = client_of(claire).http.post("/fichiers", data=b"x", headers={"X-File-Name": "a.txt"})
    assert no_token.status_code != 201


def test_new_members_send_a_few_a_day(client_of, claire, app):
    """The ration is trust's (people/accounts/trust.py): here, that sending asks for it."""
    from community.core.options import forget, set_option
    from community.people.accounts.identity import identity_of

    with app.test_request_context("/", method="POST"):
        set_option("trust.uploads_per_day", 1, identity_of(claire))
        from community.core.db import db

        db.session.commit()
        db.session.remove()
        forget()
    client = client_of(claire)
    assert send(client, "a.txt", b"un").status_code == 201
    refused = send(client, "b.txt", b"deux")
    assert refused.status_code == 403
    assert "réessayez demain" in refused.json["error"]


def test_the_plain_form_keeps_what_is_right_and_says_what_is_wrong(claire, client_of):
    client = client_of(claire)
    files = [
        (io.BytesIO(b"notes"), "notes.txt"),
        (io.BytesIO(b"MZ\0\0"), "installe.exe"),
        (io.BytesIO(b""), "vide.pdf"),
    ]
    sent = client.post("/fichiers", {"files": files}, content_type="multipart/form-data")
    assert sent.status_code == 422
    assert "2 fichiers n’ont pas été pris" in sent.text
    assert "programme Windows" in sent.text
    assert "Ce fichier est vide" in sent.text
    assert "notes.txt" in sent.text
    nothing = client.post("/fichiers", {})
    assert nothing.status_code == 422
    assert "Choisissez au moins un fichier" in nothing.text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Documents\\Marché.pdf", "Marché.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("rapport\u202efdp.pdf", "rapportfdp.pdf"),
        ('a"b<c>:d|e?.pdf', "a b c d e .pdf"),
        ("  .pdf", "pdf"),
        ("x" * 300 + ".pdf", "x" * 115 + "….pdf"),
        ("Re\u0301sume\u0301.pdf", "Résumé.pdf"),
    ],
)
def test_names_are_cleaned(context, sent, kept):
    from community.abilities.attachments.receiving import clean_name

    assert clean_name(sent) == kept


def test_addresses_hold_plain_letters(context):
    from community.abilities.attachments.receiving import address_name

    names = {"Grille d’analyse (v2).XLSX": "grille-d-analyse-v2.xlsx", "….pdf": "sans-titre.pdf", "été": "ete"}
    assert {name: address_name(name) for name in names} == names


def test_a_file_with_the_wrong_ending_is_told_its_right_name(claire, client_of):
    refused = send(client_of(claire), "règlement.docx", make_file("pdf"))
    assert refused.status_code == 422
    assert "document PDF" in refused.json["error"]
    assert "« règlement.pdf »" in refused.json["error"].replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_of_any_usual_encoding(claire, client_of, encoding):
    assert send(client_of(claire), "coûts.csv", "lot;coût estimé\n1;œuvre à 10 €\n".encode(encoding)).status_code == 201


def test_a_text_that_only_looks_like_a_program_is_a_text(claire, client_of):
    assert send(client_of(claire), "notes.txt", "MZ, le 3 mars : réunion de lancement.".encode()).status_code == 201
