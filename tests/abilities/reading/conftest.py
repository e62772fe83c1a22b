"""What the tests of reading need: files stored through the product's own action, and what is known of them afterwards."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from told import told_once

from community.core.db import db


@told_once
def claire(make) -> int:
    """An expert: newcomers may send a few files a day only."""
    return make.member("Claire Martin", communities={"cantines": "expert"})


@pytest.fixture
def store(app, claire) -> Callable[..., int]:
    """``store(content, name)`` → the id of the attachment, waiting to be examined."""

    def keep(content: bytes, name: str, member: int | None = None) -> int:
        from community.abilities.attachments.actions import attach
        from community.abilities.attachments.receiving import received
        from community.people.accounts.identity import identity_of

        with app.test_request_context("/", method="POST"):
            with received(io.BytesIO(content), 30_000_000) as file:
                id = attach(identity_of(member or claire), name, file, 500_000_000).id
                db.session.commit()
            db.session.remove()
        return id

    return keep


@pytest.fixture
def known(app) -> Callable[[int], SimpleNamespace]:
    """``known(id)``: state, reason, facts and pages of an attachment's content."""

    def look(id: int) -> SimpleNamespace:
        from community.abilities.attachments.models import Attachment, Blob
        from community.abilities.reading.queries import pages_of

        with app.test_request_context("/"):
            blob = db.session.get_one(Blob, db.session.get_one(Attachment, id).sha256)
            pages = [(row.label, row.text) for row in pages_of(blob.sha256)]
            found = SimpleNamespace(
                sha256=blob.sha256,
                state=blob.state,
                reason=blob.state_reason,
                scan=blob.scan,
                facts=blob.facts,
                text_state=blob.text_state,
                pages=pages,
                words="\n".join(text for _label, text in pages),
            )
            db.session.remove()
        return found

    return look


@pytest.fixture
def examined(store, drain, known) -> Callable[[bytes, str], SimpleNamespace]:
    """Store a file, let the worker examine it, give what is known of it."""

    def run(content: bytes, name: str) -> SimpleNamespace:
        id = store(content, name)
        drain()
        found = known(id)
        found.id = id
        return found

    return run


@pytest.fixture
def without_office(monkeypatch) -> None:
    """As on a machine where LibreOffice is not installed."""
    monkeypatch.setenv("PATH", "/nowhere")


@pytest.fixture(scope="session")
def clamd_url() -> Iterator[str]:
    from clamdtmp import temp_clamd

    with temp_clamd() as url:
        yield url


@pytest.fixture
def scanning(app, clamd_url) -> Iterator[Callable[[str], None]]:
    """Files are scanned by a real clamd; ``scanning(url)`` sets another address."""
    import dataclasses

    settings = app.config["SETTINGS"]

    def set_url(url: str) -> None:
        app.config["SETTINGS"] = dataclasses.replace(settings, clamd_url=url)

    set_url(clamd_url)
    yield set_url
    app.config["SETTINGS"] = settings
