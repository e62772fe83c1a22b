"""Speed of the search engine, beside SQLite FTS5 on the same texts in the same run; rebuilding; a reader's memory.

usage: python -m bench search_bench   (BENCH_FOLDER keeps corpus and indexes for the next run, BENCH_ENTRIES: how many)

Times are CPU milliseconds of one process (p50/p95): other work on the machine does not change them.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import fts
from bench.common import (
    EVERYBODY,
    FILTERS,
    PUBLIC,
    cpu,
    disk,
    entries,
    percentile,
    private_memory,
    stored,
    write,
)
from bench.search_corpus import Corpus
from search_index import SearchRequest, open_backend
from search_index.analysis import terms
from search_index.query import parse
from search_index.searching import expanded, facet_counts, found_by
from search_index.segment_source import SegmentSource
from search_index.source import Scope
from search_index.synonyms import Synonyms

SIZES = (1, 3, 10, 40)
ASKED, BEFORE = 100, 20
LOOKING = 8
"""Seconds that a reader still searches once the new generation is there."""


class Ours:
    """The engine alone (best 20 documents), as FTS5 is asked; then what pages ask of it."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    def _best(self, text: str, scope: Scope) -> Any:
        source = SegmentSource(self.backend._current())
        query = parse(text) if len(text) <= 200 else None
        words = query.terms if query and len(query.terms) >= len(text.split()) else terms(text)
        return source.best(expanded(words, Synonyms())[0], source.select(scope), 20)

    def all(self, text: str) -> Any:
        return self._best(text, Scope(readers=EVERYBODY))

    def filtered(self, text: str) -> Any:
        return self._best(text, Scope(readers=PUBLIC, kinds=["question"], filters=FILTERS))

    def facets(self, text: str) -> Any:
        """Every facet of what is found, counted; FTS5 is not asked to rank here either."""
        query, scope = parse(text), Scope(readers=PUBLIC)
        weights, query.alternatives = expanded(query.terms, Synonyms())

        def count(source: SegmentSource) -> Any:
            selection = source.select(scope, query, found_by(query, weights))
            return facet_counts(source, query, weights, scope, selection)

        return self.backend._read(count)

    def page(self, text: str) -> Any:
        return self.backend.search(SearchRequest(text, PUBLIC))

    def page_filtered(self, text: str) -> Any:
        return self.backend.search(SearchRequest(text, PUBLIC, kinds=["question"], filters=FILTERS))

    def page_of_member(self, text: str) -> Any:
        return self.backend.search(SearchRequest(text, frozenset({"public", "c1", "c2", "c3", "c4", "u7"})))

    def page_of_everybody(self, text: str) -> Any:
        return self.backend.search(SearchRequest(text, EVERYBODY))

    def typing(self, text: str) -> Any:
        return self.backend.suggest(text[: max(3, len(text) - 3)], PUBLIC)

    def links(self, text: str) -> Any:
        return self.backend.related(text[:60], text, readers=PUBLIC)

    def typing_title(self, text: str) -> Any:
        return close_content(self.backend, text, "")

    def typing_question(self, text: str) -> Any:
        return close_content(self.backend, text[:60], text)


def close_content(backend: Any, title: str, body: str) -> Any:
    """What the question form asks of the engine while one types: some pages of each kind."""
    return [
        backend.related(title, body, kinds=(kind,), readers=PUBLIC, limit=limit)
        for kind, limit in (("question", 3), ("sheet", 2), ("document", 2))
    ]


