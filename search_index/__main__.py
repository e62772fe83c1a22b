"""Measure relevance: `python -m search_index rank --docs F --queries F --out RUN [--field title|title+body]`.

Builds a temporary index of the documents with the product's own analyser and schema, ranks every query with the
product's own linking code, and writes the result in TREC form (query Q0 document rank score tag).
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from search_index import IndexEntry, open_backend

READER = frozenset({"public"})
DEPTH = 100


def read_lines(path: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a .jsonl or .jsonl.gz file."""
    with gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_entries(path: str) -> Iterator[IndexEntry]:
    """Documents (id, title, tags, body) as entries; tags are a list, or text parted by bars."""
    for number, row in enumerate(read_lines(path), start=1):
        tags = row.get("tags") or ()
        if isinstance(tags, str):
            tags = [tag.strip() for tag in tags.split("|")]
        yield IndexEntry(
            id=str(row["id"]),
            kind="sheet",
            ref=number,
            title=row.get("title") or "",
            body=row.get("body") or "",
            tags=tuple(tag for tag in tags if tag),
            access=READER,
        )


def rank(docs: str, queries: str, out: str, field: str, index: str | None = None) -> int:
    """Write a run; the number of queries ranked. `index` is an empty place for the index, by default a temporary one."""
    count = 0
    with tempfile.TemporaryDirectory() as folder, open(out, "w", encoding="utf-8") as run:
        backend = open_backend(index or f"whoosh:{folder}/index")
        backend.rebuild(read_entries(docs))
        for query in read_lines(queries):
            count += 1
            body = query.get("body") or "" if field == "title+body" else ""
            hits = backend.related(query.get("title") or "", body, readers=READER, limit=DEPTH, minimum=0.0)
            for position, hit in enumerate(hits, start=1):
                run.write(f"{query['id']} Q0 {hit.id} {position} {DEPTH - position + hit.score:.4f} entrepairs\n")
        backend.close()
    return count


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m search_index", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    ranking = commands.add_parser("rank", help="rank the documents of a collection for each of its queries")
    for name in ("docs", "queries", "out"):
        ranking.add_argument(f"--{name}", required=True)
    ranking.add_argument("--field", choices=["title", "title+body"], default="title+body")
    ranking.add_argument("--index", help="where to build the index (SEARCH_URL form); a temporary folder by default")
    chosen = parser.parse_args(arguments)
    count = rank(chosen.docs, chosen.queries, chosen.out, chosen.field, chosen.index)
    print(f"{count} queries ranked in {chosen.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
