"""The table that closes a run of the bench: for each figure wanted, the target, what was reached, met or missed by how much."""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.common import ROOT, results_folder

Found = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """One line: what it is, the most or the least it may be (neither: it is only told), and where it is read."""

    name: str
    read: Callable[[Found], Any]
    most: float | None = None
    least: float | None = None
    unit: str = ""
    goal: float | None = None

    def target(self) -> str:
        if self.most is not None:
            return f"≤ {_short(self.most)}{self.unit}"
        if self.least is None:
            return "told"
        hoped = f" (goal {_short(self.goal)})" if self.goal else ""
        return f"≥ {_short(self.least)}{self.unit}{hoped}"

    def line(self, found: Found) -> tuple[str, str, str, str]:
        try:
            value = self.read(found)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            value = None
        if value is None:
            return self.name, self.target(), "—", "not measured"
        reached = value if isinstance(value, str) else f"{_short(value)}{self.unit}"
        return self.name, self.target(), reached, self._verdict(value)

    def _verdict(self, value: Any) -> str:
        if self.most is None and self.least is None:
            return ""
        wanted = self.most if self.most is not None else self.least
        assert wanted is not None
        missing = value - wanted if self.most is not None else wanted - value
        if missing > 1e-9:
            return f"missed by {_short(round(missing, 4))}{self.unit}"
        if self.goal and value < self.goal:
            return f"met; the goal is {_short(round(self.goal - value, 4))} away"
        return "met"


def _short(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:g}"


def at(*path: str) -> Callable[[Found], Any]:
    """The value found by following keys; None where there is none."""

    def read(found: Found) -> Any:
        for key in path:
            found = found[key]
        return found

    return read


def ours(name: str, which: str = "ratio_p50") -> Callable[[Found], Any]:
    return at("search", "cpu_ms", name, which)


def percent(*path: str) -> Callable[[Found], Any]:
    """The share in a text such as « 37 of 51 (73%) »."""

    def read(found: Found) -> Any:
        return int(re.search(r"\((\d+)\s*%\)", at(*path)(found)).group(1))  # type: ignore[union-attr]

    return read


def worst_hostile(found: Found) -> float:
    return max(found["search_load"]["hostile_cpu_ms"].values())


def with_page(engine: str, page: str) -> Callable[[Found], float]:
    """p95 of the engine at 100,000 entries, plus what the page takes on the demo beside the engine."""

    def read(found: Found) -> float:
        site = found["site"]
        beside = site["pages"][page]["p95_ms"] - site["engine"][page]["p50_ms"]
        return round(ours(engine, "p95")(found) + max(0.0, beside), 1)

    return read


def permission(found: Found) -> str:
    rows = found["search"]["cpu_ms"]
    seen = ("page, 3 terms", "page of a member of four communities, 3 terms")
    visitor, member, everybody = (
        rows[name]["p50"] for name in (*seen, "page of somebody who sees everything, 3 terms")
    )
    return f"visitor {visitor} ms, member {member} ms, who sees everything {everybody} ms"


def loss_without_accents(field: str) -> Callable[[Found], float]:
    return lambda found: round(
        found["search_relevance"][field]["ndcg10"] - found["search_relevance"][f"{field}, no accents"]["ndcg10"], 4
    )


def confirmed(field: str) -> Callable[[Found], str]:
    """What the links confirmed for other questions bring."""

    def read(found: Found) -> str:
        row = found["search_relevance"]["others' confirmed links"][field]
        return f"{row['with'] - row['without']:+.4f} ({row['without']} → {row['with']})"

    return read


def _relevance_of_the_collection() -> tuple[str, list[Figure]]:
    relevance = "search_relevance"
    return (
        "Relevance (530 judged questions, pure Whoosh)",
        [
            Figure("nDCG@10, title", at(relevance, "title", "ndcg10"), least=0.478, goal=0.52),
            Figure("nDCG@10, title + body", at(relevance, "title+body", "ndcg10"), least=0.585, goal=0.63),
            Figure("lost without accents, title", loss_without_accents("title"), most=0.001),
            Figure("lost without accents, title + body", loss_without_accents("title+body"), most=0.001),
            Figure("links at the threshold: precision", at(relevance, "links", "precision")),
            Figure("links at the threshold: precision of the first", at(relevance, "links", "precision_of_the_first")),
            Figure("others' confirmed links, title: gain in nDCG@10, held out", confirmed("title")),
            Figure("others' confirmed links, title + body: gain in nDCG@10, held out", confirmed("title+body")),
        ],
    )


