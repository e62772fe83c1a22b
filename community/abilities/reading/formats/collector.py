"""Where readers put what they find: one line of JSON a page, written as it comes, within limits.

A reader that is stopped half-way leaves the pages that it had read; what was left out is said in ``truncated``.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from community.abilities.reading.formats.normal import normal

MOST_PAGES = 2_000
MOST_TEXT = 5_000_000
#: about what a printed page holds: texts that know no pages are cut into parts of this many characters
PART = 3_000
RENDERED, EXPLICIT = "\f", "\v"


class Damaged(Exception):
    """The file is not what its type promises: it does not open."""


class Encrypted(Exception):
    """The file asks for a password."""


class Collector:
    """Pages in order. ``label`` is what people call the place: « Page 12 », the name of a sheet."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._until = time.monotonic() + seconds
        self.pages = 0
        self.characters = 0
        self.truncated: str | None = None

    def __enter__(self) -> Collector:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def full(self) -> bool:
        """Whether the reader should stop: enough pages, enough text, or enough time."""
        if self.pages >= MOST_PAGES:
            self.truncated = "pages"
        elif self.characters >= MOST_TEXT:
            self.truncated = "text"
        elif time.monotonic() > self._until:
            self.truncated = "time"
        return self.truncated is not None

    def add(self, label: str, text: str) -> None:
        text = normal(text)[: MOST_TEXT - self.characters]
        self.pages += 1
        self.characters += len(text)
        self._file.write(json.dumps({"label": label[:120], "text": text}, ensure_ascii=False) + "\n")
        self._file.flush()

    def add_flow(self, text: str) -> bool:
        """A text that runs on: by the pages its program noted, else in parts. Says whether the pages are real ones."""
        real = RENDERED in text
        pieces = re.split(f"[{RENDERED}{EXPLICIT}]", text) if real else list(parts(text))
        word = "Page" if real else "Partie"
        for number, piece in enumerate(pieces, start=1):
            if self.full():
                break
            self.add(f"{word} {number}", piece)
        return real


def parts(text: str) -> Iterable[str]:
    """A text without pages, cut at its explicit breaks and between paragraphs every PART characters or so."""
    for section in text.split(EXPLICIT):
        taken: list[str] = []
        size = 0
        for line in _short_lines(section):
            if taken and size + len(line) > PART:
                yield "\n".join(taken)
                taken, size = [], 0
            taken.append(line)
            size += len(line) + 1
        if any(line.strip() for line in taken):
            yield "\n".join(taken)


def _short_lines(text: str) -> Iterable[str]:
    """Lines, those longer than a part cut at a space."""
    for line in text.split("\n"):
        while len(line) > PART:
            at = line.rfind(" ", PART // 2, PART)
            at = at if at > 0 else PART
            yield line[:at]
            line = line[at:].lstrip()
        yield line
