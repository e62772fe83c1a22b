"""A stored text as paragraphs, items, quotes, headings and tables: what every file format writes in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

from community.content.clauses.variables import Variable, pieces

HEADINGS = {"h3": 3, "h4": 4, "h5": 5, "h6": 6}
SHALLOWEST = 3
CELLS = ("th", "td")
_BLANKS = re.compile(r"[ \t\n]+")  # not the spaces that hold « and » to their words


@dataclass(frozen=True)
class Run:
    """Some words of one look; ``empty`` marks a variable that still waits for its value."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    raised: bool = False
    empty: bool = False


@dataclass
class Block:
    """One paragraph of text, or a table.

    kind: « p », « quote », « code », « heading » (``level`` from 3 on, without gaps), « item » (the first paragraph of an
    item), « more » (what follows in the same item) or « table ». For items ``level`` is the depth (1 for a list that is in
    no other), ``ordered`` whether it is numbered, ``series`` which list of the text it is (each counts from its ``start``).
    """

    kind: str
    runs: list[Run] = field(default_factory=list)
    level: int = 0
    ordered: bool = False
    series: int = 0
    start: int = 1
    rows: list[list[list[Run]]] = field(default_factory=list)

    @property
    def is_listed(self) -> bool:
        return self.kind in ("item", "more")

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass
class _List:
    """A list being read: its number in the text, and whether the item begun has shown its mark yet."""

    number: int
    ordered: bool
    start: int
    fresh: bool = False


def blocks_of(html: str, values: Mapping[str, str], known: Mapping[str, Variable]) -> list[Block]:
    """The blocks of a stored text, its variables filled in where they have a value; empty ones are left out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    levels = sorted({block.level for block in reader.blocks if block.kind == "heading"})
    for block in reader.blocks:
        if block.kind == "heading":
            block.level = SHALLOWEST + levels.index(block.level)
        block.runs = list(_filled(block.runs, values, known))
        block.rows = [[list(_filled(cell, values, known)) for cell in row] for row in block.rows]
    return [block for block in reader.blocks if block.rows or block.text.strip()]


def _filled(runs: list[Run], values: Mapping[str, str], known: Mapping[str, Variable]) -> Iterator[Run]:
    for run in _trimmed(runs):
        for words, empty in pieces(run.text, values, known):
            yield replace(run, text=words, empty=empty)


def _trimmed(runs: list[Run]) -> list[Run]:
    """No space before the first word nor after the last."""
    runs = list(runs)
    while runs and not runs[0].text.strip():
        runs.pop(0)
    while runs and not runs[-1].text.strip():
        runs.pop()
    if runs:
        runs[0] = replace(runs[0], text=runs[0].text.lstrip())
        runs[-1] = replace(runs[-1], text=runs[-1].text.rstrip())
    return runs


class _Reader(HTMLParser):
    """Stored HTML (made by core/text.py, so well formed) into blocks. Unknown tags are only their words."""

    LOOKS = {"strong": "bold", "th": "bold", "em": "italic", "code": "code", "sup": "raised"}

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self.lists: list[_List] = []
        self.looks = dict.fromkeys(self.LOOKS.values(), 0)
        self.quotes = self.lists_seen = 0
        self.table: Block | None = None
        self.links: list[tuple[str, int]] = []
        self.open = self.skipped = self.verbatim = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag in self.LOOKS:
            self.looks[self.LOOKS[tag]] += 1
        if tag in ("ul", "ol"):
            self.lists_seen += 1
            self.lists.append(_List(self.lists_seen, tag == "ol", int(given.get("start") or 1)))
            self.open = False
        elif tag == "li" and self.lists:
            self.lists[-1].fresh, self.open = True, False
        elif tag in ("p", "pre", *HEADINGS):
            self._begin(tag)
        elif tag in ("table", "tr", *CELLS):
            self._begin_in_table(tag)
        else:
            self._inline(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.LOOKS:
            self.looks[self.LOOKS[tag]] -= 1
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "blockquote":
            self.quotes -= 1
        elif tag == "table":
            self.table = None
        elif tag == "a":
            self._end_link()
        if tag in ("p", "li", "pre", "ul", "ol", "blockquote", "table", *HEADINGS):
            self.open = self.verbatim = False

    def handle_data(self, data: str) -> None:
        self._add(data.rstrip("\n") if self.verbatim else _BLANKS.sub(" ", data))

    def _inline(self, tag: str, given: dict[str, str | None]) -> None:
        if tag == "blockquote":
            self.quotes, self.open = self.quotes + 1, False
        elif tag == "br":
            self._add("\n")
        elif tag == "img":
            self._add(f"[{given.get('alt') or ''}]")
        elif tag == "span" and given.get("data-cite"):
            self._add(f"[{given['data-cite']}]")
        elif tag == "a":
            self.skipped = given.get("class") == "footnote-backref"
            self.links.append((given.get("href") or "", len(self._runs())))

    def _end_link(self) -> None:
        """On paper an address has to be read: it follows its words, unless they are the address."""
        address, first = self.links.pop() if self.links else ("", 0)
        said = "".join(run.text for run in self._runs()[first:])
        if address.startswith(("http://", "https://")) and address not in said and not self.skipped:
            self._add(f" ({address})")
        self.skipped = False

    def _begin(self, tag: str) -> None:
        """A new paragraph, as the place where it stands makes it."""
        if self.table is not None:
            return
        self.open, self.verbatim = True, tag == "pre"
        if tag in HEADINGS and not self.lists:
            self.blocks.append(Block("heading", level=HEADINGS[tag]))
        elif self.lists:
            inner = self.lists[-1]
            kind = "item" if inner.fresh else "more"
            inner.fresh = False
            level = len(self.lists)
            self.blocks.append(Block(kind, [], level, inner.ordered, inner.number, inner.start))
        else:
            self.blocks.append(Block("code" if tag == "pre" else "quote" if self.quotes else "p"))

    def _begin_in_table(self, tag: str) -> None:
        if tag == "table":
            self.table = Block("table")
            self.blocks.append(self.table)
        elif self.table is not None and tag == "tr":
            self.table.rows.append([])
        elif self.table is not None and self.table.rows:
            self.table.rows[-1].append([])

    def _runs(self) -> list[Run]:
        """Where words go now: the cell begun, else the last block."""
        if self.table is not None:
            row = self.table.rows[-1] if self.table.rows else []
            return row[-1] if row else []
        return self.blocks[-1].runs if self.blocks else []

    def _add(self, text: str) -> None:
        if self.skipped or (not self.open and self.table is None and not text.strip()):
            return
        if not self.open and self.table is None:
            self._begin("")
        self._runs().append(Run(text, **{look: count > 0 for look, count in self.looks.items()}))
