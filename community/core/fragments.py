"""Fragments: pieces of a page that depend on nothing but their row, kept in memory so that a list is not drawn anew each time.

What a piece shows must all be in its arguments: the key is their values, the language and where the site is mounted. A
changed row is a new key, so nothing is ever stale and nothing has to be dropped. Instants (« il y a 3 heures ») change
while the row does not: they are put into the kept piece at every reading.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from threading import Lock
from typing import Any

from flask import current_app, request
from sqlalchemy.engine import Row

from community.core.i18n import language
from community.core.text import to_markup
from community.core.times import time_tag

MOST = 4000
#: where the instant goes; no text that people type holds a NUL
AGO = to_markup("\x00ago\x00")


def kept(macro: Any, row: Any, *more: Any, ago: datetime | None = None) -> Any:
    """What ``macro(row, *more)`` draws, with ``ago`` as a relative date where it wrote AGO.

    Rows of a query are kept; any other object may change under us and is drawn each time.
    """
    drawn = _store().get(macro, row, more) if isinstance(row, Row) else macro(row, *more)
    return to_markup(str(drawn).replace(AGO, str(time_tag(ago))))


class Fragments:
    """The latest pieces drawn, the longest unused going first. Shared by the threads of one process."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.pieces: OrderedDict[Hashable, str] = OrderedDict()
        self.lock = Lock()

    def get(self, macro: Any, row: Row[Any], more: tuple[Any, ...]) -> str:
        key = (macro.name, row._fields, *map(_hashable, (*row, *more)), language(), request.script_root)
        with self.lock:
            if key in self.pieces:
                self.pieces.move_to_end(key)
                return self.pieces[key]
        drawn = str(macro(row, *more))
        with self.lock:
            self.pieces[key] = drawn
            if len(self.pieces) > self.most:
                self.pieces.popitem(last=False)
        return drawn


def _hashable(value: Any) -> Hashable:
    """Numbers, words and dates as they are; lists and records by what they say of themselves."""
    return value if isinstance(value, (str, int, float, datetime, type(None))) else repr(value)


def _store() -> Fragments:
    return current_app.extensions.setdefault("fragments", Fragments())
