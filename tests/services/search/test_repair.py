"""A damaged index: the site stays up and says so, readiness tells it, the worker builds it anew."""

from __future__ import annotations

import shutil

import pytest

from community.services.search.index import forget


@pytest.fixture
def folder(app, make, people, drain):
    make.question(people["claire"], title="Comment acheter des axolotls ?")
    drain()
    return app.config["SETTINGS"].instance / "search"


def delete(folder) -> None:
    shutil.rmtree(folder)


def truncate(folder) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def empty(folder) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"")


def other_version(folder) -> None:
    from search_index.store import Store

    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size < 2_000:
            text = path.read_bytes()
            path.write_bytes(text.replace(b'"', b"'") if text[:1] in (b"{", b"[") else b"99 " + text)
    assert Store(folder)


@pytest.mark.parametrize("damage", [delete, truncate, empty, other_version])
def test_damage_is_said_and_mended_by_the_worker(app, make, people, folder, drain, visitor, find, damage):
    with app.app_context():
        forget()
    damage(folder)
    assert visitor.get("/sante/pret").json["search"] is False
    answer = visitor.get("/recherche?q=axolotls")
    assert answer.status_code == 503 and "La recherche se reconstruit" in answer.text
    assert visitor.get("/recherche/completion?q=axol").json == []
    assert visitor.get("/questions").status_code == 200
    make.question(people["claire"], title="Comment acheter des loutres ?")
    drain()
    assert "1 résultat" in find(visitor, "axolotls")
    assert "1 résultat" in find(visitor, "loutres")
    assert visitor.get("/sante/pret").json["search"] is True


@pytest.mark.parametrize(("damage", "task"), [(delete, "repair_index"), (truncate, "settle_index")])
def test_it_is_mended_without_a_post_too(app, folder, visitor, find, damage, task):
    from community.core.db import db
    from community.services.search import tasks

    with app.app_context():
        forget()
    damage(folder)
    with app.app_context():
        getattr(tasks, task)()
        db.session.remove()
    assert "1 résultat" in find(visitor, "axolotls")


def test_readiness_tells_it_before_any_search(app, folder, visitor):
    with app.app_context():
        forget()
    assert visitor.get("/sante/pret").json["search"] is True


def test_the_night_leaves_one_segment(app, make, people, folder, drain, visitor, find):
    from community.services.search.index import index
    from community.services.search.tasks import tidy_index

    for number in range(3):
        make.question(people["claire"], title=f"Comment acheter des loutres, acte {number} ?")
        drain()
    with app.app_context():
        before = len(index()._current().segments)
        tidy_index()
        assert before > 1 and len(index()._current().segments) == 1
    assert "3 résultats" in find(visitor, "loutres")
