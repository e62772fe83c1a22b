"""Keyset paging: a page is named by the last row seen, never by a number of rows to skip.

A cursor is the sort values of a row, packed in a short address-safe text. A wrong cursor gives the first page.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_

from community.core.db import db

PAGE_SIZE = 20


@dataclass(frozen=True)
class Page:
    """Rows of one page; ``older`` and ``newer`` are cursors or None."""

    rows: Sequence[Any]
    older: str | None = None
    newer: str | None = None

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Key:
    """One sort column: its expression, the attribute of a row that holds its value, and its direction."""

    column: Any
    name: str
    descending: bool = True


def paginate(query: Select[Any], keys: Sequence[Key], cursor: str | None, size: int = PAGE_SIZE) -> Page:
    """Run ``query`` for one page. The last key must be unique; values must not be NULL. One statement, size + 1 rows."""
    backwards, values = _unpack(cursor, len(keys))
    flipped = [Key(key.column, key.name, key.descending != backwards) for key in keys]
    query = query.order_by(None).order_by(
        *[key.column.desc() if key.descending else key.column.asc() for key in flipped]
    )
    if values is not None:
        query = query.where(_beyond(flipped, values))
    rows = list(db.session.execute(query.limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_older = more if not backwards else bool(rows)
    has_newer = more if backwards else values is not None and bool(rows)
    return Page(
        rows=rows,
        older=_pack("o", rows[-1], keys) if rows and has_older else None,
        newer=_pack("n", rows[0], keys) if rows and has_newer else None,
    )


def _beyond(keys: Sequence[Key], values: Sequence[Any]) -> Any:
    """(a, b) after (x, y) for mixed directions: a < x, or a = x and b < y."""
    choices = []
    for i, key in enumerate(keys):
        equal = [before.column == values[j] for j, before in enumerate(keys[:i])]
        step = key.column < values[i] if key.descending else key.column > values[i]
        choices.append(and_(*equal, step))
    return or_(*choices)


def _pack(direction: str, row: Any, keys: Sequence[Key]) -> str:
    values = [_dump(getattr(row, key.name)) for key in keys]
    raw = json.dumps([direction, *values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpack(cursor: str | None, count: int) -> tuple[bool, list[Any] | None]:
    if not cursor or len(cursor) > 300:
        return False, None
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if direction not in ("o", "n") or len(values) != count:
            return False, None
        return direction == "n", [_load(value) for value in values]
    except (ValueError, TypeError, UnicodeDecodeError):
        return False, None


def _dump(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if hasattr(value, "isoformat"):
        return {"d": value.isoformat()}
    return value


def _load(value: Any) -> Any:
    if isinstance(value, dict) and "t" in value:
        return datetime.fromisoformat(str(value["t"]))
    if isinstance(value, dict) and "d" in value:
        return datetime.fromisoformat(str(value["d"])).date()
    if isinstance(value, str | int | float):
        return value
    raise ValueError("not a cursor")
