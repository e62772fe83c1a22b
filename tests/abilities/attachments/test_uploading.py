"""Sending files: what comes back, what is kept, what is refused and in which words."""

from __future__ import annotations

import io

import pytest
from files import HOSTILE, MAKERS, make_file
from uploads import send


@pytest.fixture
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
