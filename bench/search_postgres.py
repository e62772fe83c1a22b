"""The PostgreSQL backend at the largest size that is built in time, up to 100,000 entries, on a server started for it.

usage: python -m bench.search_postgres [--entries N] [--seconds N]   (N seconds for building)
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from bench.search_corpus import Corpus
from search_index import SearchRequest, open_backend
from search_index.synonyms import Synonyms

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "search_postgres.json"
PUBLIC = frozenset({"public"})
SAMPLE = 1_000
MOST_SECONDS = 10
"""So long for each kind of question: fewer are put when the machine is busy."""
FILTERS = {"community": ["c1", "c2", "c3"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=100)
    chosen = parser.parse_args()
    with _server() as url:
        results = run(url, chosen.entries, chosen.seconds)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")
    for name, row in results.items():
        print(f"{name:30}{row}")


def run(url: str, entries: int, seconds: int) -> dict[str, Any]:
    corpus, backend = Corpus(), open_backend(url, Synonyms())
    started = time.perf_counter()
    backend.rebuild(corpus.entries(SAMPLE))
    each = (time.perf_counter() - started) / SAMPLE
    size = min(entries, int(seconds / each))
    started = time.perf_counter()
    backend.rebuild(islice(corpus.entries(entries), size))
    results: dict[str, Any] = {"entries": size, "rebuild_seconds": round(time.perf_counter() - started, 1)}
    backend.optimize()
    asked: dict[str, tuple[int, Callable[[str], Any]]] = {
        "page, 1 term": (1, lambda text: backend.search(SearchRequest(text, PUBLIC))),
        "page, 3 terms": (3, lambda text: backend.search(SearchRequest(text, PUBLIC))),
        "page, 10 terms": (10, lambda text: backend.search(SearchRequest(text, PUBLIC))),
        "page filtered, 3 terms": (
            3,
            lambda text: backend.search(SearchRequest(text, PUBLIC, kinds=["question"], filters=FILTERS)),
        ),
        "typing": (1, lambda text: backend.suggest(text[: max(3, len(text) - 3)], PUBLIC)),
        "links, 100 words": (100, lambda text: backend.related(text[:60], text, readers=PUBLIC)),
    }
    results["wall_ms"] = {
        name: _times(ask, corpus.queries(60, terms, 13), corpus.queries(3, terms, 29))
        for name, (terms, ask) in asked.items()
    }
    results["seen_by_another_machine_ms"] = _seen_elsewhere(url, backend, corpus, entries)
    backend.close()
    return results


def _times(ask: Callable[[str], Any], queries: Iterable[str], before: Iterable[str]) -> dict[str, float]:
    for query in before:
        ask(query)
    times = []
    until = time.monotonic() + MOST_SECONDS
    for query in queries:
        if times and time.monotonic() > until:
            break
        started = time.perf_counter()
        ask(query)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return {
        "p50": round(times[len(times) // 2], 1),
        "p95": round(times[int(len(times) * 0.95)], 1),
        "asked": len(times),
    }


def _seen_elsewhere(url: str, backend: Any, corpus: Corpus, base: int) -> dict[str, float]:
    """From the writing of one post to the moment when another process's connection finds it."""
    other, times = open_backend(url, Synonyms()), []
    for number, entry in enumerate(corpus.entries(10, seed=99)):
        title = f"{entry.title} arrivee{number}"
        started = time.perf_counter()
        backend.apply([replace(entry, id=f"post:{number}", ref=base + number, title=title, access=PUBLIC)])
        while not other.search(SearchRequest(f"arrivee{number}", PUBLIC)).total:
            time.sleep(0.01)
        times.append((time.perf_counter() - started) * 1000)
    other.close()
    times.sort()
    return {"p50": round(times[5], 1), "most": round(times[-1], 1)}


def _server() -> Any:
    """The throw-away PostgreSQL of the tests."""
    spec = importlib.util.spec_from_file_location("pgtmp", ROOT / "tests" / "pgtmp.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.temp_postgres()


if __name__ == "__main__":
    main()
