"""What a call costs, on a machine that others use too: the least of a few tries, so that only our own slowness fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

TRIES = 4


def fastest(call: Callable[[], Any], bound: float) -> float:
    """Seconds of the quickest try; trying stops at the first one within ``bound``."""
    best = float("inf")
    for _try in range(TRIES):
        started = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - started)
        if best < bound:
            break
    return best
