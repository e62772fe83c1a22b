"""A file joined to a text is looked at for what must not be shared; its sender reads the passages and has three ways out."""

from __future__ import annotations

import re

import pytest
from uploads import send

DELICATE = b"Dossier suivi par M. Jean Dupont, 04 94 12 34 56."


@pytest.fixture
def asked(examined, client_of, claire, drain):
    """A question with such a file: (the file's id, its address, the question's)."""
    found = examined(DELICATE, "notes.txt")
    file = f"/fichiers/{found.id}/notes.txt"
    body = f"Voici nos notes : [notes]({file}) Qu’en pensez-vous ?"
    fields = {"title": "Comment noter ces offres de denrées ?", "community": "cantines", "body": body}
    page = client_of(claire).submit("/questions/nouvelle", fields).headers["Location"]
    drain()
    drain()
    return found.id, file, page


def test_its_sender_is_told_and_reads_the_passages(make, asked, client_of, claire, visitor):
    id, _file, page = asked
    mine = client_of(claire)
    told = mine.get("/notifications").text
    assert "données à masquer" in told
    assert "Comment noter ces offres" in told
    assert "2 points à vérifier" in mine.get(page).text
    assert "à vérifier" not in visitor.get(page).text
    check = mine.get(f"/fichiers/{id}/occultation").text
    assert "<mark>M. Jean Dupont</mark>" in check
    assert "jamais une promesse" in check
    other = client_of(make.member(communities={"cantines": "moderator"}))
    for path in ("occultation", "fermeture", "reouverture", "remplacement"):
        sent = other.post(f"/fichiers/{id}/{path}")
        assert sent.status_code == 404, path


def test_confirmed_nothing_is_asked_any_more(asked, client_of, claire, drain):
    id, _file, page = asked
    mine = client_of(claire)
    marks = re.findall(r'name="public" id="f-\w+" value="(\w+)"', mine.get(f"/fichiers/{id}/occultation").text)
    half = mine.post(f"/fichiers/{id}/occultation", {"public": marks[:1]})
    assert half.status_code == 422
    assert "Il reste un point sans réponse" in half.text
    assert mine.post(f"/fichiers/{id}/occultation", {"public": marks}).status_code == 303
    assert "à vérifier" not in mine.get(page).text


def test_closed_nobody_else_gets_it_until_it_is_opened_again(make, asked, client_of, claire, visitor):
    id, file, page = asked
    mine = client_of(claire)
    assert visitor.get(file).status_code == 200
    assert mine.post(f"/fichiers/{id}/fermeture").status_code == 303
    reader = client_of(make.member(communities={"cantines": "member"}))
    assert visitor.get(file).status_code == reader.get(file).status_code == 404
    assert mine.get(file).status_code == 200
    assert "Fermé aux lecteurs" in visitor.get(page).text
    assert mine.post(f"/fichiers/{id}/reouverture").status_code == 303
    assert visitor.get(file).status_code == 200


def test_replaced_the_text_shows_the_other_one(asked, client_of, claire, visitor, drain):
    id, file, page = asked
    mine = client_of(claire)
    mine.post(f"/fichiers/{id}/fermeture")
    image = send(mine, "photo.txt", b"pas une image").json["id"]
    clean = send(mine, "notes-sans-nom.txt", b"Dossier suivi par le service achats.").json["id"]
    assert mine.post(f"/fichiers/{id}/remplacement", {"file_ids": "987654"}).status_code == 422
    assert mine.post(f"/fichiers/{id}/remplacement", {"file_ids": clean}).status_code == 303
    drain()
    drain()
    moved = visitor.get(file, follow_redirects=True)
    assert moved.data == b"Dossier suivi par le service achats."
    assert "notes-sans-nom.txt" in visitor.get(page).text
    assert "à vérifier" not in mine.get(page).text
    assert mine.get(f"/fichiers/{clean}/notes-sans-nom.txt").status_code == 404
    assert image
