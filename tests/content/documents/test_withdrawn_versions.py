"""One version is closed to readers alone: its file, at once, whatever the address; its number and the reason stay."""

from __future__ import annotations

import re

import pytest
from files import make_file
from sqlalchemy import select

from community.core.db import db

WHY = {"reason": "Le nom d’un candidat y figurait."}


@pytest.fixture
def ines(make) -> int:
    make.community("cantines")
    return make.member("Inès Benali", {"cantines": "member"})


@pytest.fixture
def scene(make, ines, drain):
    """A document of two versions: (its id, the addresses of the two files)."""
    files = []
    for number, words in enumerate(("La vieille clause de lavande.", "La clause neuve de romarin."), start=1):
        file = make.file(ines, f"v{number}.pdf", make_file("pdf", [words]), read=[words])
        files.append(f"/fichiers/{file}/v{number}.pdf")
        if number == 1:
            id = make.document(ines, title="Guide des herbes", file=file)
        else:
            make.version(id, ines, file, note="Herbes de 2026")
        drain()
    drain()
    return id, *files


def page_of(client, id: int) -> str:
    return client.get(f"/documents/{id}", follow_redirects=True).text


def acts(app) -> list[tuple[str, str]]:
    from community.core.audit import AuditEntry

    with app.app_context():
        rows = db.session.execute(
            select(AuditEntry.act, AuditEntry.reason)
            .where(AuditEntry.act.like("document.%"))
            .order_by(AuditEntry.number)
        )
        found = [(row.act, row.reason) for row in rows]
        db.session.remove()
    return found


def test_an_old_version_is_withdrawn_and_put_back(app, make, ines, scene, client_of, visitor):
    id, first, second = scene
    mine, reader = client_of(ines), client_of(make.member(communities={"cantines": "member"}))
    assert visitor.get(first).status_code == 200
    assert "Retirer cette version" in page_of(mine, id)
    assert "Retirer cette version" not in page_of(reader, id)
    for act in ("retrait", "retour"):
        assert reader.post(f"/documents/{id}/versions/1/{act}", WHY).status_code == 403
    assert mine.post(f"/documents/{id}/versions/1/retrait", {"reason": ""}).status_code == 422
    assert mine.post(f"/documents/{id}/versions/1/retrait", WHY).status_code == 303
    for stranger in (visitor, reader):
        assert stranger.get(first).status_code == 404
        assert stranger.get(first.rpartition("/")[0] + "/apercu/0").status_code == 404
        assert stranger.get(second).status_code == 200
        page = page_of(stranger, id)
        assert WHY["reason"] in page
        assert first not in page
    assert mine.get(first).status_code == 200
    assert "Version 1 retirée" in visitor.get(f"/contributions/{id}/historique").text
    assert mine.post(f"/documents/{id}/versions/1/retour").status_code == 303
    assert visitor.get(first).status_code == 200
    assert [act for act, _why in acts(app)] == ["document.version_withdrawn", "document.version_restored"]
    assert acts(app)[0][1] == f"v1: {WHY['reason']}"


def test_the_version_before_takes_the_place_of_the_current_one(scene, ines, client_of, visitor, drain):
    id, first, second = scene
    mine = client_of(ines)
    mine.post(f"/documents/{id}/versions/2/retrait", WHY)
    drain()
    assert visitor.get(second).status_code == 404
    download = re.search(r'class="button primary" href="([^"]+)"', page_of(visitor, id))
    assert download[1] == first
    assert "lavande" in visitor.get("/recherche?q=lavande&type=document").text
    assert "Guide des herbes" not in visitor.get("/recherche?q=romarin&type=document").text
    last = mine.post(f"/documents/{id}/versions/1/retrait", WHY)
    assert last.status_code == 409
    assert "la seule version" in last.text
    assert visitor.get(first).status_code == 200
    mine.post(f"/documents/{id}/versions/2/retour")
    assert visitor.get(second).status_code == 200


def test_an_author_does_not_undo_what_a_moderator_withdrew(make, scene, ines, client_of, visitor, drain):
    id, first, _second = scene
    moderator = client_of(make.member("Paul Roche", communities={"cantines": "moderator"}))
    assert moderator.post(f"/documents/{id}/versions/1/retrait", WHY).status_code == 303
    drain()
    mine = client_of(ines)
    assert "Paul Roche a retiré une version" in mine.get("/notifications").text
    assert mine.post(f"/documents/{id}/versions/1/retour").status_code == 403
    assert visitor.get(first).status_code == 404
    assert moderator.post(f"/documents/{id}/versions/1/retour").status_code == 303
