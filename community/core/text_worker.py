"""The helper process that parses what the guard did not prove tame, under a time and a memory limit.

A regular expression cannot be interrupted from inside its own process, so the limit needs another one. Each web
process starts its helper with the first text that needs it and keeps it; a text that runs over costs the helper its
life and the next one gets a new one. The helper leaves by itself when it has had nothing to do for a while.
What it answers is not trusted: the last gate (text_filters.last_gate) runs in the web process.
"""

import atexit
import contextlib
import json
import logging
import os
import resource
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from community.core.markdown_rules import Parsed, Parser

TIME_LIMIT = 2.0
START_LIMIT = 20.0
IDLE_LIMIT = 300.0
MEMORY_LIMIT = 512 * 1024 * 1024

# The helper needs the parser, not the application: the package is declared without running its __init__, which
# keeps the helper at a fifth of a second to start and free of settings and secrets.
_START = """
import sys, types
package = types.ModuleType("community")
package.__path__ = [sys.argv[1]]
sys.modules["community"] = package
from community.core.text_worker import serve
serve(int(sys.argv[2]))
"""
_HEADER = struct.Struct("!I")
_ENVIRONMENT = {"PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL"}
_PACKAGE = Path(__file__).resolve().parent.parent

logger = logging.getLogger(__name__)


class TooSlow(Exception):
    """The text took more than the time limit, or took the helper down."""


class HelperProcess:
    """One helper and the conversation with it. Safe to share between threads: they take turns."""

    def __init__(self, limit: float = TIME_LIMIT) -> None:
        self.limit = limit
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def parse(self, text: str, nonce: str, names: Mapping[int, str] | None) -> Parsed:
        """Parse one text within the limit, or raise TooSlow."""
        request = json.dumps([text, nonce, names and {str(member): name for member, name in names.items()}]).encode()
        with self._turn:
            try:
                answer = self._ask(request)
            except (OSError, EOFError, ValueError) as error:
                self._stop()
                logger.warning("text helper stopped: %s", type(error).__name__)
                raise TooSlow from error
        if answer is None:
            raise TooSlow
        html, mentions, citations = answer
        return Parsed(html, tuple(mentions), tuple(citations))

    def close(self) -> None:
        """End the helper; the next text would start another."""
        with self._turn:
            self._stop()

    def forget(self) -> None:
        """After a fork the helper belongs to the parent process alone."""
        if self._process is not None:
            self._process.returncode = 0  # not ours to wait for
        self._turn, self._process, self._line = threading.Lock(), None, None

    def _ask(self, request: bytes) -> list | None:
        line = self._ready_line()
        deadline = time.monotonic() + self.limit
        line.settimeout(self.limit)
        _send(line, request)
        return json.loads(_receive(line, deadline))

    def _ready_line(self) -> socket.socket:
        """The line to a helper that is alive: it may have left since the last text."""
        if self._process is None or self._line is None or self._process.poll() is not None:
            self._stop()
            self._start()
        assert self._line is not None
        return self._line

    def _start(self) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, str(_PACKAGE), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if name in _ENVIRONMENT},
                start_new_session=True,
            )
        _receive(self._line, time.monotonic() + START_LIMIT)

    def _stop(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._line = self._process = None


def serve(descriptor: int) -> None:
    """The helper's life: say hello, answer texts until the line closes or stays silent."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    line = socket.socket(fileno=descriptor)
    parser = Parser()
    _send(line, b"ready")
    with contextlib.suppress(OSError, EOFError):
        while True:
            answer = _answer(parser, _receive(line, time.monotonic() + IDLE_LIMIT))
            line.settimeout(None)
            _send(line, answer)


def _answer(parser: Parser, request: bytes) -> bytes:
    text, nonce, names = json.loads(request)
    try:
        parsed = parser.parse(text, nonce, names and {int(member): name for member, name in names.items()})
    except (RecursionError, MemoryError):
        return b"null"
    return json.dumps([parsed.html, parsed.mentions, parsed.citations]).encode()


def _send(line: socket.socket, message: bytes) -> None:
    line.sendall(_HEADER.pack(len(message)) + message)


def _receive(line: socket.socket, deadline: float) -> bytes:
    (length,) = _HEADER.unpack(_read(line, _HEADER.size, deadline))
    return _read(line, length, deadline)


def _read(line: socket.socket, length: int, deadline: float) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        part = line.recv(min(65_536, length - len(parts)))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


helper = HelperProcess()
atexit.register(helper.close)
os.register_at_fork(after_in_child=helper.forget)
