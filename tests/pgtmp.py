"""Start a throw-away PostgreSQL (unix socket only, no port), also when running as root."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "jit": "off",
}


def find_bindir() -> str:
    """The folder of initdb and pg_ctl: PG_BINDIR, else the newest of Debian's, else the PATH's."""
    if explicit := os.environ.get("PG_BINDIR"):
        return explicit
    installed = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[-2]))
    if installed:
        return installed[-1]
    found = shutil.which("initdb")
    if not found:
        raise RuntimeError("PostgreSQL is not installed (package postgresql)")
    return os.path.dirname(os.path.realpath(found))


@contextmanager
def temp_postgres() -> Iterator[str]:
    """Yield the URL of a fresh server; it is stopped and removed afterwards."""
    bindir = find_bindir()
    base = tempfile.mkdtemp(prefix="pgt-")  # a socket path is limited to 107 bytes
    owner = _not_root(base)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": base}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, env=environment, cwd=base, stdout=subprocess.DEVNULL, **owner)

    data = f"{base}/d"
    run(f"{bindir}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    run(
        f"{bindir}/pg_ctl",
        "-D",
        data,
        "-w",
        "-l",
        f"{base}/log",
        "-o",
        f"{options} -c unix_socket_directories={base}",
        "start",
    )
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={base}"
    finally:
        run(f"{bindir}/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(base, ignore_errors=True)


def _not_root(base: str) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: give the folder to somebody else and run as them."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(base, user.pw_uid, user.pw_gid)
    Path(base).chmod(0o755)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