def _relevance_of_the_demo() -> tuple[str, list[Figure]]:
    demo = "demo_relevance"
    return (
        "Relevance (judged searches of the demo)",
        [
            Figure("right sheet first", percent(demo, "right sheet first"), least=80, unit=" %"),
            Figure("right sheet among three", at(demo, "right sheet among three")),
            Figure("right clause first", at(demo, "right clause first")),
            Figure("right question first", at(demo, "right question first")),
            Figure("proposals that people confirmed", at(demo, "proposals that people confirmed")),
            *(
                Figure(name, at(demo, name))
                for name in (
                    "right sheet first, held out, without others' confirmed links",
                    "right sheet first, with others' confirmed links",
                )
            ),
        ],
    )


def _speed() -> tuple[str, list[Figure]]:
    sizes = ("1 terms", "3 terms", "10 terms", "40 terms")
    return (
        "Speed at 100,000 entries, ratio of p50 to SQLite FTS5 in the same run",
        [
            *(
                Figure(f"{way}, {size}", ours(f"{way}, {size}"), most=1)
                for way in ("all", "filtered")
                for size in sizes
            ),
            Figure("facets, 3 terms", ours("facets, 3 terms"), most=2),
        ],
    )


def _server_time() -> tuple[str, list[Figure]]:
    return (
        "Server time at 100,000 entries",
        [
            Figure("search page, p95 (engine)", ours("page, 3 terms", "p95"), most=100, unit=" ms"),
            Figure(
                "search page, p95 (with the page around it)",
                with_page("page, 3 terms", "recherche « allotissement denrées »"),
                most=100,
                unit=" ms",
            ),
            Figure("filtered search page, p95 (engine)", ours("page filtered, 3 terms", "p95"), most=100, unit=" ms"),
            Figure("while typing a search, p95", ours("typing a search, 3 terms", "p95"), most=60, unit=" ms"),
            Figure("while typing a title, p95", ours("typing a title, 8 terms", "p95"), most=60, unit=" ms"),
            Figure(
                "while typing a question of 100 words, p95",
                ours("typing a question, 100 words", "p95"),
                most=60,
                unit=" ms",
            ),
            Figure(
                "while typing a question, p95 (with the page around it)",
                with_page("typing a question, 100 words", "en tapant (proches)"),
                most=60,
                unit=" ms",
            ),
            Figure("hostile inputs, longest", worst_hostile, most=50, unit=" ms"),
            Figure("the permission in the query, p50", permission),
        ],
    )


def _building_and_arriving() -> tuple[str, list[Figure]]:
    load = "search_load"
    return (
        "Building, opening, arriving (20 posts a second)",
        [
            Figure("rebuild", at("search", "rebuild_seconds"), most=300, unit=" s"),
            Figure("memory of a reader", at("search", "reader_memory_mb", "private"), most=400, unit=" MB"),
            Figure(
                "longest search while a new generation opens",
                at("search", "opening", "longest_search_while_opening_ms"),
                most=250,
                unit=" ms",
            ),
            Figure("posts visible, p95", at(load, "arriving", "visible_after_ms_p95"), most=2_000, unit=" ms"),
            Figure("posts visible, the longest", at(load, "arriving", "visible_after_ms_most"), unit=" ms"),
            Figure("posts a second", at(load, "arriving", "a_second"), least=19.5),
            Figure("segments", at(load, "arriving", "most_segments"), most=7),
            Figure("search meanwhile, p95", at(load, "arriving", "search_wall_ms_p95"), unit=" ms"),
            Figure("links of a new sheet", at(load, "links_of_a_new_sheet_seconds", "longest"), most=5, unit=" s"),
        ],
    )


