"""Where rates are counted when there is no Redis: a file that every web process shares.

In memory each process would count for itself, and « 10 attempts » would be 20 with two of them. Losing this file loses
nothing but the counts of the last minutes, so it is not synchronised.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from limits.storage import Storage

SWEEP_EVERY = 500


class FileStorage(Storage):
    """Counters with an expiry, in one SQLite table: ``ratefile:///var/lib/entrepairs/rates.sqlite3``."""

    STORAGE_SCHEME = ["ratefile"]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **_options: object) -> None:
        super().__init__(uri, wrap_exceptions)
        self.path = Path(unquote(urlsplit(uri).path))
        self.local = threading.local()
        self.calls = 0

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter that starts anew once its time is over; gives the new count."""
        now = time.time()
        statement = (
            "INSERT INTO rate (key, hits, ends) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
            "hits = CASE WHEN ends <= ? THEN excluded.hits ELSE hits + excluded.hits END, "
            "ends = CASE WHEN ends <= ? THEN excluded.ends ELSE ends END RETURNING hits"
        )
        self._sweep(now)
        [(hits,)] = self._open().execute(statement, (key, amount, now + expiry, now, now)).fetchall()
        return int(hits)

    def get(self, key: str) -> int:
        row = self._open().execute("SELECT hits FROM rate WHERE key = ? AND ends > ?", (key, time.time())).fetchone()
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        row = self._open().execute("SELECT ends FROM rate WHERE key = ?", (key,)).fetchone()
        return float(row[0]) if row else time.time()

    def check(self) -> bool:
        return self._open().execute("SELECT 1").fetchone() == (1,)

    def reset(self) -> int:
        return self._open().execute("DELETE FROM rate").rowcount

    def clear(self, key: str) -> None:
        self._open().execute("DELETE FROM rate WHERE key = ?", (key,))

    def _sweep(self, now: float) -> None:
        self.calls += 1
        if self.calls % SWEEP_EVERY == 1:
            self._open().execute("DELETE FROM rate WHERE ends <= ?", (now,))

    def _open(self) -> sqlite3.Connection:
        """One connection a thread, in autocommit."""
        connection = getattr(self.local, "connection", None)
        if connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=5, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=OFF"):
                connection.execute(f"PRAGMA {pragma}").close()
            connection.execute("CREATE TABLE IF NOT EXISTS rate (key TEXT PRIMARY KEY, hits INTEGER, ends REAL)")
            self.local.connection = connection
        return connection
