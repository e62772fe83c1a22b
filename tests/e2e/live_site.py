"""A real site for the browser: web server and worker in processes of their own, on a database and an index of their own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from apps import migrate_up
from builders import Builders
from flask import Flask
from ports import free_port
from sqlalchemy import delete, select

from community import create_app
from community.config import ROOT, load_settings
from community.core.clock import now
from community.core.db import db


class Site:
    """What a test holds of the running site: its address, builders on its database, and a look at its rows."""

    def __init__(self, app: Flask, base: str) -> None:
        self.app = app
        self.base = base
        self.make = Builders(app)

    def count(self, model: type, **values: Any) -> int:
        with self.app.app_context():
            found = len(db.session.scalars(select(model.id).filter_by(**values)).all())
            db.session.remove()
        return found

    def nudge(self) -> None:
        """Tell the worker to look at the outbox, as every commit of the site does (builders commit by themselves)."""
        self.app.extensions["drain"]()

    def settle(self, within: float = 60) -> None:
        """Wait until the worker has handled everything that happened so far."""
        from community.core.outbox import pending

        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            with self.app.app_context():
                left = pending()
                db.session.remove()
            if not left:
                return
            time.sleep(0.05)
        raise AssertionError(f"{left} events still wait after {within} s")

    def forget_drafts(self) -> None:
        """What another test left half written must not come back in this one."""
        from community.abilities.drafts.models import Draft

        with self.app.app_context():
            db.session.execute(delete(Draft))
            db.session.commit()
            db.session.remove()

    def cookie_of(self, member_id: int) -> dict[str, str]:
        """The session cookie of somebody just signed in, without the password round trip."""
        from community.people.accounts.identity import hash_key
        from community.people.accounts.models import SignIn

        key = secrets.token_urlsafe(32)
        with self.app.app_context():
            db.session.add(SignIn(key_hash=hash_key(key), member_id=member_id, expires_at=now() + timedelta(hours=12)))
            db.session.commit()
            db.session.remove()
        signer = self.app.session_interface.get_signing_serializer(self.app)
        value = signer.dumps({"_user_id": key, "_fresh": True})
        return {"name": self.app.config["SESSION_COOKIE_NAME"], "value": value, "url": self.base}


@contextmanager
def running_site(folder: Path, **settings: str) -> Iterator[Site]:
    """Migrate an empty database, start the server and the worker (with these settings more), stop both at the end."""
    base = f"http://127.0.0.1:{free_port()}"
    chosen = {"INSTANCE": str(folder), "SITE_URL": base, "SECRET_KEY": secrets.token_urlsafe(48), **settings}
    app = create_app(load_settings(chosen))
    migrate_up(app)
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    environ = {**inherited, **chosen, "DEMO": "0", "PYTHONPATH": str(ROOT)}
    started = [_start(command, environ, folder) for command in (_web(base), ["flask", "--app", "wsgi", "worker"])]
    try:
        _wait_for(f"{base}/sante", started[0])
        yield Site(app, base)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def _web(base: str) -> list[str]:
    port = base.rpartition(":")[2]
    options = [
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        port,
        "--workers",
        "1",
        "--blocking-threads",
        "2",
    ]
    return ["granian", *options, "--log-level", "warning", "--no-ws", "wsgi:app"]


def _start(command: list[str], environ: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{command[0]}.log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environ, stdout=log, stderr=log)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _try in range(2400):
        assert process.poll() is None, "the server stopped: see granian.log in its folder"
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"no answer from {url}")
