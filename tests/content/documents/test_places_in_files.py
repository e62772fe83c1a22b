"""A place in a file is named as its readers name it: a sheet, a slide, a page."""

from __future__ import annotations

import io
import re

import pytest
from files import make_file

from community.core.db import db


@pytest.fixture
def ines(make) -> int:
    make.community("cantines")
    return make.member("Inès Benali", {"cantines": "member"})


def workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Sommaire"
    book.active["A1"] = "Contenu du classeur"
    lots = book.create_sheet("Lots")
    lots["A1"], lots["A2"] = "Légumineuses de plein champ", "Suivi par Mme Jeanne Martin"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def without_office(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")


@pytest.mark.parametrize(
    ("name", "content", "place", "heading"),
    [
        ("lots.xlsx", workbook, "feuille « Lots »", "Feuille « Lots »"),
        (
            "projet.pptx",
            lambda: make_file("pptx", ["Le projet", "Les légumineuses"]),
            "diapositive 2",
            "Diapositive 2 sur 2",
        ),
    ],
)
def test_a_hit_names_the_sheet_or_the_slide(
    make, ines, client_of, visitor, drain, monkeypatch, name, content, place, heading
):
    without_office(monkeypatch)
    id = make.document(ines, title="Guide des lots", file=make.file(ines, name, content()))
    drain()
    mine, words = client_of(ines), " ".join(place.split())
    check = mine.get(f"/documents/{id}/occultation")
    if check.status_code == 200:
        assert words in plain(check.text)
        marks = re.findall(r'name="public" id="f-\w+" value="(\w+)"', check.text)
        mine.post(f"/documents/{id}/occultation", {"public": marks})
        drain()
    drain()
    found = visitor.get("/recherche?q=légumineuses&type=document").text
    link = re.search(r'<a href="(/documents/[^"]+page=2[^"]*)">([^<]*)</a></b>', found)
    assert plain(link[2]) == words
    assert heading in plain(visitor.get(link[1].replace("&amp;", "&").split("#")[0]).text)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_what_waits_is_told_under_the_document_s_title(make, ines, client_of, drain):
    """The draft is nobody else's: its author reads its title in the notification, and is led to its page."""
    pages = ["Dossier suivi par M. Jean Dupont."]
    make.document(
        ines, title="Rapport des denrées 2026", file=make.file(ines, "r.pdf", make_file("pdf", pages), read=pages)
    )
    drain()
    mine = client_of(ines)
    told = mine.get("/notifications").text
    assert "Rapport des denrées 2026" in told
    assert "attend vos réponses" in told
    with mine.http.application.app_context():
        from community.services.notifications.models import Notification

        id = db.session.query(Notification.id).filter_by(event="document.to_answer").scalar()
        db.session.remove()
    opened = mine.post(f"/notifications/{id}", follow_redirects=True)
    assert "Voir les passages" in opened.text
