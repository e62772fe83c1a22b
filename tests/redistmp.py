"""Start a throw-away Redis on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ports import free_port


@contextmanager
def temp_redis() -> Iterator[str]:
    """Yield the URL of a fresh server that keeps nothing; it is stopped afterwards."""
    binary = shutil.which("redis-server")
    if not binary:
        raise RuntimeError("Redis is not installed (package redis-server)")
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(60)


def _wait(port: int) -> None:
    for _try in range(1200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("Redis did not start")
