"""The index in PostgreSQL at the same size, on a server started for it: building, searching, arrivals, relevance.

usage: python -m bench search_postgres   (BENCH_FOLDER keeps the corpus)

Times are milliseconds as somebody waits for them, since the server's work is not this process's.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.arrivals import arriving
from bench.common import ROOT, cpu, entries, private_memory, rehearsal, stored, wall, write
from bench.search_bench import Ours
from bench.search_corpus import Corpus
from bench.search_relevance import measures, read_judgements
from search_index import open_backend
from search_index.__main__ import rank, read_lines
from search_index.synonyms import Synonyms

COLLECTION = ROOT.parent / "shared" / "relevance"
SECONDS = 5 if rehearsal() else 20
ASKED = 60
PAGES = {
    "page, 1 term": ("page", 1),
    "page, 3 terms": ("page", 3),
    "page, 10 terms": ("page", 10),
    "links, 40 terms": ("links", 40),
    "page filtered, 3 terms": ("page_filtered", 3),
    "facets, 3 terms": ("facets", 3),
    "typing, 3 terms": ("typing", 3),
}


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped too
    with tempfile.TemporaryDirectory() as temporary, _server() as url:
        folder = Path(os.environ.get("BENCH_FOLDER") or temporary)
        figures = run(url, folder, entries())
        if (COLLECTION / "docs.jsonl.gz").exists():
            figures["relevance"] = relevance(url)
    write("search_postgres", figures)
    for name, row in figures.items():
        print(f"{name:30}{row}")


def run(url: str, folder: Path, count: int) -> dict[str, Any]:
    backend, seen = open_backend(url, Synonyms()), []
    started = time.perf_counter()
    backend.rebuild(stored(folder, count), seen.append)
    figures: dict[str, Any] = {
        "entries": count,
        "rebuild_seconds": round(time.perf_counter() - started, 1),
        "progress_told": len(seen),
    }
    backend.close()
    started = time.perf_counter()
    reader = Ours(backend)
    reader.page("marché")
    figures["first_search_ms"] = round((time.perf_counter() - started) * 1000, 1)
    corpus, rows = Corpus(), {}
    for name, (way, size) in PAGES.items():
        ask = getattr(reader, way)
        wall(ask, corpus.queries(10, size, 29))
        p50, p95 = wall(ask, corpus.queries(ASKED, size, 13))
        rows[name] = {"p50": p50, "p95": p95, "cpu_p50": cpu(ask, corpus.queries(ASKED, size, 17))[0]}
    figures["wall_ms"] = rows
    figures["reader_memory_mb"] = private_memory()
    backend.close()
    figures["arriving"] = arriving(url, count, SECONDS)
    return figures


def relevance(url: str) -> dict[str, Any]:
    """nDCG@10 of both engines on the judged collection (on fifty of its questions in a rehearsal)."""
    judged = read_judgements(COLLECTION / "qrels.txt")
    asked = [row for row in read_lines(str(COLLECTION / "queries.jsonl.gz")) if row["id"] in judged]
    asked = asked[:50] if rehearsal() else asked
    found: dict[str, Any] = {"questions": len(asked)}
    with tempfile.TemporaryDirectory() as folder:
        queries = Path(folder) / "queries.jsonl"
        queries.write_text("".join(json.dumps(row) + "\n" for row in asked), "utf-8")
        for field in ("title", "title+body"):
            for engine, index in (("whoosh", None), ("postgres", url)):
                rank(str(COLLECTION / "docs.jsonl.gz"), str(queries), f"{folder}/run", field, index)
                found[f"{field}, {engine}"] = round(_gain(Path(f"{folder}/run"), asked, judged), 4)
            found[f"{field}, ratio"] = round(found[f"{field}, postgres"] / found[f"{field}, whoosh"], 4)
    return found


def _gain(run: Path, asked: list[dict[str, Any]], judged: dict[str, set[str]]) -> float:
    ranked: dict[str, list[str]] = {}
    for line in run.read_text("utf-8").splitlines():
        query, _, document, *_ = line.split()
        ranked.setdefault(query, []).append(document)
    return sum(measures(ranked.get(row["id"], []), judged[row["id"]])[0] for row in asked) / len(asked)


def _server() -> Any:
    """The throw-away PostgreSQL of the tests: a socket in a folder of its own, no port."""
    spec = importlib.util.spec_from_file_location("pgtmp", ROOT / "tests" / "pgtmp.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.temp_postgres()


if __name__ == "__main__":
    main()
