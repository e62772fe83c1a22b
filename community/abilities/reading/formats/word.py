"""docx: the text in reading order, tables row by row, deleted text left out, footnotes at the end."""

from __future__ import annotations

import zipfile
from pathlib import Path

from community.abilities.reading.formats.collector import EXPLICIT, MOST_TEXT, RENDERED, Collector
from community.abilities.reading.formats.packages import Enough, attribute, opened, stream

#: what is inside is not part of the text: a second writing of the same drawing, text moved away or deleted, field codes
LEFT_OUT = {"Fallback", "moveFrom", "del", "delText", "instrText"}
BODY = "word/document.xml"
NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_AT_END = {"tab": "\t", "noBreakHyphen": "-", "softHyphen": "", "tc": " | ", "tr": "\n", "cr": "\n"}


def read(path: Path, into: Collector) -> bool:
    """Fill the collector; says whether the pages are those that Word noted when it last laid the text out."""
    with opened(path) as package:
        real = into.add_flow(text_of(package, BODY))
        for name in NOTES:
            notes = text_of(package, name) if name in package.namelist() else ""
            if notes.strip():
                into.add("Notes", notes)
        return real


def text_of(package: zipfile.ZipFile, name: str) -> str:
    """One part's text; page breaks are marked by RENDERED (as Word laid it out) and EXPLICIT (as the author asked)."""
    reader = _Reader()
    stream(package, name, reader)
    return "".join(reader.out)


class _Reader:
    """Hears WordprocessingML (and the a: and m: texts inside drawings and formulas, which use the same names)."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._size = self._skipping = self._cells = 0
        self._in_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in LEFT_OUT:
            self._skipping += 1
        self._cells += tag == "tc"
        self._in_text = tag == "t"
        if tag == "br":
            page = attribute(attributes, "type") == "page" and not self._cells
            self._add(EXPLICIT if page else "\n")
        elif tag == "lastRenderedPageBreak" and not self._cells:
            self._add(RENDERED)

    def end(self, tag: str) -> None:
        self._in_text = False
        if tag == "p":
            self._add(" " if self._cells else "\n")
        elif tag in _AT_END:
            self._add(_AT_END[tag])
        self._cells -= tag == "tc"
        if tag in LEFT_OUT:
            self._skipping -= 1

    def data(self, text: str) -> None:
        if self._in_text:
            self._add(text)

    def _add(self, text: str) -> None:
        if self._skipping:
            return
        self.out.append(text)
        self._size += len(text)
        if self._size > MOST_TEXT:
            raise Enough
