"""Speed of the search engine at 100,000 entries, beside SQLite FTS5 on the same texts in the same run.

usage: python -m bench.search_bench [--entries N] [--queries N] [--folder DIR]   (DIR keeps the index for the next run)

Times are CPU milliseconds of one process (p50/p95): other work on the machine does not change them.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.search_corpus import Corpus
from search_index import IndexEntry, SearchRequest, open_backend
from search_index.query import parse
from search_index.searching import expanded
from search_index.segment_source import SegmentSource
from search_index.source import Scope
from search_index.synonyms import Synonyms

PUBLIC = frozenset({"public"})
SIZES = (1, 3, 10, 40)
RESULTS = Path(__file__).parent / "results" / "search.json"


def measure(run: Callable[[str], Any], queries: Iterable[str]) -> tuple[float, float]:
    """p50 and p95 of CPU milliseconds."""
    times = []
    for query in queries:
        started = time.process_time()
        run(query)
        times.append((time.process_time() - started) * 1000)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.95)]


def build_fts(path: Path, entries: Iterable[IndexEntry]) -> None:
    base = sqlite3.connect(path)
    base.execute(
        "CREATE VIRTUAL TABLE posts USING fts5(title, tags, body, tokenize='unicode61 remove_diacritics 2', content='')"
    )
    base.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, kind, community, phase, public, created)")
    for entry in entries:
        community, phase = entry.facets["community"][0], entry.facets["phase"][0]
        row = (entry.ref, entry.kind, community, phase, "public" in entry.access, entry.created_at.isoformat())
        base.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", row)
        base.execute(
            "INSERT INTO posts(rowid, title, tags, body) VALUES (?, ?, ?, ?)",
            (entry.ref, entry.title, " ".join(entry.tags), entry.body),
        )
    base.execute("INSERT INTO posts(posts) VALUES ('optimize')")
    base.commit()
    base.close()


class Fts:
    """The same questions put to FTS5."""

    ORDER = "ORDER BY bm25(posts, 0.7, 0.7, 1.0) LIMIT 20"

    def __init__(self, path: Path) -> None:
        self.base = sqlite3.connect(path)
        self.base.execute("PRAGMA mmap_size = 1000000000")

    def all(self, text: str) -> Any:
        return self.base.execute(f"SELECT rowid FROM posts WHERE posts MATCH ? {self.ORDER}", (_any(text),)).fetchall()

    def filtered(self, text: str) -> Any:
        sql = (
            "SELECT posts.rowid FROM posts JOIN entry ON entry.id = posts.rowid WHERE posts MATCH ? "
            f"AND public AND kind = 'question' AND community IN ('c1', 'c2', 'c3') {self.ORDER}"
        )
        return self.base.execute(sql, (_any(text),)).fetchall()

    def facets(self, text: str) -> Any:
        sql = "SELECT {0}, count(*) FROM posts JOIN entry ON entry.id = posts.rowid WHERE posts MATCH ? AND public GROUP BY 1"
        return [
            self.base.execute(sql.format(name), (_any(text),)).fetchall() for name in ("kind", "community", "phase")
        ]


def _any(text: str) -> str:
    return " OR ".join(f'"{word}"' for word in text.split())


class Ours:
    """The engine alone (best 20 documents), as FTS5 is asked."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    def _best(self, text: str, scope: Scope) -> Any:
        source = SegmentSource(self.backend._current())
        query = parse(text) if len(text) <= 200 else None
        words = query.terms if query and len(query.terms) >= len(text.split()) else _terms(text)
        return source.best(expanded(words, Synonyms())[0], source.select(scope), 20)

    def all(self, text: str) -> Any:
        return self._best(text, Scope(readers=frozenset({"public", *(f"c{i}" for i in range(40))})))

    def filtered(self, text: str) -> Any:
        return self._best(text, Scope(readers=PUBLIC, kinds=["question"], filters={"community": ["c1", "c2", "c3"]}))

    def facets(self, text: str) -> Any:
        return self.backend.search(SearchRequest(text, PUBLIC, passages=0, limit=1))

    def page(self, text: str) -> Any:
        return self.backend.search(SearchRequest(text, PUBLIC))

    def page_filtered(self, text: str) -> Any:
        return self.backend.search(
            SearchRequest(text, PUBLIC, kinds=["question"], filters={"community": ["c1", "c2", "c3"]})
        )

    def typing(self, text: str) -> Any:
        return self.backend.suggest(text[: max(3, len(text) - 3)], PUBLIC)

    def links(self, text: str) -> Any:
        return self.backend.related(text[:60], text, readers=PUBLIC)


