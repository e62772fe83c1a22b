"""Run the web server and one worker side by side: ``python -m community.serve``, or ``flask serve``.

Starting must feel instant, so this process imports nothing but the settings: what is missing (a migration, the demo) is
done by ``flask prepare`` in a process of its own, and only when a look at the database says so.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from community.config import ROOT, SettingError, Settings, load_settings

GRACE = 10
#: threads of one web process: bodies are read in them, one request at a time is handled (core/patience.py)
THREADS = 16
#: a connection whose headers have not come after ten seconds is closed; an operator may choose otherwise
SLOW_CLIENTS = {"GRANIAN_HTTP1_HEADER_READ_TIMEOUT": "10000"}
FLASK = [sys.executable, "-W", "ignore::SyntaxWarning", "-m", "flask", "--app", "wsgi"]


def main(arguments: list[str] | None = None) -> int:
    """Prepare what is missing, serve until Ctrl-C, stop both processes. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Serve the site: web server and worker, until Ctrl-C.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    os.environ.setdefault("SITE_URL", f"http://{options.host}:{options.port}")  # the links of mails lead here
    try:
        settings = load_settings()
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    if not _is_free(options.host, options.port):
        print(
            f"L’adresse {options.host}:{options.port} est déjà prise : choisissez un autre port (--port).",
            file=sys.stderr,
        )
        return 1
    if not nothing_to_prepare(settings) and (code := subprocess.call([*FLASK, "prepare"], cwd=ROOT)) != 0:
        return code
    signal.signal(signal.SIGTERM, _stop_on_signal)
    return _serve(settings, options.host, options.port, options.workers)


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def nothing_to_prepare(settings: Settings) -> bool:
    """Whether an SQLite database is at the code's version and, in the demo, has somebody in it. Unknown is no."""
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    if not settings.database_url.startswith("sqlite:///") or not path.exists():
        return False
    try:
        connection = sqlite3.connect(path, timeout=2)
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        member = connection.execute("SELECT 1 FROM member LIMIT 1").fetchone()
        connection.close()
    except sqlite3.Error:
        return False
    newest = max(file.name.partition("_")[0] for file in (ROOT / "community/migrations/versions").glob("*.py"))
    return version == (newest,) and (member is not None or not settings.demo)


def _serve(settings: Settings, host: str, port: int, workers: int) -> int:
    processes = [_web(host, port, workers)]
    ready = False
    try:
        if ready := _wait_until_ready(f"http://{host}:{port}/sante", processes[0]):
            _announce(settings, host, port)
            processes.append(_worker())
            _wait(processes)
    except KeyboardInterrupt:
        pass
    finally:
        _stop(processes)
    return 0 if ready else 1


def _web(host: str, port: int, workers: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "ignore::SyntaxWarning", "-m", "granian", "--interface", "wsgi"]
    command += ["--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", str(THREADS)]
    command += ["--log-level", "error", "--no-ws", "--http", "1", "--backpressure", "64", "--respawn-failed-workers"]
    return subprocess.Popen([*command, "wsgi:app"], cwd=ROOT, env=SLOW_CLIENTS | os.environ | {"PYTHONPATH": str(ROOT)})


def _worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([*FLASK, "worker"], cwd=ROOT)


def _wait_until_ready(url: str, web: subprocess.Popen[bytes]) -> bool:
    """Until the site answers; False when the server ended first (the port is taken, a setting is wrong) or after 60 s."""
    deadline = time.monotonic() + 60
    while web.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own server
            return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.03)
    return False


def _announce(settings: Settings, host: str, port: int) -> None:
    lines = ["", f"Entrepairs : http://{host}:{port}", ""]
    if settings.demo:
        from community.seeds import DEMO_ACCOUNTS, DEMO_PASSWORD

        lines += [f"  {role:<16} {name:<14} {email:<42} {DEMO_PASSWORD}" for role, name, email in DEMO_ACCOUNTS]
        lines.append("")
    print("\n".join(lines), flush=True)


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


if __name__ == "__main__":
    sys.exit(main())
