"""Slow clients: a body that comes one byte a second must hold up nobody else.

A web process has many threads but runs one request at a time (threads would only fight for the interpreter): a request's
body is read first, outside that turn. How many bodies are being read at once is bounded, overall and for one address, so
that some threads always remain for those who only read. Headers that do not come are the server's matter (serve.py).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import Any

#: bodies read at once by one web process (it has 16 threads, see serve.py), and from one address
BODIES = 12
BODIES_OF_ONE = 4
#: seconds that a request may wait for its turn before it is told to come back
PATIENCE = 30
IN_MEMORY = 1024 * 1024
CHUNK = 256 * 1024
#: a body announced as larger than any file we take is left to the application, which refuses it unread
LARGEST = 256 * 1024 * 1024

BUSY = b"Trop d'envois en cours. R\xc3\xa9essayez dans un instant.\n"
WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TooBusy(Exception):
    """No place left to read one more body, or no turn within PATIENCE."""


class OneAtATime:
    """WSGI middleware: bodies are read beside the application, which handles one request at a time.

    ``behind_proxy``: every connection then comes from the same address, so that only the overall bound makes sense.
    """

    def __init__(self, app: WSGI, behind_proxy: bool = False) -> None:
        self.app = app
        self.turn = threading.Semaphore(1)
        self.lock = threading.Lock()
        self.reading: Counter[str] = Counter()
        self.most_of_one = BODIES if behind_proxy else BODIES_OF_ONE

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            self._take_in(environ)
            with self._my_turn():
                return self.app(environ, start_response)
        except TooBusy:
            headers = [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Retry-After", "5"),
                ("Cache-Control", "no-store"),
            ]
            start_response("503 Service Unavailable", headers)
            return [BUSY]

    def _take_in(self, environ: dict[str, Any]) -> None:
        """Read the body, whatever time it takes, and give it to the application as a file."""
        length = environ.get("CONTENT_LENGTH") or ""
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if not chunked and (not length.isdigit() or not 0 < int(length) <= LARGEST):
            return
        with self._place_for(environ.get("REMOTE_ADDR", "")):
            body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the application reads it, then it goes
            left = LARGEST if chunked else int(length)
            while left and (piece := environ["wsgi.input"].read(min(CHUNK, left))):
                body.write(piece)
                left -= len(piece)
        body.seek(0)
        environ["wsgi.input"] = body

    @contextmanager
    def _place_for(self, address: str) -> Any:
        with self.lock:
            if self.reading.total() >= BODIES or self.reading[address] >= self.most_of_one:
                raise TooBusy
            self.reading[address] += 1
        try:
            yield
        finally:
            with self.lock:
                self.reading[address] -= 1
                self.reading += Counter()  # forget the addresses at zero

    @contextmanager
    def _my_turn(self) -> Any:
        if not self.turn.acquire(timeout=PATIENCE):
            raise TooBusy
        try:
            yield
        finally:
            self.turn.release()