PAGES = {
    "page, 3 terms": ("page", 3),
    "page, 10 terms": ("page", 10),
    "page filtered, 3 terms": ("page_filtered", 3),
    "page of a member of four communities, 3 terms": ("page_of_member", 3),
    "page of somebody who sees everything, 3 terms": ("page_of_everybody", 3),
    "typing a search, 3 terms": ("typing", 3),
    "typing a title, 8 terms": ("typing_title", 8),
    "typing a question, 100 words": ("typing_question", 100),
    "links, 100 words": ("links", 100),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("BENCH_FOLDER") or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = run(folder, entries())
    write("search", figures)
    show(figures)


def run(folder: Path, count: int) -> dict[str, Any]:
    corpus = Corpus()
    backend = open_backend(f"whoosh:{folder}/index", Synonyms())
    figures: dict[str, Any] = {"entries": count}
    for _ in stored(folder, count):
        break  # made now: making it is no part of building an index
    if not backend.healthy():
        figures |= rebuilt(f"whoosh:{folder}/index", folder, count)
    if not (folder / "fts.db").exists():
        fts.build(folder / "fts.db", stored(folder, count))
    started = time.perf_counter()
    backend.close()
    backend.healthy()
    figures["open_ms"] = round((time.perf_counter() - started) * 1000, 1)
    ours, theirs = Ours(backend), fts.Fts(folder / "fts.db")
    compare(corpus, theirs, ours, BEFORE, seed=29)  # other queries than those measured: both warm, neither prepared
    figures["cpu_ms"] = compare(corpus, theirs, ours, ASKED)
    figures["reader_memory_mb"] = {"private": private_memory(), "index_on_disk_shared": disk(folder / "index")}
    backend.close()
    return figures


def rebuilt(url: str, folder: Path, count: int) -> dict[str, Any]:
    """Build the index anew under the eyes of a reader: how long it takes, how far it says it is, what the reader feels."""
    backend, seen = open_backend(url, Synonyms()), []
    backend.rebuild(Corpus().entries(500, seed=3))
    with watched(url) as told:
        started = time.perf_counter()
        backend.rebuild(stored(folder, count), seen.append)
        seconds = round(time.perf_counter() - started, 1)
    backend.close()
    return {"rebuild_seconds": seconds, "progress_told": len(seen), "opening": told}


class watched:  # noqa: N801 - reads as a verb: with watched(url) as told
    """A reader in another process, which searches all the while and goes on a little; what it felt, once it is over."""

    def __init__(self, url: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.said: Any = context.Queue()
        self.over = context.Event()
        self.reader = context.Process(target=_look, args=(url, self.said, self.over), daemon=True)
        self.told: dict[str, Any] = {}

    def __enter__(self) -> dict[str, Any]:
        self.reader.start()
        self.said.get(timeout=60)
        return self.told

    def __exit__(self, *_: Any) -> None:
        self.over.set()
        self.told |= self.said.get(timeout=120)
        self.reader.join(10)


def _look(url: str, said: Any, over: Any) -> None:
    backend, queries = open_backend(url, Synonyms()), Corpus().queries(500, 3, 43)
    backend.search(SearchRequest(queries[0], PUBLIC))
    said.put("ready")
    old, before, after = backend.generation(), [], []
    published = read = 0.0
    while not published or time.monotonic() < published + LOOKING:
        over_now = over.is_set()
        published = published or (time.monotonic() if over_now else 0.0)
        started = time.perf_counter()
        backend.search(SearchRequest(queries[(len(before) + len(after)) % 500], PUBLIC))
        (after if over_now else before).append((time.perf_counter() - started) * 1000)
        if over_now and not read and backend.generation() != old:
            read = time.monotonic() - published
        time.sleep(0.02)
    said.put(
        {
            "longest_search_while_building_ms": round(max(before, default=0), 1),
            "longest_search_while_opening_ms": round(max(after, default=0), 1),
            "search_p95_ms": percentile(after, 0.95),
            "searches": len(after),
            "read_after_seconds": round(read, 2),
        }
    )


def compare(corpus: Corpus, theirs: fts.Fts, ours: Ours, count: int, seed: int = 13) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for way in ("all", "filtered", "facets"):
        for size in SIZES if way != "facets" else (3,):
            queries = corpus.queries(count, size, seed)
            rows[f"{way}, {size} terms"] = beside(getattr(ours, way), getattr(theirs, way), queries)
    for name, (way, size) in PAGES.items():
        p50, p95 = cpu(getattr(ours, way), corpus.queries(count, size, seed))
        rows[name] = {"p50": p50, "p95": p95}
    return rows


def beside(ours: Callable[[str], Any], theirs: Callable[[str], Any], queries: list[str]) -> dict[str, float]:
    p50, p95 = cpu(ours, queries)
    fts_p50, fts_p95 = cpu(theirs, queries)
    return {"p50": p50, "p95": p95, "fts5_p50": fts_p50, "fts5_p95": fts_p95, "ratio_p50": round(p50 / fts_p50, 2)}


def show(figures: dict[str, Any]) -> None:
    print(f"{'CPU ms':48}{'p50':>9}{'p95':>9}{'FTS5 p50':>10}{'p95':>9}{'ratio':>7}")
    for name, row in figures["cpu_ms"].items():
        theirs = f"{row['fts5_p50']:10.2f}{row['fts5_p95']:9.2f}{row['ratio_p50']:7.2f}" if "fts5_p50" in row else ""
        print(f"{name:48}{row['p50']:9.2f}{row['p95']:9.2f}{theirs}")
    print({name: value for name, value in figures.items() if name != "cpu_ms"})


if __name__ == "__main__":
    main()
