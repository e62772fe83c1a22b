"""What the tests of search share."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from told import told_once

from community.core.db import db


@told_once
def people(make) -> dict[str, int]:
    make.community("cantines", name="Restauration")
    return {
        "claire": make.member("Claire Martin", communities={"cantines": "member"}, job="Acheteuse publique"),
        "paul": make.member("Paul Roche", communities={"cantines": "expert"}),
        "zoe": make.member("Zoé Lambert", communities={"cantines": "moderator"}),
    }


@pytest.fixture
def find():
    """The results page for these words, with plain spaces: ``find(client, "pain", etiquette="bio")``."""

    def run(client, words: str, **more: str) -> str:
        response = client.get("/recherche?" + urlencode({"q": words, **more}))
        assert response.status_code == 200
        return response.text.replace("\xa0", " ").replace("\u202f", " ")

    return run


@pytest.fixture
def work(app, drain):
    """Run what the worker would: the jobs that pages asked for, then the outbox."""

    def run() -> None:
        huey = app.extensions["huey"]
        while (task := huey.dequeue()) is not None:
            if task.name == "search_miss":
                huey.execute(task)
        drain()

    while app.extensions["huey"].dequeue() is not None:
        pass
    return run


@pytest.fixture
def rows(app):
    """Read rows of a model: ``rows(SearchMiss)``."""

    def read(model):
        with app.app_context():
            found = db.session.query(model).order_by(model.id).all()
            db.session.expunge_all()
            db.session.remove()
            return found

    return read
