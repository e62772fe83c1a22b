"""What the parts of the bench share: the size asked for, where results go, one corpus, ways to measure."""

from __future__ import annotations

import json
import os
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.search_corpus import Corpus
from search_index import IndexEntry

ROOT = Path(__file__).parents[1]
WHOLE = 100_000
PUBLIC = frozenset({"public"})
EVERYBODY = frozenset({"public", *(f"c{number}" for number in range(40))})
FILTERS = {"community": ["c1", "c2", "c3"]}
BATCH = 1_000


def entries() -> int:
    """How many entries the engines are measured with: 100,000, or BENCH_ENTRIES for a rehearsal."""
    return int(os.environ.get("BENCH_ENTRIES") or WHOLE)


def rehearsal() -> bool:
    return entries() != WHOLE


def results_folder() -> Path:
    """bench/results, or BENCH_RESULTS; a rehearsal never writes over real figures."""
    named = os.environ.get("BENCH_RESULTS")
    return Path(named) if named else ROOT / "bench" / ("rehearsal" if rehearsal() else "results")


def write(name: str, figures: dict[str, Any]) -> None:
    folder = results_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")


def stored(folder: Path, count: int) -> Iterator[IndexEntry]:
    """The corpus, made once and kept in the folder that the parts share."""
    path = folder / f"corpus-{count}.pickle"
    if not path.exists():
        fresh = path.with_suffix(".part")
        stream = Corpus().entries(count)
        with fresh.open("wb") as file:
            while batch := list(islice(stream, BATCH)):
                pickle.dump(batch, file, protocol=pickle.HIGHEST_PROTOCOL)
        fresh.rename(path)
    with path.open("rb") as file:
        for _ in range(-(-count // BATCH)):
            yield from pickle.load(file)


def cpu(run: Callable[[Any], Any], asked: Iterable[Any]) -> tuple[float, float]:
    """p50 and p95 of CPU milliseconds of this process: other work on the machine does not change them."""
    return _measured(run, asked, time.process_time)


def wall(run: Callable[[Any], Any], asked: Iterable[Any]) -> tuple[float, float]:
    """p50 and p95 of milliseconds as somebody waits for them."""
    return _measured(run, asked, time.perf_counter)


def _measured(run: Callable[[Any], Any], asked: Iterable[Any], clock: Callable[[], float]) -> tuple[float, float]:
    times = []
    for one in asked:
        started = clock()
        run(one)
        times.append((clock() - started) * 1000)
    return percentile(times, 0.5), percentile(times, 0.95)


def percentile(times: Iterable[float], share: float) -> float:
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)


def private_memory() -> int:
    """Megabytes of this process alone; a mapped index is shared by all readers and can be dropped by the system."""
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("RssAnon"))


def disk(folder: Path) -> int:
    """Megabytes of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1_000_000
