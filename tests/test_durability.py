"""kill -9 at any moment loses no acknowledged post, doubles none, and leaves no index to repair by hand."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from apps import SECRET, settings_for
from sqlalchemy import select

from community import create_app
from community.contributions.models import Contribution
from community.core.db import db
from community.core.outbox import emit
from community.people.accounts.models import Member

ROOT = Path(__file__).resolve().parent.parent
#: posts answers as fast as it can, draining the outbox now and then, and says the number of each that was acknowledged
WRITER = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from client import Client
from apps import settings_for
from community import create_app
from community.core.db import db
from community.core.outbox import drain

folder, question, member, start = Path(sys.argv[1]), *map(int, sys.argv[2:])
app = create_app(settings_for(folder, f"sqlite:///{{folder / 'own.sqlite3'}}"))
client = Client(app).signed_in_as(member)
for number in range(start, start + 100000):
    answer = {{"body": f"Réponse mot{{number}} de la série.", "once": f"n{{number}}"}}
    sent = client.post(f"/questions/{{question}}/reponses", answer)
    assert sent.status_code == 303, sent.status_code
    print(number, flush=True)
    if number % 7 == 0:
        with app.app_context():
            drain(5)
            db.session.remove()
"""


@pytest.fixture
def site(tmp_path):
    from apps import migrate_up
    from builders import Builders

    app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'own.sqlite3'}"))
    migrate_up(app)
    make = Builders(app)
    member = make.member("Claire Martin", communities={"cantines": "expert"})  # what new members may post is rationed
    question = make.question(member)
    with app.app_context():
        emit("member.confirmed", db.session.get(Member, member))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    yield app, tmp_path, question, member
    with app.app_context():
        if "search" in app.extensions:
            app.extensions["search"].close()
        db.session.remove()
        db.engine.dispose()


def test_killed_at_any_moment(site):
    assert SECRET
    app, folder, question, member = site
    script = WRITER.format(root=str(ROOT), tests=str(ROOT / "tests"))
    acknowledged: set[int] = set()
    for number in range(3):
        acknowledged |= _write_until_killed(script, folder, question, member, number * 1000)
    assert len(acknowledged) >= 12
    with app.app_context():
        once = [
            int(text[1:]) for text in db.session.scalars(select(Contribution.once).where(Contribution.kind == "answer"))
        ]
        assert sorted(once) == sorted(set(once))
        assert acknowledged <= set(once)
        from community.core.outbox import drain, pending
        from community.services.search.index import repair

        drain(100_000)
        assert pending() == 0
        assert repair() == (0, 0)
        db.session.remove()
    found = app.test_client().get(f"/recherche?q=mot{max(acknowledged)}")
    assert f"/questions/{question}-" in found.text


def _write_until_killed(script: str, folder: Path, question: int, member: int, start: int) -> set[int]:
    command = [sys.executable, "-W", "ignore", "-c", script, str(folder), str(question), str(member), str(start)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert writer.stdout is not None
    first = "".join(writer.stdout.readline() for _post in range(random.randint(4, 12)))
    time.sleep(random.uniform(0, 0.05))
    writer.send_signal(signal.SIGKILL)
    rest, _error = writer.communicate(timeout=20)
    lines = (first + rest).split("\n")[:-1]
    return {int(line) for line in lines if line.strip().isdigit()}
