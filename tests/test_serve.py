"""``python -m community.serve``: one command starts the site and its worker, and stops both."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from apps import SECRET, migrate_up, settings_for
from ports import free_port

from community import create_app
from community.core.db import db
from community.serve import nothing_to_prepare

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def prepared(tmp_path):
    settings = settings_for(tmp_path, f"sqlite:///{tmp_path / 'own.sqlite3'}")
    app = create_app(settings)
    migrate_up(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return settings


def start(settings, port: int, **more: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "INSTANCE": str(settings.instance),
        "SECRET_KEY": SECRET,
        **more,
    }
    command = [sys.executable, "-m", "community.serve", "--port", str(port), "--workers", "1"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_it_starts_serves_and_stops_both_processes(prepared):
    port = free_port()
    site = start(prepared, port)
    try:
        deadline = time.monotonic() + 120
        line = ""
        while "Entrepairs" not in line and time.monotonic() < deadline:
            line = site.stdout.readline()
        assert f"http://127.0.0.1:{port}" in line
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/sante/pret", timeout=20).status == 200
        children = Path(f"/proc/{site.pid}/task/{site.pid}/children").read_text().split()
    finally:
        site.send_signal(signal.SIGTERM)
        site.communicate(timeout=30)
    assert site.returncode == 0
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def test_slow_clients_hold_up_nobody(prepared):
    """Bodies that come one byte at a time wait beside the others; headers that do not come are cut off."""
    port = free_port()
    site = start(
        prepared, port, GRANIAN_HTTP1_HEADER_READ_TIMEOUT="1500", BODY_TIMEOUT="4"
    )  # a machine that stops for a second or two is no slow client
    slow: list[socket.socket] = []
    try:
        while "Entrepairs" not in site.stdout.readline():
            assert site.poll() is None
        drip = b"POST /langue HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nx"
        slow.extend(_send(port, drip) for _client in range(6))
        halting = _send(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        slow.append(halting)
        for _reader in range(5):
            assert urllib.request.urlopen(f"http://127.0.0.1:{port}/connexion", timeout=30).status == 200
        answers = [_answer(client, 30) for client in slow[:6]]
        assert sum(b"503" in answer for answer in answers) == 2, "one address may have four bodies read at once"
        assert _answer(halting, 30) != b"..."
        assert b"..." not in answers, "who says nothing more is cut"
        _drip_until_cut(port)
    finally:
        for client in slow:
            client.close()
        site.send_signal(signal.SIGTERM)
        site.communicate(timeout=30)


def _drip_until_cut(port: int) -> None:
    """A body that comes a byte at a time is cut; one that comes steadily takes the time it needs."""
    head = b"POST /langue HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\n"
    with _send(port, head) as drips, _send(port, head) as steady:
        began, cut, sent = time.monotonic(), False, 0
        while (not cut or sent < 60000) and time.monotonic() - began < 40:
            try:
                drips.sendall(b"x")
                cut = cut or _answer(drips, 0.05) != b"..."
            except OSError:
                cut = True
            steady.sendall(b"x" * min(2000, 60000 - sent))
            sent += min(2000, 60000 - sent)
            time.sleep(0.15)
        assert cut and sent == 60000 and time.monotonic() - began > 4
        assert b" 422 " in _answer(steady, 30), "read whole, then refused: it has no token"


def _send(port: int, data: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.sendall(data)
    return client


def _answer(client: socket.socket, within: float) -> bytes:
    """The first line that the server sent; empty when it closed the connection, dots when nothing came in time."""
    client.settimeout(within)
    try:
        return client.recv(2000).split(b"\r\n")[0]
    except TimeoutError:
        return b"..."


def test_a_port_that_is_taken_is_said_plainly(prepared):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        site = start(prepared, taken.getsockname()[1])
        _out, error = site.communicate(timeout=30)
    assert site.returncode == 1
    assert "déjà prise" in error


def test_a_wrong_setting_stops_the_start_with_one_line(prepared):
    site = start(prepared, free_port(), MAIL_URL="pigeon:")
    _out, error = site.communicate(timeout=30)
    assert site.returncode == 2
    assert error.strip().startswith("MAIL_URL")
    assert len(error.strip().splitlines()) == 1


def test_nothing_is_prepared_twice(prepared, tmp_path):
    assert nothing_to_prepare(prepared)
    assert not nothing_to_prepare(settings_for(tmp_path, prepared.database_url, demo=True))
    assert not nothing_to_prepare(settings_for(tmp_path, f"sqlite:///{tmp_path / 'none.sqlite3'}"))