def _terms(text: str) -> list[str]:
    from search_index.analysis import terms

    return terms(text)


def compare(corpus: Corpus, fts: Fts, ours: Ours, count: int, seed: int = 13) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for way in ("all", "filtered"):
        for size in SIZES:
            queries = corpus.queries(count, size, seed)
            rows[f"{way}, {size} terms"] = _row(
                measure(getattr(ours, way), queries), measure(getattr(fts, way), queries)
            )
    queries = corpus.queries(count, 3, seed)
    rows["facets, 3 terms"] = _row(measure(ours.facets, queries), measure(fts.facets, queries))
    for name in ("page", "page_filtered", "typing"):
        rows[f"{name}, 3 terms"] = _row(measure(getattr(ours, name), queries))
    rows["links, 100 words"] = _row(measure(ours.links, corpus.queries(count, 100, seed)))
    return rows


def _row(ours: tuple[float, float], fts: tuple[float, float] | None = None) -> dict[str, float]:
    row = {"p50": round(ours[0], 2), "p95": round(ours[1], 2)}
    if fts:
        row |= {"fts5_p50": round(fts[0], 2), "fts5_p95": round(fts[1], 2), "ratio_p50": round(ours[0] / fts[0], 2)}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--folder")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(chosen.folder or os.environ.get("BENCH_FOLDER") or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results = run(folder, chosen.entries, chosen.queries)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")
    show(results)


def run(folder: Path, entries: int, count: int) -> dict[str, Any]:
    corpus = Corpus()
    backend = open_backend(f"whoosh:{folder}/index", Synonyms())
    results: dict[str, Any] = {"entries": entries}
    if not backend.healthy():
        started = time.perf_counter()
        backend.rebuild(corpus.entries(entries))
        results["rebuild_seconds"] = round(time.perf_counter() - started, 1)
    if not (folder / "fts.db").exists():
        build_fts(folder / "fts.db", corpus.entries(entries))
    started = time.perf_counter()
    backend.close()
    backend.healthy()
    results["open_ms"] = round((time.perf_counter() - started) * 1000, 1)
    ours, fts = Ours(backend), Fts(folder / "fts.db")
    compare(corpus, fts, ours, 20, seed=29)  # other queries than those measured: both engines warm, neither prepared
    results["cpu_ms"] = compare(corpus, fts, ours, count)
    results["reader_memory_mb"] = {"private": private_memory(), "index_on_disk_shared": disk(folder / "index")}
    results["updates"] = updates(backend, corpus, entries)
    return results


def private_memory() -> int:
    """Megabytes of this process alone; the mapped index is shared by all readers and can be dropped by the system."""
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("RssAnon"))


def disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1_000_000


def updates(backend: Any, corpus: Corpus, entries: int) -> dict[str, float]:
    """Twenty posts a second, indexed in batches of ten: how long a batch takes, and until a reader sees it."""
    times = []
    fresh = list(corpus.entries(200, seed=99))
    for start in range(0, 200, 10):
        batch = fresh[start : start + 10]
        started = time.perf_counter()
        backend.apply([_renumbered(entry, entries) for entry in batch])
        backend.search(SearchRequest(batch[0].title, PUBLIC))
        times.append(time.perf_counter() - started)
    times.sort()
    return {
        "batch_and_search_p50_ms": round(times[10] * 1000, 1),
        "batch_and_search_max_ms": round(times[-1] * 1000, 1),
        "segments": len(backend._current().segments),
    }


def _renumbered(entry: IndexEntry, base: int) -> IndexEntry:
    from dataclasses import replace

    return replace(entry, id=f"{entry.kind}:{base + entry.ref}", ref=base + entry.ref)


def show(results: dict[str, Any]) -> None:
    print(f"{'CPU ms':24}{'p50':>9}{'p95':>9}{'FTS5 p50':>10}{'p95':>9}{'ratio':>7}")
    for name, row in results["cpu_ms"].items():
        beside = f"{row['fts5_p50']:10.2f}{row['fts5_p95']:9.2f}{row['ratio_p50']:7.2f}" if "fts5_p50" in row else ""
        print(f"{name:24}{row['p50']:9.2f}{row['p95']:9.2f}{beside}")
    print({name: value for name, value in results.items() if name != "cpu_ms"})


if __name__ == "__main__":
    main()
