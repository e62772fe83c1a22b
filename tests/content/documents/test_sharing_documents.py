"""Sharing a document: the form, a file that comes with it, an address, drafts, editing, removal and return."""

from __future__ import annotations

import io
import re

import pytest
from told import told_once

FIELDS = {
    "title": "Guide des denrées",
    "nature": "guide",
    "community": "cantines",
    "issuer": "Ville de Clairbois",
    "edition_date": "2026-03-01",
    "licence": "own",
    "body": "Pour qui débute.",
    "tags": "denrées, allotissement",
    "cpv": "15800000",
    "dimensions": ["social"],
    "action": "publish",
}


@told_once
def ines(make) -> int:
    make.community("cantines")
    make.community("cercle", access="invitation", visibility="members")
    return make.member("Inès Benali", {"cantines": "member"})


def test_an_address_is_published_at_once(ines, client_of, visitor):
    sent = client_of(ines).post("/documents/nouveau", {**FIELDS, "url": "https://guides.example/denrees?v=2"})
    assert sent.status_code == 303
    page = visitor.get(sent.location).text
    assert "https://guides.example/denrees?v=2" in page
    assert "Sera vérifié cette nuit" in page
    assert "denrées" in page


def test_a_file_may_come_with_a_plain_form(ines, client_of, visitor, drain):
    mine = client_of(ines)
    file = (io.BytesIO(b"Un guide qui se lit sans script.\n"), "guide.txt")
    sent = mine.post("/documents/nouveau", {**FIELDS, "file": file}, content_type="multipart/form-data")
    assert sent.status_code == 303, sent.text
    assert visitor.get(sent.location).status_code == 404
    assert "en cours de lecture" in mine.get(sent.location).text
    drain()
    assert "guide.txt" in visitor.get(sent.location).text


