"""odt, ods, odp: one stream of content.xml; pages where the program noted them, one page a sheet or a slide."""

from __future__ import annotations

from pathlib import Path

from community.abilities.reading.formats.collector import MOST_TEXT, RENDERED, Collector
from community.abilities.reading.formats.packages import Enough, attribute, opened, stream
from community.abilities.reading.formats.spreadsheet import SheetWriter

CONTENT = "content.xml"
#: deleted text, comments and definitions are not part of what is read
LEFT_OUT = {
    "tracked-changes",
    "annotation",
    "forms",
    "sequence-decls",
    "automatic-styles",
    "font-face-decls",
    "scripts",
}
_AT_END = {"tab": "\t", "line-break": "\n", "soft-page-break": RENDERED}


def read_text(path: Path, into: Collector) -> bool:
    """An odt. Says whether the pages are those that the program noted."""
    reader = _Text()
    with opened(path) as package:
        stream(package, CONTENT, reader)
    return into.add_flow("".join(reader.out))


def read_sheets(path: Path, into: Collector) -> int:
    """An ods. Returns how many sheets there are."""
    reader = _Sheets(into)
    with opened(path) as package:
        stream(package, CONTENT, reader)
    return reader.count


def read_slides(path: Path, into: Collector) -> int:
    """An odp. Returns how many slides there are."""
    reader = _Slides(into)
    with opened(path) as package:
        stream(package, CONTENT, reader)
    return reader.count


class _Text:
    """Hears the paragraphs; a table's row is one line."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._size = self._skipping = self._paragraphs = self._cells = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._skipping += tag in LEFT_OUT
        self._cells += tag == "table-cell"
        self._paragraphs += tag in ("p", "h")
        if tag == "s":
            self.add(" " * min(100, _number(attribute(attributes, "c"))))

    def end(self, tag: str) -> None:
        if tag in ("p", "h"):
            self._paragraphs -= 1
            self.add(" " if self._cells else "\n")
        elif tag == "table-cell":
            self._cells -= 1
            self.add(" | ")
        elif tag == "table-row":
            self.add("\n")
        elif tag in _AT_END:
            self.add(_AT_END[tag])
        self._skipping -= tag in LEFT_OUT

    def data(self, text: str) -> None:
        if self._paragraphs:
            self.add(text)

    def add(self, text: str) -> None:
        if self._skipping:
            return
        self.out.append(text)
        self._size += len(text)
        if self._size > MOST_TEXT:
            raise Enough

    def taken(self) -> str:
        """What was heard since the last time, to be kept elsewhere."""
        text = "".join(self.out)
        self.out, self._size = [], 0
        return text


class _Slides(_Text):
    """One page a draw:page, speaker's notes included."""

    def __init__(self, into: Collector) -> None:
        super().__init__()
        self._into = into
        self.count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "page":
            self.taken()
        super().start(tag, attributes)

    def end(self, tag: str) -> None:
        super().end(tag)
        if tag == "page":
            self.count += 1
            if not self._into.full():
                self._into.add(f"Diapositive {self.count}", self.taken())


class _Sheets(_Text):
    """One page a table:table, its rows numbered as the program numbers them (repeated ones count)."""

    def __init__(self, into: Collector) -> None:
        super().__init__()
        self._into = into
        self.count = 0
        self._sheet: SheetWriter | None = None
        self._row = self._repeated = 0
        self._line: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table" and self._sheet is None:
            self._sheet, self._row = SheetWriter(attribute(attributes, "name") or "", self._into), 0
        elif tag == "table-row":
            self._line, self._repeated = [], _number(attribute(attributes, "number-rows-repeated"))
        super().start(tag, attributes)

    def end(self, tag: str) -> None:
        super().end(tag)
        if tag == "table-cell":
            self._line.append(self.taken().strip(" |\n"))
        elif tag == "table-row" and self._sheet is not None:
            self._sheet.row(self._row + 1, self._line)
            self._row += self._repeated
        elif tag == "table" and self._sheet is not None:
            self._sheet.close(max(1, self._row))
            self._sheet = None
            self.count += 1
            if self._into.full():
                raise Enough


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 1
