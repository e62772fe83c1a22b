"""The night's sweep removes what nobody names, after a while, and never what somebody does."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from files import make_file, picture
from sqlalchemy import select, update
from told import told_once
from uploads import send

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.attachments.tasks import sweep_files
from community.core.clock import at, now
from community.core.db import db
from community.core.storage import blob_key


@told_once
def claire(make) -> int:
    make.community("cantines")
    return make.member("Claire Martin", communities={"cantines": "member"})


@pytest.fixture
def sweep(app):
    """The task, as the worker runs it in so many days; the store's clock is the disk's, so files are made older."""

    def run(days: float) -> None:
        store = app.extensions["storage"]
        for key in list(store.keys()):
            path = store.local_path(key)
            os.utime(path, times=(path.stat().st_atime - days * 86400, path.stat().st_mtime - days * 86400))
        with app.app_context():
            with at(now() + timedelta(days=days)):
                sweep_files()
            db.session.remove()

    return run


def names(app) -> list[str]:
    with app.app_context():
        found = list(db.session.scalars(select(Attachment.name).order_by(Attachment.name)))
        db.session.remove()
    return found


def contents(app) -> int:
    return len(list(app.extensions["storage"].keys("blobs/")))


def test_a_loose_file_stays_a_week(app, claire, client_of, sweep):
    send(client_of(claire), "a.txt", b"abandon")
    sweep(6.9)
    assert names(app) == ["a.txt"]
    assert contents(app) == 1
    sweep(7.1)
    assert names(app) == []
    assert contents(app) == 0
    with app.app_context():
        assert not db.session.scalars(select(Blob)).all()
        db.session.remove()


def test_a_file_in_a_text_or_in_a_draft_stays(app, claire, make, client_of, sweep):
    client = client_of(claire)
    bound = send(client, "lie.txt", b"un").json
    drafted = send(client, "brouillon.txt", b"deux").json
    make.question(claire, body=f"La pièce {bound['markdown']} est jointe à cette question.")
    client.post("/brouillons", {"target": "question:new", "body": f"À suivre {drafted['markdown']}"})
    sweep(60)
    assert names(app) == ["brouillon.txt", "lie.txt"]
    assert contents(app) == 2


def test_a_content_that_two_members_have_stays_until_neither_has_it(app, claire, make, client_of, sweep):
    paul = make.member(communities={"cantines": "member"})
    send(client_of(claire), "a.txt", b"le meme contenu")
    kept = send(client_of(paul), "b.txt", b"le meme contenu").json
    make.question(paul, body=f"La pièce {kept['markdown']} est jointe à cette question.")
    assert contents(app) == 1, "stored once"
    sweep(30)
    assert names(app) == ["b.txt"]
    assert contents(app) == 1
    with app.app_context():
        db.session.execute(update(Attachment).values(contribution_id=None, loose_since=now() - timedelta(days=60)))
        db.session.commit()
        db.session.remove()
    sweep(30)
    assert contents(app) == 0


def test_what_a_crash_left_goes_after_a_day_and_not_before(app, sweep):
    """A content in the store that no row names (killed between storage and commit), and half a transfer."""
    import io

    store = app.extensions["storage"]
    sha = "ab" * 32
    store.put(blob_key(sha), io.BytesIO(b"orphelin"))
    store.put(f"previews/{sha}/1.webp", io.BytesIO(b"apercu"))
    store.scratch.mkdir(parents=True, exist_ok=True)
    half = store.scratch / "moitie"
    half.write_bytes(b"x")
    sweep(0.5)
    assert store.exists(blob_key(sha))
    assert half.exists()
    os.utime(half, (0, 0))
    sweep(1.1)
    assert not list(store.keys())
    assert not half.exists()


def test_the_contents_of_what_was_refused_go_and_the_refusal_stays(app, claire, client_of, sweep):
    send(client_of(claire), "a.txt", b"refuse")
    with app.app_context():
        db.session.execute(update(Blob).values(state="refused", state_reason="wrong"))
        db.session.commit()
        db.session.remove()
    sweep(2)
    assert names(app) == ["a.txt"]
    assert contents(app) == 0
    assert send(client_of(claire), "b.txt", b"refuse").status_code == 422


def test_the_previews_of_what_goes_go_too(app, claire, client_of, drain, sweep):
    send(client_of(claire), "plan.png", picture("PNG"))
    send(client_of(claire), "a.pdf", make_file("pdf"))
    drain()
    sweep(30)
    assert list(app.extensions["storage"].keys()) == []


def test_the_files_of_a_text_that_was_erased_go_a_week_later(app, claire, client_of, sweep):
    send(client_of(claire), "a.txt", b"efface avec son texte")
    with app.app_context():
        db.session.execute(update(Attachment).values(loose_since=None))
        db.session.commit()
        db.session.remove()
    sweep(1)
    assert names(app) == ["a.txt"]
    sweep(9)
    assert names(app) == []