def _postgres() -> tuple[str, list[Figure]]:
    other = "search_postgres"
    return (
        "PostgreSQL as the index, 100,000 entries (as somebody waits)",
        [
            Figure("nDCG@10, title, share of Whoosh", at(other, "relevance", "title, ratio"), least=0.98),
            Figure("nDCG@10, title + body, share of Whoosh", at(other, "relevance", "title+body, ratio"), least=0.98),
            *(
                Figure(f"{name}, p50", at(other, "wall_ms", name, "p50"), most=100, unit=" ms")
                for name in ("page, 1 term", "page, 3 terms", "page, 10 terms")
            ),
            Figure("links, 40 terms, p50", at(other, "wall_ms", "links, 40 terms", "p50"), most=250, unit=" ms"),
            Figure("page, 3 terms, p95", at(other, "wall_ms", "page, 3 terms", "p95"), most=200, unit=" ms"),
            Figure("page filtered, p95", at(other, "wall_ms", "page filtered, 3 terms", "p95"), most=200, unit=" ms"),
            Figure("while typing, p95", at(other, "wall_ms", "typing, 3 terms", "p95"), most=60, unit=" ms"),
            Figure("rebuild", at(other, "rebuild_seconds"), most=600, unit=" s"),
            Figure("memory of a reader", at(other, "reader_memory_mb"), most=400, unit=" MB"),
            Figure(
                "posts visible elsewhere, p95", at(other, "arriving", "visible_after_ms_p95"), most=2_000, unit=" ms"
            ),
        ],
    )


def figures() -> Iterator[tuple[str, list[Figure]]]:
    """All figures of the issue, by chapter."""
    yield _relevance_of_the_collection()
    yield _relevance_of_the_demo()
    yield _speed()
    yield _server_time()
    yield _building_and_arriving()
    yield _postgres()


def report(since: float, seconds: dict[str, float], failed: list[str], whole: bool) -> None:
    """Print the table and keep it (summary.json, summary.md). A whole run counts nothing that was measured before it."""
    found, old = read(since, whole)
    chapters = [(title, [figure.line(found) for figure in lines]) for title, lines in figures()]
    lines = [f"# Figures of {time.strftime('%d/%m/%Y %H:%M')}", "", _machine(seconds, failed), *_earlier(old)]
    for title, rows in chapters:
        lines += ["", f"## {title}", "", "| figure | target | reached | |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        print(f"\n{title}")
        for name, target, reached, verdict in rows:
            print(f"  {name:68} {target:>22} {reached:>14}  {verdict}")
    verdicts = [row[3] for _, rows in chapters for row in rows]
    counted = {word: sum(one.startswith(word) for one in verdicts) for word in ("met", "missed", "not measured")}
    print("\n" + ", ".join(f"{count} {word}" for word, count in counted.items()), "·", _machine(seconds, failed))
    folder = results_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "summary.md").write_text("\n".join(lines) + "\n", "utf-8")
    keys = ("figure", "target", "reached", "verdict")
    kept = {
        "seconds": seconds,
        "failed": failed,
        "counted": counted,
        "chapters": {title: [dict(zip(keys, row, strict=True)) for row in rows] for title, rows in chapters},
    }
    (folder / "summary.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read(since: float, whole: bool) -> tuple[Found, list[str]]:
    """What the parts wrote, by name; and which of it is older than this run, if that is wanted."""
    found: Found = {}
    old = []
    for folder in dict.fromkeys((ROOT / "bench" / "results", results_folder())):
        for path in sorted(folder.glob("*.json")):
            earlier = path.stat().st_mtime < since
            if path.stem != "summary" and not (earlier and whole):
                found[path.stem] = json.loads(path.read_text("utf-8"))
                if earlier:
                    old.append(path.stem)
    return found, old


def _machine(seconds: dict[str, float], failed: list[str]) -> str:
    parts = ", ".join(f"{part} {taken:.0f} s" for part, taken in seconds.items())
    broken = f"; failed: {', '.join(failed)}" if failed else ""
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end; "
        f"{sum(seconds.values()) / 60:.1f} minutes ({parts}){broken}"
    )


def _earlier(old: list[str]) -> list[str]:
    return ["", f"From an earlier run: {', '.join(old)}."] if old else []