def test_a_refused_form_comes_back_with_every_word_and_the_file(ines, client_of):
    mine = client_of(ines)
    file = (io.BytesIO(b"Un guide.\n"), "guide.txt")
    refused = mine.post("/documents/nouveau", {**FIELDS, "title": "", "file": file}, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "guide.txt" in refused.text
    assert "Pour qui débute." in refused.text
    kept = re.search(r'name="file_ids" value="(\d+)"', refused.text)
    assert kept
    again = mine.post("/documents/nouveau", {**FIELDS, "file_ids": kept.group(1)})
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Choisissez un fichier, ou donnez l’adresse"),
        ({"url": "http://127.0.0.1:22/"}, "Une adresse publique commence par"),
        ({"url": "javascript:alert(1)"}, "Une adresse publique commence par"),
        ({"url": "https://guides.example/", "edition_date": "2999-01-01"}, "Cette date est à venir"),
        ({"url": "https://guides.example/", "cpv": "158"}, "huit chiffres"),
        ({"url": "https://guides.example/", "nature": ""}, "Choisissez la nature"),
        ({"url": "https://guides.example/", "community": "cercle"}, "cercle"),
        ({"file_ids": "987654"}, "n’est plus là"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(ines, client_of, changes, words):
    refused = client_of(ines).post("/documents/nouveau", FIELDS | changes)
    assert refused.status_code == 422
    if words != "cercle":
        assert words in refused.text


def test_a_file_and_an_address_are_one_too_many(make, ines, client_of):
    both = {"url": "https://guides.example/", "file_ids": make.file(ines)}
    assert "pas les deux" in client_of(ines).post("/documents/nouveau", FIELDS | both).text


def test_somebody_else_s_file_is_no_file(make, ines, client_of):
    theirs = make.file(make.member(communities={"cantines": "member"}))
    refused = client_of(ines).post("/documents/nouveau", FIELDS | {"file_ids": theirs})
    assert refused.status_code == 422
    assert "n’est plus là" in refused.text


def test_a_file_serves_one_document(make, ines, client_of):
    mine = client_of(ines)
    file = make.file(ines)
    assert mine.post("/documents/nouveau", FIELDS | {"file_ids": file}).status_code == 303
    assert mine.post("/documents/nouveau", FIELDS | {"file_ids": file, "once": "x"}).status_code == 422
    assert mine.post(f"/fichiers/{file}/retrait").status_code == 409


def test_sending_twice_creates_one(ines, client_of):
    mine = client_of(ines)
    fields = FIELDS | {"url": "https://guides.example/", "once": "deux-fois"}
    first, second = (mine.post("/documents/nouveau", fields) for _time in range(2))
    assert first.location == second.location


def test_a_draft_is_its_author_s_until_it_is_published(ines, client_of, visitor, make):
    mine = client_of(ines)
    draft = mine.post("/documents/nouveau", {**FIELDS, "url": "https://guides.example/", "action": ""})
    id = int(re.search(r"/documents/(\d+)", draft.location).group(1))
    assert "C’est un brouillon" in mine.get(draft.location).text
    assert "Guide des denrées" in mine.get("/documents/brouillons").text
    other = client_of(make.member(communities={"cantines": "moderator"}))
    for path in ("", "/modifier", "/occultation"):
        assert other.get(f"/documents/{id}{path}").status_code == 404
    changed = mine.submit(f"/documents/{id}/modifier", {"title": "Guide relu", "action": "publish"}, "/modifier")
    assert changed.status_code == 303
    assert "Guide relu" in visitor.get(f"/documents/{id}", follow_redirects=True).text


def test_what_the_description_says_is_checked_too(ines, client_of, visitor):
    mine = client_of(ines)
    body = "Pour le joindre : M. Jean Dupont, 04 94 12 34 56."
    sent = mine.post("/documents/nouveau", {**FIELDS, "url": "https://guides.example/", "body": body})
    assert sent.location.endswith("/occultation")
    page = mine.get(sent.location).text
    assert "<mark>M. Jean Dupont</mark>" in page
    marks = re.findall(r'id="f-(\w+)"', page)
    assert mine.post(sent.location, {"public": marks}).status_code == 303
    assert "Guide des denrées" in visitor.get("/documents").text


def test_editing_keeps_what_it_said_and_refuses_an_older_start(make, ines, client_of, visitor):
    id = make.document(ines, title="Guide des denrées", url="https://guides.example/")
    mine = client_of(ines)
    assert "Communauté</label>" not in mine.get(f"/documents/{id}/modifier").text
    done = mine.submit(f"/documents/{id}/modifier", {"issuer": "Région Armor", "note": "Émetteur corrigé"}, "/modifier")
    assert done.status_code == 303
    assert "Région Armor" in visitor.get(done.location).text
    assert "Émetteur corrigé" in visitor.get(f"/contributions/{id}/historique").text
    late = mine.submit(f"/documents/{id}/modifier", {"issuer": "Trop tard", "revision": "1"}, "/modifier")
    assert late.status_code == 409
    assert "Trop tard" in late.text


def test_an_edit_passes_the_check_too(make, ines, client_of, visitor):
    id = make.document(ines, title="Guide des denrées", url="https://guides.example/")
    mine = client_of(ines)
    said = {"body": "Demandez à M. Jean Dupont."}
    refused = mine.submit(f"/documents/{id}/modifier", said, "/modifier")
    assert refused.status_code == 422
    assert "Demandez à M. Jean Dupont." in refused.text
    (mark,) = re.findall(r'id="f-(\w+)"', refused.text)
    assert "Jean Dupont" not in visitor.get(f"/documents/{id}", follow_redirects=True).text
    assert mine.submit(f"/documents/{id}/modifier", said | {"public": mark}, "/modifier").status_code == 303
    assert "Jean Dupont" in visitor.get(f"/documents/{id}", follow_redirects=True).text
    assert mine.submit(f"/documents/{id}/modifier", {"issuer": "Autre"}, "/modifier").status_code == 303


def test_a_new_address_is_to_be_looked_at_again(make, ines, client_of, visitor, app):
    from community.content.documents.models import Document
    from community.core.db import db

    id = make.document(ines, title="Guide des denrées", url="https://guides.example/")
    with app.app_context():
        db.session.get(Document, id).link_state = "dead"
        db.session.commit()
        db.session.remove()
    client_of(ines).submit(f"/documents/{id}/modifier", {"url": "https://autre.example/"}, "/modifier")
    assert "Sera vérifié cette nuit" in visitor.get(f"/documents/{id}", follow_redirects=True).text


def test_removal_is_undone(make, ines, client_of, visitor, drain):
    id = make.document(ines, title="Guide des denrées", file=make.file(ines, read=["Un guide."]))
    drain()
    mine = client_of(ines)
    file = re.search(r'href="(/fichiers/[^"]+)"', visitor.get(f"/documents/{id}", follow_redirects=True).text).group(1)
    assert visitor.get(file).status_code == 200
    assert mine.post(f"/documents/{id}/retrait").status_code == 303
    assert visitor.get(f"/documents/{id}", follow_redirects=True).status_code == 404
    assert visitor.get(file).status_code == 404
    assert mine.post(f"/documents/{id}/retour").status_code == 303
    assert visitor.get(file).status_code == 200


def test_others_may_not_write(make, ines, client_of, visitor):
    id = make.document(ines, title="Guide des denrées", url="https://guides.example/")
    other = client_of(make.member(communities={"cantines": "member"}))
    assert other.get(f"/documents/{id}/modifier").status_code == 403
    for path in ("modifier", "retrait", "retour", "publication", "versions/nouvelle"):
        assert other.post(f"/documents/{id}/{path}").status_code == 403
    assert visitor.get("/documents/nouveau").status_code in (302, 303, 401)
    moderator = client_of(make.member(communities={"cantines": "moderator"}))
    assert moderator.get(f"/documents/{id}/modifier").status_code == 200
    assert moderator.get(f"/documents/{id}/versions/nouvelle").status_code == 403  # an address has no file
