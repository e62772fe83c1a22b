"""Posts that arrive, twenty a second, while a reader in another process searches all the while and looks which it sees."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bench.common import PUBLIC, percentile
from bench.search_corpus import Corpus
from search_index import IndexEntry, SearchRequest, open_backend
from search_index.synonyms import Synonyms

A_SECOND = 20
AFTERWARDS = 4
"""Seconds that the reader still looks for the last posts."""


def arriving(url: str, base: int, seconds: int) -> dict[str, Any]:
    """Write for so many seconds; how long until each post is seen, what commits cost, how many segments there are."""
    context = multiprocessing.get_context("spawn")
    said: Any = context.Queue()
    run = f"arrivee{int(time.time())}"
    reader = context.Process(target=_read, args=(url, seconds, run, said), daemon=True)
    reader.start()
    if said.get(timeout=120) != "ready":
        raise RuntimeError("the reader did not start")
    backend = open_backend(url, Synonyms())
    told = _written(backend, _posts(base, run), seconds)
    told |= said.get(timeout=seconds + 120)
    reader.join(10)
    backend.close()
    return told


def _written(backend: Any, posts: Iterator[IndexEntry], seconds: int) -> dict[str, Any]:
    written, segments, costs = 0, 0, []
    started = time.monotonic()
    while (elapsed := time.monotonic() - started) < seconds:
        due = int(elapsed * A_SECOND) - written
        if due <= 0:
            time.sleep(0.01)
            continue
        batch = [next(posts) for _post in range(due)]
        before = time.process_time()
        backend.apply(batch)
        costs.append((time.process_time() - before) * 1000)
        written += due
        segments = max(segments, backend.segments())
    return {
        "posts": written,
        "a_second": round(written / seconds, 1),
        "commits": len(costs),
        "commit_cpu_ms_p50": percentile(costs, 0.5),
        "commit_cpu_ms_most": round(max(costs), 1),
        "most_segments": segments,
        "machine_load": round(os.getloadavg()[0], 1),
    }


def _posts(base: int, run: str) -> Iterator[IndexEntry]:
    """Posts, each with a word of its own: « poste » and the moment when it was posted, in milliseconds."""
    for number, entry in enumerate(Corpus().entries(100_000, seed=31)):
        moment = f"poste{int(time.time() * 1000)}n{number}"
        yield replace(
            entry,
            id=f"post:{run}n{number}",
            ref=base * 3 + number,
            created_at=datetime.now(UTC),
            title=f"{entry.title} {moment}",
            access=PUBLIC,
            facets={**entry.facets, "phase": (run,)},
        )


def _read(url: str, seconds: int, run: str, said: Any) -> None:
    """A web process: it searches as people do, and looks which posts it sees, by date."""
    backend, queries = open_backend(url, Synonyms()), Corpus().queries(500, 3, 41)
    for query in queries[:20]:
        backend.search(SearchRequest(query, PUBLIC))
    said.put("ready")
    seen: dict[str, float] = {}
    times: list[float] = []
    until = time.monotonic() + seconds + AFTERWARDS
    while time.monotonic() < until:
        started = time.perf_counter()
        backend.search(SearchRequest(queries[len(times) % len(queries)], PUBLIC))
        times.append((time.perf_counter() - started) * 1000)
        latest = SearchRequest("", PUBLIC, filters={"phase": (run,)}, sort="date", limit=200, passages=0)
        found, now = backend.search(latest), time.time() * 1000
        for hit in found.hits:
            seen.setdefault(hit.title.split("poste")[1].split()[0], now)
        time.sleep(0.02)
    delays = [moment - int(name.partition("n")[0]) for name, moment in seen.items()]
    said.put(
        {
            "seen": len(seen),
            "visible_after_ms_p50": percentile(delays, 0.5),
            "visible_after_ms_p95": percentile(delays, 0.95),
            "visible_after_ms_most": round(max(delays)),
            "searches_meanwhile": len(times),
            "search_wall_ms_p50": percentile(times, 0.5),
            "search_wall_ms_p95": percentile(times, 0.95),
            "search_wall_ms_most": round(max(times), 1),
        }
    )
