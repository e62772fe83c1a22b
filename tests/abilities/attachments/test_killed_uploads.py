"""kill -9 in the middle of an upload, and between the store and the commit; and what 25 MB cost a real web process."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from apps import SECRET, migrate_up, settings_for
from builders import Builders
from client import Client
from ports import free_port
from sqlalchemy import select

from community import create_app, serve
from community.abilities.attachments.models import Attachment, Blob
from community.abilities.attachments.tasks import sweep_files
from community.core.db import db
from community.core.outbox import Event
from community.core.storage import LocalStorage, blob_key

ROOT = Path(__file__).resolve().parent.parent.parent.parent
#: sends files one after the other and says which were acknowledged; dies where it is told to
SENDER = """
import io, os, signal, sys
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from apps import settings_for
from client import Client
from community import create_app
from sqlalchemy import event
from sqlalchemy.orm import Session

def die():
    os.kill(os.getpid(), signal.SIGKILL)

SIZE = 3_000_000

class Stream(io.RawIOBase):
    # a body of 3 MB; the process dies when half of it was read
    def __init__(self, number, deadly):
        self.at, self.letter, self.deadly = 0, b"%d" % number, deadly
    def readable(self):
        return True
    def seekable(self):
        return True
    def tell(self):
        return self.at
    def seek(self, to, how=0):
        self.at = to + (0, self.at, SIZE)[how]
        return self.at
    def readinto(self, place):
        if self.deadly and self.at > SIZE // 2:
            die()
        size = min(len(place), SIZE - self.at)
        place[:size] = self.letter * size
        self.at += size
        return size

folder, member, where = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
app = create_app(settings_for(folder, f"sqlite:///{{folder / 'own.sqlite3'}}"))
client = Client(app).signed_in_as(member)
for number in range(4):
    last = number == 3
    if last and where == "commit":
        event.listen(Session, "before_commit", lambda _session: die())
    headers = {{"X-File-Name": f"lot-{{number}}.txt", "X-CSRFToken": client.token(), "Accept": "application/json"}}
    sent = client.http.post("/fichiers", input_stream=Stream(number, last and where == "body"), headers=headers,
                            content_length=SIZE, content_type="application/octet-stream")
    assert sent.status_code == 201, sent.text
    print(sent.json["id"], flush=True)
"""


@pytest.fixture
def place(tmp_path):
    app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'own.sqlite3'}"))
    migrate_up(app)
    member = Builders(app).member("Claire Martin", communities={"cantines": "member"})
    _let_go(app)
    yield app, tmp_path, member
    _let_go(app)


def _let_go(app) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("where", ["body", "commit"])
def test_killed_in_the_middle_of_an_upload(place, where):
    app, folder, member = place
    script = SENDER.format(root=str(ROOT), tests=str(ROOT / "tests"))
    command = [sys.executable, "-W", "ignore", "-c", script, str(folder), str(member), where]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-800:]
    acknowledged = {int(line) for line in killed.stdout.split()}
    assert len(acknowledged) == 3
    store = LocalStorage(folder / "files")
    left_over = 1 if where == "commit" else 0
    with app.app_context():
        rows = db.session.execute(select(Attachment.id, Attachment.sha256)).all()
        assert {row.id for row in rows} == acknowledged
        assert sorted(db.session.scalars(select(Blob.sha256))) == sorted(row.sha256 for row in rows)
        told = db.session.scalars(select(Event.subject_id).where(Event.name == "file.stored")).all()
        assert set(told) == acknowledged
        for row in rows:
            assert hashlib.sha256(b"".join(store.open(blob_key(row.sha256)))).hexdigest() == row.sha256
        assert len(list(store.keys("blobs/"))) == 3 + left_over
        assert len(list(store.scratch.iterdir())) == 1, "what was being received"
        _make_old(folder / "files")
        sweep_files()
        db.session.remove()
    assert sorted(store.keys("blobs/")) == sorted(blob_key(row.sha256) for row in rows)
    assert not list(store.scratch.iterdir())


def _make_old(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - 2 * 86400,) * 2)


# --- a real web process ---------------------------------------------------------------------------------------------------


@pytest.fixture
def server(place, monkeypatch):
    """The web server as « flask serve » starts it, one process: (port, pid of the process that answers, client)."""
    app, folder, member = place
    port = free_port()
    settings = app.config["SETTINGS"]
    chosen = {"DATABASE_URL": settings.database_url, "INSTANCE": str(folder), "SECRET_KEY": SECRET}
    for name, value in {**chosen, "SITE_URL": f"http://127.0.0.1:{port}"}.items():
        monkeypatch.setenv(name, value)
    client = Client(app).signed_in_as(member)
    web = serve._web("127.0.0.1", port, 1)
    try:
        assert serve._wait_until_ready(f"http://127.0.0.1:{port}/sante", web)
        children = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
        yield port, max(map(int, children), key=lambda pid: _memory(pid, "VmRSS")), client
    finally:
        web.terminate()
        with suppress(subprocess.TimeoutExpired):
            web.wait(60)
        web.kill()


def _memory(pid: int, name: str) -> int:
    """Kilobytes."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) if found else 0


def _heavy_pdf(size: int) -> bytes:
    return b"%PDF-1.7\n" + secrets.token_bytes(size - 40) + b"\nstartxref\n0\n%%EOF\n"


def _post(port: int, client: Client, name: str, content: bytes) -> tuple[int, bytes]:
    cookie = client.http.get_cookie("session")
    headers = {
        "Cookie": f"session={cookie.value}",
        "X-CSRFToken": client.token(),
        "X-File-Name": name,
        "Content-Type": "application/octet-stream",
        "Accept": "application/json",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/fichiers", body=content, headers=headers)
    answer = connection.getresponse()
    read = answer.status, answer.read()
    connection.close()
    return read


def test_25_megabytes_cost_the_web_process_less_than_20(server):
    port, pid, client = server
    client.token()
    for number in range(3):
        assert _post(port, client, f"petit-{number}.pdf", _heavy_pdf(60_000 + number))[0] == 201
    before = _memory(pid, "VmRSS")
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak is counted from here
    status, answer = _post(port, client, "gros.pdf", _heavy_pdf(25 * 1024 * 1024 - 1000))
    assert status == 201, answer
    peak = _memory(pid, "VmHWM")
    print(f"25 MB: {before} kB before, {peak} kB at most")
    assert peak - before < 20 * 1024, f"{before} kB before, {peak} kB at most"
