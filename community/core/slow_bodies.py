"""Bodies that come too slowly are cut: the connection is shut, so that neither a thread nor a place waits for them.

The server (granian) hands over a body only whole, and has no time-out of its own for one. The kernel knows what the server
does not say: when each connection last sent something, and how much it has received since. While a body is being read, a
connection that has received since our last word to it, for longer than it may take, is shut; reading then ends at once.

How long: ``seconds`` to begin with, and one more for every RATE bytes received, so that a large file over a poor line passes
and a drop every second does not. Linux only (TCP_INFO); elsewhere the bound is the proxy's.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: bytes a second under which a body is slower than the poorest line that we serve
RATE = 8192
#: how often one looks while a body is awaited, in parts of the time allowed
LOOKS = 6
ESTABLISHED, CLOSE_WAIT = 1, 8
_TCP_INFO = getattr(socket, "TCP_INFO", None)
#: where struct tcp_info keeps the milliseconds since we last sent, and the bytes received (Linux 4.1 and later)
_LAST_SENT, _RECEIVED, _ENOUGH = 44, 128, 136


@dataclass
class _Heard:
    """A connection since we first saw it, or last sent it something: from when, with how much received by then.

    ``looked`` is when we looked at it last.
    """

    since: float
    received: int
    looked: float


class SlowBodies:
    """Shuts the connections to this port whose request is too long in coming. ``reading()``: whether a body is awaited."""

    def __init__(self, port: int, seconds: float, reading: Callable[[], bool]) -> None:
        self.port, self.seconds, self.reading = port, seconds, reading
        self.heard: dict[int, _Heard] = {}
        self.wake = threading.Event()
        threading.Thread(target=self._watch, name="slow-bodies", daemon=True).start()

    def begin(self) -> None:
        """A body begins to be read."""
        self.wake.set()

    def _watch(self) -> None:
        while True:
            self.wake.wait()
            self.wake.clear()
            self.heard.clear()
            while self.reading():
                self.look()
                time.sleep(self.seconds / LOOKS)

    def look(self) -> int:
        """Shut what has taken too long; gives how many were."""
        shut, present = 0, set()
        for inode, connection in _connections(self.port):
            with connection, contextlib.suppress(OSError):
                present.add(inode)
                info = connection.getsockopt(socket.IPPROTO_TCP, _TCP_INFO or 0, 256)
                if len(info) >= _ENOUGH and info[0] in (ESTABLISHED, CLOSE_WAIT) and self._is_too_slow(inode, info):
                    connection.shutdown(socket.SHUT_RDWR)
                    shut += 1
        self.heard = {inode: heard for inode, heard in self.heard.items() if inode in present}
        return shut

    def _is_too_slow(self, inode: int, info: bytes) -> bool:
        at, silent = time.monotonic(), struct.unpack_from("I", info, _LAST_SENT)[0] / 1000
        received = struct.unpack_from("Q", info, _RECEIVED)[0]
        heard = self.heard.get(inode)
        if heard is None or silent < at - heard.looked:  # a long download is sent to without a stop: it is not slow
            heard = self.heard[inode] = _Heard(at, received, at)
        heard.looked = at
        return at - heard.since > self.seconds + (received - heard.received) / RATE


def _connections(port: int) -> Iterator[tuple[int, socket.socket]]:
    """The connections that were made to our port, each as a descriptor of our own: (inode, socket)."""
    if _TCP_INFO is None or not os.path.isdir("/proc/self/fd"):
        return
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            state = os.fstat(int(name))
            if not stat.S_ISSOCK(state.st_mode):
                continue
            found = socket.socket(fileno=os.dup(int(name)))
            if found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockname()[1] == port:
                yield state.st_ino, found
            else:
                found.close()
