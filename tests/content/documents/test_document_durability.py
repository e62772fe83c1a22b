"""kill -9 in the middle of version changes: a document always has one whole current version, and every one it said it had."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from apps import migrate_up, settings_for
from builders import Builders
from sqlalchemy import select

from community import create_app
from community.abilities.attachments.models import Attachment
from community.content.documents.models import Document, DocumentVersion
from community.core.db import db
from community.core.storage import blob_key, storage

ROOT = Path(__file__).resolve().parents[3]
#: gives the document one version after another, draining the outbox between, and says the number of each that was taken
WRITER = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from apps import settings_for
from builders import Builders
from community import create_app
from community.core.db import db
from community.core.outbox import drain

folder, document, member, start = Path(sys.argv[1]), *map(int, sys.argv[2:])
app = create_app(settings_for(folder, f"sqlite:///{{folder / 'own.sqlite3'}}"))
make = Builders(app)
print("go", flush=True)
for number in range(start, start + 100000):
    text = f"Texte numéro mot{{number}}."
    file = make.file(member, f"v{{number}}.txt", text, read=[text])
    version = make.version(document, member, file, f"mot{{number}}")
    print(version, flush=True)
    with app.app_context():
        drain()
        db.session.remove()
"""


@pytest.fixture
def site(tmp_path):
    app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'own.sqlite3'}"))
    migrate_up(app)
    make = Builders(app)
    member = make.member("Inès Benali", communities={"cantines": "member"})
    document = make.document(member, title="Guide qui change", file=make.file(member, read=["Premier texte."]))
    _drain(app)
    with app.app_context():
        db.engine.dispose()
    yield app, tmp_path, document, member
    with app.app_context():
        app.extensions["search"].close()
        db.session.remove()
        db.engine.dispose()


def test_killed_in_the_middle_of_version_changes(site):
    app, folder, document, member = site
    taken: set[int] = set()
    for number in range(2):
        taken |= _write_until_killed(folder, document, member, number * 1000)
        _check_whole(app, document)
    assert len(taken) > 3
    _drain(app)
    with app.app_context():
        from community.core.outbox import pending
        from community.services.search.index import repair

        versions = list(db.session.scalars(select(DocumentVersion).where(DocumentVersion.document_id == document)))
        assert taken <= {version.id for version in versions}
        assert all(version.published_at for version in versions), "what was asked is out once the worker is back"
        assert db.session.get_one(Document, document).current_number == max(version.number for version in versions)
        last = max(versions, key=lambda version: version.number).note
        assert pending() == 0
        assert repair() == (0, 0)
        db.session.remove()
    assert f"/documents/{document}-" in app.test_client().get(f"/recherche?q={last}&type=document").text


def _check_whole(app, document: int) -> None:
    """At any moment: the current version is published, its file is there and bound; at most one version waits."""
    with app.app_context():
        current = db.session.get_one(Document, document).current_number
        query = select(DocumentVersion, Attachment).join(Attachment).where(DocumentVersion.document_id == document)
        rows = list(db.session.execute(query))
        assert sorted(version.number for version, _file in rows) == list(range(1, len(rows) + 1))
        assert sum(version.published_at is None for version, _file in rows) <= 1
        out = {version.number: file for version, file in rows if version.published_at is not None}
        assert current == max(out)
        assert all(
            file.contribution_id == document and storage().exists(blob_key(file.sha256)) for file in out.values()
        )
        assert all(file.contribution_id is None for version, file in rows if version.published_at is None)
        db.session.remove()
        db.engine.dispose()


def _drain(app) -> None:
    from community.core.outbox import drain

    with app.app_context():
        while drain(100_000):
            db.session.remove()
        db.session.remove()


def _write_until_killed(folder: Path, document: int, member: int, start: int) -> set[int]:
    script = WRITER.format(root=str(ROOT), tests=str(ROOT / "tests"))
    command = [sys.executable, "-W", "ignore", "-c", script, str(folder), str(document), str(member), str(start)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert writer.stdout is not None
    writer.stdout.readline()
    first = [writer.stdout.readline(), writer.stdout.readline()]
    time.sleep(random.uniform(0.05, 0.5))
    writer.send_signal(signal.SIGKILL)
    rest, _error = writer.communicate(timeout=20)
    lines = [*first, *rest.split("\n")[:-1]]
    return {int(line) for line in lines if line.strip().isdigit()}
