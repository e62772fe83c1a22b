"""Start a throw-away clamd on a unix socket, with a database of one signature: the EICAR test string."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: the string that every antivirus agrees to call a virus, written so that this file is not one
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
SIGNATURE = "Eicar-Test-Signature"


@contextmanager
def temp_clamd(most: str = "30M", signature: str = SIGNATURE) -> Iterator[str]:
    """Yield the address of a fresh clamd (a CLAMD_URL) that takes ``most``; stopped, its folder removed afterwards.

    Another ``signature`` than EICAR's is one that recognises nothing: as after a false alarm was corrected.
    """
    binary = shutil.which("clamd") or "/usr/sbin/clamd"
    if not os.access(binary, os.X_OK):
        raise RuntimeError("clamd is not installed (package clamav-daemon)")
    folder = Path(tempfile.mkdtemp(prefix="clamd-"))  # a socket path is limited to 107 bytes
    place = folder / "s"
    (folder / "test.ndb").write_text(f"{signature}:0:*:{(EICAR if signature == SIGNATURE else EICAR[::-1]).hex()}\n")
    (folder / "clamd.conf").write_text(
        f"LocalSocket {place}\nDatabaseDirectory {folder}\nForeground yes\nUser {_user()}\nStreamMaxLength {most}\n"
        f"LogFile {folder / 'log'}\nMaxThreads 2\nTemporaryDirectory {folder}\n"
    )
    server = subprocess.Popen(
        [binary, "--config-file", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(place, server, folder / "log")
        yield f"unix:{place}"
    finally:
        server.terminate()
        server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def _wait(place: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    for _try in range(2400):
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(place))
                line.sendall(b"zPING\0")
                if line.recv(10) == b"PONG\0":
                    return
        except OSError:
            time.sleep(0.05)
        if server.poll() is not None:
            break
    raise RuntimeError(f"clamd did not start: {log.read_text()[-500:] if log.exists() else server.poll()}")
