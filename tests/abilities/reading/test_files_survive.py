"""kill -9 in the middle of a reading, files that kill their reader, files of 300 pages: the worker goes on, nothing is half."""

from __future__ import annotations

import contextlib
import io
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import files
import pytest
from apps import migrate_up, settings_for
from files import make_file
from sqlalchemy import func, select

from community import create_app
from community.core.db import db

ROOT = Path(__file__).resolve().parents[3]
WORDS = ("marché", "acheteur", "allotissement", "denrées", "délai", "livraison", "pénalités", "critère", "offre")
#: a worker that drains the slow lane and is killed a tenth of a second after it began to read, which takes longer
WORKER = """
import os, signal, sys, threading
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from apps import settings_for
from community import create_app
from community.core import sandbox
from community.core.db import db
from community.core.outbox import drain

folder = Path(sys.argv[1])
app = create_app(settings_for(folder, f"sqlite:///{{folder / 'own.sqlite3'}}"))
run = sandbox.run
def run_and_die(*args, **options):
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return run(*args, **options)
sandbox.run = run_and_die
with app.app_context():
    drain(lane="slow")
    db.session.remove()
print("done", flush=True)
"""


def book(pages: int, lines: int = 48) -> bytes:
    """A PDF of dense pages; the number of each is in its first words."""
    dice = random.Random(300)
    texts = ["\n".join(" ".join(dice.choices(WORDS, k=11)) for _line in range(lines)) for _page in range(pages)]
    return files.pdf([f"Feuillet numéro {number}\n{text}" for number, text in enumerate(texts, 1)])


def test_a_pdf_of_300_pages_takes_less_than_20_seconds_and_300_megabytes(tmp_path):
    """The bound on memory is the sandbox's own: past 300 MB of addresses it would not have answered."""
    from community.core import sandbox

    path, out = tmp_path / "book", tmp_path / "pages"
    path.write_bytes(book(300))
    arguments = {"path": str(path), "extension": "pdf", "out": str(out), "seconds": 20}
    start = time.monotonic()
    found = sandbox.run("community.abilities.reading.sandboxed:read", arguments, seconds=20, megabytes=300)
    looked = sandbox.run("community.abilities.reading.sandboxed:look", arguments, seconds=20, megabytes=300)
    assert time.monotonic() - start < 20
    assert (found["pages"], found["truncated"], looked["findings"]) == (300, None, [])
    lines = out.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 300
    assert "Feuillet numéro 300" in lines[299]


def test_a_reader_that_runs_out_of_time_keeps_what_it_has(tmp_path):
    from community.abilities.reading import sandboxed

    path, out = tmp_path / "book", tmp_path / "pages"
    path.write_bytes(book(60))
    for seconds in (0.02, 0.05, 0.1, 0.2, 0.4, 0.8):  # a busy machine may not even begin within the first
        found = sandboxed.read({"path": str(path), "extension": "pdf", "out": str(out), "seconds": seconds})
        if found["parts"]:
            break
    assert found["truncated"] == "time"
    assert found["pages"] == 60
    assert 0 < found["parts"] == len(out.read_text(encoding="utf-8").splitlines()) < 60


@pytest.fixture
def site(tmp_path):
    """An installation of its own, with a file of many pages that waits to be read."""
    from builders import Builders

    from community.abilities.attachments.actions import attach
    from community.abilities.attachments.receiving import received
    from community.people.accounts.identity import identity_of

    app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'own.sqlite3'}"))
    migrate_up(app)
    claire = Builders(app).member("Claire Martin", communities={"cantines": "member"})
    with app.test_request_context("/", method="POST"):
        with received(io.BytesIO(book(250, 12)), 30_000_000) as file:
            attach(identity_of(claire), "livre.pdf", file, 500_000_000)
            db.session.commit()
        db.session.remove()
        db.engine.dispose()
    yield app, tmp_path
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_killed_in_the_middle_of_a_reading(site):
    """The file is as it was; the next worker finishes, once, and every page is there."""
    app, folder = site
    _kill_while_it_reads(folder)
    assert _state(app) == ("waiting", 0)
    with app.app_context():
        from community.core.outbox import drain, pending

        drain()
        assert pending() == 0
        db.session.remove()
    assert _state(app) == ("ready", 250)


def _kill_while_it_reads(folder: Path) -> None:
    """A worker notes its attempt before it begins to read, and the book takes a good half second: it dies in between."""
    script = WORKER.format(root=str(ROOT), tests=str(ROOT / "tests"))
    command = [sys.executable, "-W", "ignore", "-c", script, str(folder)]
    killed = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, timeout=120, check=False)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, b"")
    assert _has_begun(folder)


