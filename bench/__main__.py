"""``python -m bench [site|demo_relevance|search_relevance|search_bench|search_load|search_postgres]``: all when none is named.

Each part is a process of its own: one that fails stops no other, and the table at the end says so. BENCH_ENTRIES=3000 is a
rehearsal of a few minutes, whose figures go to bench/rehearsal/ and count for nothing.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time

from bench import summary
from bench.common import ROOT, entries, rehearsal

PARTS = ("site", "demo_relevance", "search_relevance", "search_bench", "search_load", "search_postgres")
LONGEST = 1_200
"""Seconds after which a part is given up."""


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = sys.argv[1:] or [part for part in PARTS if importlib.util.find_spec(f"bench.{part}")]
    started = time.time()
    seconds: dict[str, float] = {}
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ.setdefault("BENCH_FOLDER", folder)  # the parts that need the corpus and its index share them
        for part in chosen:
            print(f"\n== {part} ==", flush=True)
            before = time.monotonic()
            if not _run(part):
                failed.append(part)
            seconds[part] = round(time.monotonic() - before, 1)
    if rehearsal():
        print(f"\nRehearsal with {entries()} entries: these figures count for nothing.")
    summary.report(started, seconds, failed, whole=not sys.argv[1:])
    return 1 if failed else 0


def _run(part: str) -> bool:
    """Run a part; given up or interrupted, it is asked to stop, so that it stops the server that it started."""
    process = subprocess.Popen([sys.executable, "-m", f"bench.{part}"], cwd=ROOT)
    try:
        return process.wait(LONGEST) == 0
    except subprocess.TimeoutExpired:
        print(f"given up after {LONGEST} s")
        return False
    finally:
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()


if __name__ == "__main__":
    sys.exit(main())
