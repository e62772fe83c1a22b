"""SQLite FTS5 on the same texts: what the search engine is compared with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from search_index import IndexEntry

ORDER = "ORDER BY bm25(posts, 0.7, 0.7, 1.0) LIMIT 20"
TOKENS = "unicode61 remove_diacritics 2"


def build(path: Path, entries: Iterable[IndexEntry]) -> None:
    base = sqlite3.connect(path)
    base.execute(f"CREATE VIRTUAL TABLE posts USING fts5(title, tags, body, tokenize='{TOKENS}', content='')")
    base.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, kind, community, phase, public, created)")
    for entry in entries:
        community, phase = entry.facets["community"][0], entry.facets["phase"][0]
        row = (entry.ref, entry.kind, community, phase, "public" in entry.access, str(entry.created_at))
        base.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", row)
        base.execute(
            "INSERT INTO posts(rowid, title, tags, body) VALUES (?, ?, ?, ?)",
            (entry.ref, entry.title, " ".join(entry.tags), entry.body),
        )
    base.execute("INSERT INTO posts(posts) VALUES ('optimize')")
    base.commit()
    base.close()


class Fts:
    """The questions put to our engine, put to FTS5."""

    def __init__(self, path: Path) -> None:
        self.base = sqlite3.connect(path)
        self.base.execute("PRAGMA mmap_size = 1000000000")

    def all(self, text: str) -> Any:
        return self.base.execute(f"SELECT rowid FROM posts WHERE posts MATCH ? {ORDER}", (_any(text),)).fetchall()

    def filtered(self, text: str) -> Any:
        sql = (
            "SELECT posts.rowid FROM posts JOIN entry ON entry.id = posts.rowid WHERE posts MATCH ? "
            f"AND public AND kind = 'question' AND community IN ('c1', 'c2', 'c3') {ORDER}"
        )
        return self.base.execute(sql, (_any(text),)).fetchall()

    def facets(self, text: str) -> Any:
        sql = "SELECT {0}, count(*) FROM posts JOIN entry ON entry.id = posts.rowid WHERE posts MATCH ? AND public GROUP BY 1"
        return [
            self.base.execute(sql.format(name), (_any(text),)).fetchall() for name in ("kind", "community", "phase")
        ]


def _any(text: str) -> str:
    return " OR ".join(f'"{word}"' for word in text.split())
