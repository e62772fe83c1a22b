"""Ports for servers that tests start: free now, and likely to stay so until the server takes them."""

from __future__ import annotations

import random
import socket

#: below those that the kernel hands to anybody's outgoing connections (32768 to 60999): between our look and the server's
#: start, some seconds later, a browser's connection could otherwise take the port
RANGE = range(20_000, 32_000)
_dice = random.SystemRandom()  # the suite's own seed is the same in every process


def free_port() -> int:
    for _try in range(200):
        port = _dice.choice(RANGE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
