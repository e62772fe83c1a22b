"""What a call costs in processor time, the least of a few tries: on a shared machine, only our own slowness fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

TRIES = 4


def fastest(call: Callable[[], Any], bound: float) -> float:
    """Processor seconds of the cheapest try; trying stops at the first one within ``bound``."""
    best = float("inf")
    for _try in range(TRIES):
        started = time.process_time()
        call()
        best = min(best, time.process_time() - started)
        if best < bound:
            break
    return best
