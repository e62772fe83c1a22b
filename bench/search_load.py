"""The search engine under load, at 100,000 entries: posts arriving while people search, hostile inputs, links of a new sheet.

usage: python -m bench.search_load [--entries N] [--seconds N] [--folder DIR]   (DIR: the index of bench.search_bench, if kept)
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.search_corpus import Corpus
from search_index import IndexEntry, SearchRequest, open_backend
from search_index.synonyms import Synonyms

RESULTS = Path(__file__).parent / "results" / "search_load.json"
PUBLIC = frozenset({"public"})
A_SECOND = 20
CONCERNED, KINDS = 40, ("sheet", "question", "clause", "document")
HOSTILE = {
    "200,000 letters": "marché " * 28_572,
    "one word of 200,000 letters": "é" * 200_000,
    "2,000 parentheses": "(" * 2_000 + "marché" + ")" * 2_000,
    "stars": "*a* *b* *c* ?a? *",
    "fuzzy": "a~9 b~9 marché~99",
    "range": "[a TO z] {a TO z} [* TO *]",
    "2,000 quotation marks": '"' * 2_000,
    "200 phrases": '"le marché" ' * 200,
    "12 words that nobody wrote": " ".join(f"zkw{letter * 3}xq" for letter in "abcdefghijkl"),
    "nested operators": "NOT (a AND (b OR (c AND NOT d))) " * 200,
    "filters that are none": "auteur: type:rien avant:2024-99-99 après:demain etiquette:" * 50,
    "NUL and controls": "\x00\x01\x02\ufeff\u202e" * 1_000,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--folder")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        url = f"whoosh:{chosen.folder or os.environ.get('BENCH_FOLDER') or temporary}/index"
        backend = open_backend(url, Synonyms())
        if not backend.healthy():
            backend.rebuild(Corpus().entries(chosen.entries))
        results: dict[str, Any] = {"entries": chosen.entries}
        results["hostile_ms"] = hostile(backend)
        results["links_of_a_new_sheet_seconds"] = links_of_a_new_sheet(backend, chosen.entries)
        backend.close()
        results["arriving"] = arriving(url, chosen.entries, chosen.seconds)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")
    for name, row in results.items():
        print(f"{name:30}{row}")


def hostile(backend: Any) -> dict[str, float]:
    """The longest of three tries, in milliseconds of CPU, for a search and for what is proposed while typing."""
    asked: dict[str, Callable[[str], Any]] = {
        "": lambda text: backend.search(SearchRequest(text, PUBLIC)),
        ", typed": lambda text: backend.suggest(text, PUBLIC),
    }
    backend.search(SearchRequest("marché", PUBLIC))
    return {name + way: _worst(ask, text) for name, text in HOSTILE.items() for way, ask in asked.items()}


def _worst(ask: Callable[[str], Any], text: str) -> float:
    times = []
    for _try in range(3):
        started = time.process_time()
        ask(text)
        times.append((time.process_time() - started) * 1000)
    return round(max(times), 1)


def links_of_a_new_sheet(backend: Any, entries: int) -> dict[str, float]:
    """Index one sheet and look again for the links of the questions it may concern, as the worker does: wall seconds."""
    times, concerned = [], []
    everybody = frozenset({"public", *(f"c{number}" for number in range(40))})
    for sheet in _sheets(entries, 10):
        started = time.perf_counter()
        backend.apply([sheet])
        found = backend.related(
            sheet.title, sheet.body, facets=sheet.facets, kinds=("question",), readers=everybody, limit=CONCERNED
        )
        for question in found:
            backend.related(question.title, sheet.body, kinds=("sheet",), readers=everybody, limit=10)
        times.append(time.perf_counter() - started)
        concerned.append(len(found))
    times.sort()
    return {
        "median": round(times[len(times) // 2], 2),
        "longest": round(times[-1], 2),
        "most_questions": max(concerned),
    }


def _sheets(base: int, count: int) -> Iterator[IndexEntry]:
    found = (entry for entry in Corpus().entries(count * 40, seed=5) if entry.kind == "sheet")
    for number, entry in zip(range(count), found, strict=False):
        yield replace(entry, id=f"sheet:{base * 2 + number}", ref=base * 2 + number)


def arriving(url: str, entries: int, seconds: int) -> dict[str, Any]:
    """Twenty posts a second, each visible to a reader in another process within two seconds, which searches all the while."""
    context = multiprocessing.get_context("spawn")
    said: Any = context.Queue()
    run = f"arrivee{int(time.time())}"
    reader = context.Process(target=_read, args=(url, seconds, run, said))
    reader.start()
    assert said.get(timeout=60) == "ready"
    started = time.monotonic()
    backend = open_backend(url, Synonyms())
    posts = _posts(entries, run)
    written, most = 0, 0
    costs: list[float] = []
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
        most = max(most, len(backend._current().segments))
    told = said.get(timeout=120)
    reader.join(10)
    backend.close()
    costs.sort()
    return {
        "posts": written,
        "a_second": round(written / seconds, 1),
        "commits": len(costs),
        "commit_cpu_ms_p50": round(costs[len(costs) // 2], 1),
        "commit_cpu_ms_most": round(costs[-1], 1),
        "machine_load": round(os.getloadavg()[0], 1),
        "most_segments": most,
        **told,
    }


def _posts(base: int, run: str) -> Iterator[IndexEntry]:
    """Posts, each with a word of its own: « poste » and the moment when it was posted, in milliseconds."""
    rng = random.Random(3)
    for number, entry in enumerate(Corpus().entries(100_000, seed=31)):
        moment = f"poste{int(time.time() * 1000)}n{number}"
        yield replace(
            entry,
            id=f"post:{run}n{number}",
            ref=base * 3 + number,
            created_at=datetime.now(UTC),
            title=f"{entry.title} {moment} lot{rng.randrange(9)}",
            access=PUBLIC,
            facets={**entry.facets, "phase": (run,)},
        )


def _read(url: str, seconds: int, run: str, said: Any) -> None:
    """A web process: it searches as people do, and looks which posts it sees, by date."""
    backend, corpus = open_backend(url, Synonyms()), Corpus()
    queries = corpus.queries(500, 3, 41)
    for query in queries[:20]:
        backend.search(SearchRequest(query, PUBLIC))
    said.put("ready")
    seen: dict[str, float] = {}
    times: list[float] = []
    until = time.monotonic() + seconds + 2
    while time.monotonic() < until:
        started = time.perf_counter()
        backend.search(SearchRequest(queries[len(times) % len(queries)], PUBLIC))
        times.append((time.perf_counter() - started) * 1000)
        found = backend.search(
            SearchRequest("", PUBLIC, filters={"phase": (run,)}, sort="date", limit=2_000, passages=0)
        )
        now = time.time() * 1000
        for hit in found.hits:
            seen.setdefault(hit.title.split("poste")[1].split()[0], now)
        time.sleep(0.02)
    delays = sorted(moment - int(name.partition("n")[0]) for name, moment in seen.items())
    times.sort()
    said.put(
        {
            "seen": len(seen),
            "visible_after_ms_p50": round(delays[len(delays) // 2]),
            "visible_after_ms_p95": round(delays[int(len(delays) * 0.95)]),
            "visible_after_ms_most": round(delays[-1]),
            "searches_meanwhile": len(times),
            "search_wall_ms_p50": round(times[len(times) // 2], 1),
            "search_wall_ms_p95": round(times[int(len(times) * 0.95)], 1),
        }
    )


if __name__ == "__main__":
    main()
