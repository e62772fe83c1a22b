"""The search engine under load: posts arriving while people search, hostile inputs, links of a new sheet.

usage: python -m bench search_load   (BENCH_FOLDER: the index of search_bench, if it is there)
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.arrivals import arriving
from bench.common import EVERYBODY, PUBLIC, entries, percentile, rehearsal, stored, write
from bench.search_corpus import Corpus
from search_index import IndexEntry, SearchRequest, open_backend
from search_index.synonyms import Synonyms

SECONDS = 10 if rehearsal() else 60
CONCERNED, SHEETS = 40, 10
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
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("BENCH_FOLDER") or temporary)
        url = f"whoosh:{folder}/index"
        backend = open_backend(url, Synonyms())
        if not backend.healthy():
            backend.rebuild(stored(folder, entries()))
        figures: dict[str, Any] = {"entries": entries()}
        figures["hostile_cpu_ms"] = hostile(backend)
        figures["links_of_a_new_sheet_seconds"] = links_of_a_new_sheet(backend, entries())
        figures["quiet_merges"] = quiet(backend)
        backend.close()
        figures["arriving"] = arriving(url, entries(), SECONDS)
    write("search_load", figures)
    for name, row in figures.items():
        print(f"{name:30}{row}")


def hostile(backend: Any) -> dict[str, float]:
    """The longest of three tries for a search and for what is proposed while typing; an error would end the bench."""
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


def links_of_a_new_sheet(backend: Any, base: int) -> dict[str, float]:
    """Index one sheet and look again for the links of the questions it may concern, as the worker does: wall seconds."""
    times, concerned = [], []
    for sheet in _sheets(base):
        started = time.perf_counter()
        backend.apply([sheet])
        found = backend.related(
            sheet.title, sheet.body, facets=sheet.facets, kinds=("question",), readers=EVERYBODY, limit=CONCERNED
        )
        for question in found:
            backend.related(question.title, sheet.body, kinds=("sheet",), readers=EVERYBODY, limit=10)
        times.append(time.perf_counter() - started)
        concerned.append(len(found))
    return {
        "median": percentile(times, 0.5),
        "longest": round(max(times), 2),
        "sheets": len(times),
        "most_questions": max(concerned),
    }


def _sheets(base: int) -> Iterator[IndexEntry]:
    found = (entry for entry in Corpus().entries(SHEETS * 40, seed=5) if entry.kind == "sheet")
    for number, entry in zip(range(SHEETS), found, strict=False):
        yield replace(entry, id=f"sheet:{base * 2 + number}", ref=base * 2 + number)


def quiet(backend: Any) -> dict[str, float]:
    """What the worker merges when nothing waits: a post that came meanwhile would wait for the longest of these."""
    times: list[float] = []
    while True:
        started = time.perf_counter()
        if not backend.settle():
            break
        times.append(time.perf_counter() - started)
    return {"merges": len(times), "longest_seconds": round(max(times, default=0), 2), "segments": backend.segments()}


if __name__ == "__main__":
    main()
