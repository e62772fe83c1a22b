"""``flask serve``: prepare what is missing, then run the web server and one worker side by side, and stop both cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from community.config import ROOT

GRACE = 10


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=int)
@click.option("--workers", default=2, show_default=True, type=int)
@with_appcontext
def serve(host: str, port: int, workers: int) -> None:
    """Serve the site: web server and worker, until Ctrl-C."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    prepare(app)
    processes = [_web(host, port, workers), _worker()]
    signal.signal(signal.SIGTERM, _stop_on_signal)
    try:
        if _wait_until_ready(f"http://{host}:{port}/sante", processes):
            _announce(app, host, port)
        _wait(processes)
    except KeyboardInterrupt:
        pass
    finally:
        _stop(processes)


def prepare(app: Flask) -> None:
    """Bring the database to the present version; in the demo, fill an empty one."""
    from community.migrate import upgrade_if_needed

    upgrade_if_needed()
    if app.config["SETTINGS"].demo:
        from community.seeds.tell import seed_if_empty

        seed_if_empty(click.echo)


def _web(host: str, port: int, workers: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", "1", "--log-level", "warning", "--no-ws"]
    command += ["--backpressure", "64", "--respawn-failed-workers", "wsgi:app"]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


def _worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], cwd=ROOT)


def _wait_until_ready(url: str, processes: list[subprocess.Popen[bytes]]) -> bool:
    for _try in range(300):
        if processes[0].poll() is not None:
            return False
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own server
            return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    return False


def _announce(app: Flask, host: str, port: int) -> None:
    click.echo(f"\nEntrepairs : http://{host}:{port}\n")
    if app.config["SETTINGS"].demo:
        from community.seeds import DEMO_ACCOUNTS, DEMO_PASSWORD

        for role, name, email in DEMO_ACCOUNTS:
            click.echo(f"  {role:<16} {name:<14} {email:<40} {DEMO_PASSWORD}")
        click.echo("")


def _wait(processes: list[subprocess.Popen[bytes]]) -> None:
    """Until one of them ends: half a site is worse than none, so the other is stopped too."""
    while all(process.poll() is None for process in processes):
        time.sleep(0.3)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()


def _stop_on_signal(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
