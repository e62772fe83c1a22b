"""clamd, the antivirus that listens on a socket: a file is sent to it piece by piece and one line comes back.

The address is the setting CLAMD_URL: ``unix:/run/clamav/clamd.ctl`` or ``tcp://antivirus.example:3310``.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
from collections.abc import Iterable
from urllib.parse import urlsplit

PATIENCE = 60.0
HELLO = 2.0
_LENGTH = struct.Struct("!I")
_MOST_ANSWER = 4096
#: what clamd says of a content longer than StreamMaxLength; and past its other limits, when AlertExceedsMax is set
TOO_LARGE, OVER_LIMITS = "size limit exceeded", "Heuristics.Limits.Exceeded"


class ScannerUnavailable(Exception):
    """clamd does not answer, or could not scan: the file waits and is sent again later."""


class TooLargeToScan(Exception):
    """clamd takes no content of this size (StreamMaxLength): asking again would give the same answer."""


def scan(url: str, chunks: Iterable[bytes]) -> str | None:
    """The name of what was found in this content, None when it is clean. Raises ScannerUnavailable or TooLargeToScan."""
    try:
        with _connected(url, PATIENCE) as line:
            cut = _send(line, chunks)
            answer = _answer(line)
    except OSError as error:
        raise ScannerUnavailable(type(error).__name__) from error
    if TOO_LARGE in answer or OVER_LIMITS in answer:
        raise TooLargeToScan
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK" and not cut:
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")[:120]
    raise ScannerUnavailable(answer[:120] or "no answer")


def _send(line: socket.socket, chunks: Iterable[bytes]) -> bool:
    """Send the content. True when clamd answered, or hung up, before its end: what it says then is why."""
    try:
        line.sendall(b"zINSTREAM\0")
        for chunk in chunks:
            if select.select([line], [], [], 0)[0]:
                return True
            if chunk:
                line.sendall(_LENGTH.pack(len(chunk)) + chunk)
        line.sendall(_LENGTH.pack(0))
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


def answers(url: str) -> bool:
    """Whether clamd is there."""
    try:
        with _connected(url, HELLO) as line:
            line.sendall(b"zPING\0")
            return _answer(line) == "PONG"
    except OSError:
        return False


def _connected(url: str, patience: float) -> socket.socket:
    if url.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(patience)
        try:
            line.connect(url.removeprefix("unix:").removeprefix("//"))
        except OSError:
            line.close()
            raise
        return line
    place = urlsplit(url)
    return socket.create_connection((place.hostname, place.port or 3310), timeout=patience)


def _answer(line: socket.socket) -> str:
    parts = b""
    with contextlib.suppress(ConnectionResetError):  # it hung up; what it had said is read all the same
        while not parts.endswith(b"\0") and len(parts) < _MOST_ANSWER:
            part = line.recv(1024)
            if not part:
                break
            parts += part
    return parts.rstrip(b"\0").decode("utf-8", "replace").strip()
