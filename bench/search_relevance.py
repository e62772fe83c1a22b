"""Relevance of the search engine on a judged collection (see `python -m search_index rank`), and of its links.

usage: python -m bench.search_relevance [--collection DIR]
DIR holds docs.jsonl.gz, queries.jsonl.gz and qrels.txt; by default ../shared/relevance beside the repository.

Prints nDCG@10, MRR@10 and recall, the same without accents, the precision of links at the threshold, and what confirmed
links bring to the questions of the other folds.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import unicodedata
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from search_index import IndexEntry, open_backend
from search_index.__main__ import READER, read_entries, read_lines

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "search_relevance.json"
FOLDS = 5


def read_judgements(path: Path) -> dict[str, set[str]]:
    relevant: dict[str, set[str]] = defaultdict(set)
    for line in path.read_text("utf-8").splitlines():
        query, _, document, grade = line.split()
        if int(grade) > 0:
            relevant[query].add(document)
    return relevant


def measures(ranking: list[str], relevant: set[str]) -> tuple[float, float, float]:
    """nDCG@10 with binary gain, MRR@10, recall at 10."""
    top = [document in relevant for document in ranking[:10]]
    gain = sum(hit / math.log2(place + 2) for place, hit in enumerate(top))
    ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(relevant))))
    first = next((1 / (place + 1) for place, hit in enumerate(top) if hit), 0.0)
    return gain / ideal, first, sum(top) / len(relevant)


def without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


def score(backend: Any, queries: list[dict[str, Any]], judged: dict[str, set[str]], field: str, plain: bool) -> Any:
    rows = []
    for query in queries:
        title, body = query["title"], query["body"] if field == "title+body" else ""
        if plain:
            title, body = without_accents(title), without_accents(body)
        hits = backend.related(title, body, readers=READER, limit=10, minimum=0.0)
        rows.append(measures([hit.id for hit in hits], judged[query["id"]]))
    half = [sum(row[0] for row in rows[n::2]) / len(rows[n::2]) for n in (0, 1)]
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    names = ("ndcg10", "mrr10", "recall10")
    return {
        **{name: round(mean, 4) for name, mean in zip(names, means, strict=True)},
        "halves": [round(x, 4) for x in half],
    }


def precision_of_links(backend: Any, queries: list[dict[str, Any]], judged: dict[str, set[str]]) -> dict[str, Any]:
    """What is proposed above the threshold: judgements are the few links editors made, so this is a lower bound."""
    shown = right = asked = first = 0
    for query in queries:
        hits = backend.related(query["title"], query["body"], readers=READER)
        shown += len(hits)
        right += sum(hit.id in judged[query["id"]] for hit in hits)
        asked += bool(hits)
        first += bool(hits) and hits[0].id in judged[query["id"]]
    return {
        "links_shown": shown,
        "precision": round(right / max(1, shown), 3),
        "precision_of_the_first": round(first / max(1, asked), 3),
        "questions_with_links": asked,
        "questions": len(queries),
    }


def confirmed_links(
    folder: str, docs: list[IndexEntry], queries: list[dict[str, Any]], judged: dict[str, set[str]]
) -> Any:
    """What « Pertinente » brings to questions nobody judged yet: 5 folds, the links of the others' questions confirmed."""
    known: dict[str, list[float]] = {"title": [], "title+body": []}
    gains: dict[str, list[float]] = {"title": [], "title+body": []}
    backend = open_backend(f"whoosh:{folder}/confirmed")
    backend.rebuild(docs)
    alone = {field: gain_of_each(backend, queries, judged, field) for field in known}
    for fold in range(FOLDS):
        asked: dict[str, list[str]] = defaultdict(list)
        for number, query in enumerate(queries):
            if number % FOLDS != fold:
                for ident in judged[query["id"]]:
                    asked[ident].append(query["title"])
        backend.rebuild([replace(entry, asked=tuple(asked.get(entry.id, ()))) for entry in docs])
        for field, figures in known.items():
            found = gain_of_each(backend, queries[fold::FOLDS], judged, field)
            figures += found
            gains[field].append(sum(found) / len(found) - sum(alone[field][fold::FOLDS]) / len(found))
    backend.close()
    return {
        field: {
            "without": round(sum(alone[field]) / len(queries), 4),
            "with": round(sum(figures) / len(queries), 4),
            "gain by fold": [round(gain, 4) for gain in gains[field]],
        }
        for field, figures in known.items()
    }


def gain_of_each(backend: Any, queries: list[dict[str, Any]], judged: dict[str, set[str]], field: str) -> list[float]:
    """nDCG@10 of each question."""
    found = []
    for query in queries:
        body = query["body"] if field == "title+body" else ""
        hits = backend.related(query["title"], body, readers=READER, limit=10, minimum=0.0)
        found.append(measures([hit.id for hit in hits], judged[query["id"]])[0])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", type=Path, default=ROOT.parent / "shared" / "relevance")
    parser.add_argument("--index", help="where to build the index (SEARCH_URL form); a temporary folder by default")
    chosen = parser.parse_args()
    judged = read_judgements(chosen.collection / "qrels.txt")
    queries = [row for row in read_lines(str(chosen.collection / "queries.jsonl.gz")) if row["id"] in judged]
    with tempfile.TemporaryDirectory() as folder:
        backend = open_backend(chosen.index or f"whoosh:{folder}/index")
        backend.rebuild(read_entries(str(chosen.collection / "docs.jsonl.gz")))
        results = {
            "queries": len(queries),
            **{field: score(backend, queries, judged, field, False) for field in ("title", "title+body")},
            **{
                f"{field}, no accents": score(backend, queries, judged, field, True)
                for field in ("title", "title+body")
            },
            "links": precision_of_links(backend, queries, judged),
        }
        backend.close()
        if not chosen.index:
            docs = list(read_entries(str(chosen.collection / "docs.jsonl.gz")))
            results["others' confirmed links"] = confirmed_links(folder, docs, queries, judged)
    for name, row in results.items():
        print(f"{name:24}{row}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