def _has_begun(folder: Path) -> bool:
    with contextlib.closing(sqlite3.connect(folder / "own.sqlite3")) as connection:
        return "attempts" in connection.execute("SELECT facts FROM blob").fetchone()[0]


def _state(app) -> tuple[str, int]:
    from community.abilities.attachments.models import Blob, BlobPage

    with app.app_context():
        found = (
            db.session.scalar(select(Blob.state)),
            db.session.scalar(select(func.count()).select_from(BlobPage)) or 0,
        )
        db.session.remove()
        db.engine.dispose()
    return found


def test_a_file_that_takes_the_worker_down_each_time_is_given_up(app, store, known, drain):
    """These deaths were counted before this worker began: the file is left alone, and the events behind it go on."""
    from community.abilities.attachments.models import Attachment, Blob
    from community.abilities.reading.tasks import MOST_ATTEMPTS

    poison, other = store(make_file("pdf"), "poison.pdf"), store(make_file("txt"), "autre.txt")
    with app.app_context():
        blob = db.session.get_one(Blob, db.session.get_one(Attachment, poison).sha256)
        blob.facts = {"attempts": MOST_ATTEMPTS}
        db.session.commit()
        db.session.remove()
    drain()
    assert (known(poison).state, known(poison).reason) == ("refused", "crashed")
    assert known(other).state == "ready"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("crash", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"),
        ("time", "while True: pass"),
        ("memory", "a = []\n    while True: a.append(bytearray(8_000_000))"),
        ("refused", "raise ValueError(1)"),
    ],
)
def test_the_sandbox_ends_what_goes_wrong(tmp_path, monkeypatch, kind, body):
    from community.core import sandbox

    (tmp_path / "faulty.py").write_text(f"def read(arguments):\n    {body}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(sandbox.SandboxFailure) as failure:
        sandbox.run("faulty:read", {}, seconds=1, megabytes=200)
    assert failure.value.kind == kind


def test_the_sandbox_knows_no_secret_and_no_network(tmp_path, monkeypatch):
    from community.core import sandbox

    code = (
        "import os, socket\ndef look(arguments):\n    try:\n"
        "        socket.create_connection(('127.0.0.1', arguments['port']), 1)\n        reached = True\n"
        "    except OSError:\n        reached = False\n    return {'environ': dict(os.environ), 'reached': reached}\n"
    )
    (tmp_path / "curious.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "secret")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        found = sandbox.run("curious:look", {"port": server.getsockname()[1]}, seconds=5, megabytes=200)
    assert "SECRET_KEY" not in found["environ"]
    assert found["reached"] is False


def test_reading_again_changes_nothing(app, examined, known):
    """A new examiner looks at everything again: the same rows come out."""
    from community.abilities.reading.tasks import examine_blob

    found = examined(make_file("pdf", ["Une", "Deux"]), "piece.pdf")
    with app.app_context():
        from community.abilities.attachments.models import Blob

        blob = db.session.get_one(Blob, found.sha256)
        blob.facts = {**blob.facts, "examiner": 0}
        db.session.commit()
        assert examine_blob(found.sha256) is True
        assert examine_blob(found.sha256) is False
        db.session.remove()
    again = known(found.id)
    assert (again.state, again.pages, again.facts) == (found.state, found.pages, found.facts)


def test_the_worker_reads_in_a_thread_of_its_own(app, store, known):
    from community.core.jobs import SlowLane

    id = store(make_file("txt"), "a.txt")
    lane = SlowLane(app)
    lane.start()
    try:
        for _moment in range(1200):
            if known(id).state == "ready":
                break
            time.sleep(0.05)
    finally:
        lane.stop()
        lane.join(60)
    assert known(id).state == "ready"
    assert not lane.is_alive()


def test_what_a_kill_left_behind_goes_with_the_night(app, examined):
    import os

    from community.abilities.reading.tasks import look_again
    from community.core.storage import storage

    examined(make_file("txt"), "a.txt")
    with app.app_context():
        scratch = storage().scratch
        assert list(scratch.iterdir()) == []
        for name, age in (("lecture-old", 2 * 86_400), ("lecture-now", 0)):
            (scratch / name / "images").mkdir(parents=True)
            os.utime(scratch / name, (time.time() - age,) * 2)
        look_again()
        assert [path.name for path in scratch.iterdir()] == ["lecture-now"]
        db.session.remove()


def test_slow_events_wait_for_their_own_lane(app, store, known):
    from community.core.outbox import drain, pending

    id = store(make_file("txt"), "a.txt")
    with app.app_context():
        drain(lane="quick")
        assert pending() >= 1
        db.session.remove()
    assert known(id).state == "waiting"
    with app.app_context():
        drain(lane="slow")
        drain(lane="quick")
        assert pending() == 0
        db.session.remove()
    assert known(id).state == "ready"
