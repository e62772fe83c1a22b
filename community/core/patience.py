"""Slow clients: a body that comes one byte a second must hold up nobody else.

A web process has many threads but runs one request at a time (threads would only fight for the interpreter): a request's
body is read first, outside that turn. How many bodies are being read at once is bounded, overall and for one address, so
that some threads always remain for those who only read; one that comes too slowly is cut (slow_bodies.py). Headers that
do not come are the server's matter (serve.py).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import Any

from community.core.slow_bodies import SlowBodies

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
SLOW = b"Envoi trop lent, ou interrompu. R\xc3\xa9essayez.\n"
WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TooBusy(Exception):
    """No place left to read one more body, or no turn within PATIENCE."""


class CutShort(Exception):
    """The body did not come whole: the connection was cut, here or there. Half a form must not pass for a form."""


class OneAtATime:
    """WSGI middleware: bodies are read beside the application, which handles one request at a time.

    ``behind_proxy``: every connection then comes from the same address, so that only the overall bound makes sense.
    ``seconds``: how long a body may take to come, and a little more as it comes.
    """

    def __init__(self, app: WSGI, behind_proxy: bool = False, seconds: float = 60) -> None:
        self.app = app
        self.seconds = seconds
        self.watch: SlowBodies | None = None
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
            return _say(start_response, "503 Service Unavailable", BUSY, ("Retry-After", "5"))
        except CutShort:
            return _say(start_response, "408 Request Timeout", SLOW, ("Connection", "close"))

    def _take_in(self, environ: dict[str, Any]) -> None:
        """Read the body, whatever time it takes, and give it to the application as a file."""
        length = environ.get("CONTENT_LENGTH") or ""
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if not chunked and (not length.isdigit() or not 0 < int(length) <= LARGEST):
            return
        with self._place_for(environ.get("REMOTE_ADDR", "")):
            body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the application reads it, then it goes
            left = LARGEST if chunked else int(length)
            self._watched(environ)
            while left and (piece := environ["wsgi.input"].read(min(CHUNK, left))):
                body.write(piece)
                left -= len(piece)
        if left and not chunked:
            raise CutShort
        body.seek(0)
        environ["wsgi.input"] = body

    def _watched(self, environ: dict[str, Any]) -> None:
        """The one watch of this process begins with the first body: before, the port is not known."""
        with self.lock:
            if self.watch is None:
                self.watch = SlowBodies(int(environ["SERVER_PORT"]), self.seconds, lambda: self.reading.total() > 0)
        self.watch.begin()

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


def _say(start_response: Callable[..., Any], status: str, words: bytes, *more: tuple[str, str]) -> list[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"), *more]
    start_response(status, headers)
    return [words]
