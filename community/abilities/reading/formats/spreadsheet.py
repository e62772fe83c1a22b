"""xlsx: every sheet row by row, as people read it; a long sheet gives several pages, named by their rows."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from community.abilities.reading.formats.collector import PART, Collector, Damaged

MOST_COLUMNS = 200
MOST_EMPTY_ROWS = 5_000


class SheetWriter:
    """Gathers the rows of one sheet into pages of about PART characters."""

    def __init__(self, name: str, into: Collector) -> None:
        self.name = name.strip() or "Feuille"
        self._into = into
        self._lines: list[str] = []
        self._size = 0
        self._first = 1
        self._several = False

    def row(self, number: int, cells: Iterable[str]) -> None:
        """One row of the sheet; ``number`` counts from 1 as in the margin of the sheet."""
        line = " | ".join(cell for cell in (" ".join(text.split()) for text in cells) if cell)
        if not line:
            return
        if self._lines and self._size + len(line) > PART:
            self._several = True
            self._flush(number - 1)
            self._first = number
        self._lines.append(line[: 4 * PART])
        self._size += len(line)

    def close(self, last: int) -> None:
        """The sheet is over: what is left is its last page, or its only one (an empty sheet counts too)."""
        if self._lines or not self._several:
            self._flush(last)

    def _flush(self, last: int) -> None:
        label = f"{self.name[:60]}, lignes {self._first} à {last}" if self._several else self.name
        if not self._into.full():
            self._into.add(label, "\n".join(self._lines))
        self._lines, self._size = [], 0


def read(path: Path, into: Collector) -> int:
    """Fill the collector. Returns how many sheets there are."""
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")
        book = _opened(file)
        try:
            for sheet in book.worksheets:
                if into.full():
                    break
                _read_sheet(sheet, into)
            return len(book.sheetnames)
        finally:
            book.close()


def _opened(file: BinaryIO) -> Any:
    """The workbook, from the open file: the library looks at names, and stored files have none."""
    import openpyxl

    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:
        raise Damaged(type(error).__name__) from error


def _read_sheet(sheet: Any, into: Collector) -> None:
    """Rows up to the first long stretch of empty ones: a sheet may be « used » down to row 1,048,576."""
    writer = SheetWriter(sheet.title, into)
    number = empty = 0
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
        cells = [shown(value) for value in row if value is not None]
        empty = 0 if any(cells) else empty + 1
        if empty > MOST_EMPTY_ROWS or into.full():
            break
        writer.row(number, cells)
    writer.close(max(1, number))


def shown(value: Any) -> str:
    """A cell as a French reader sees it: 12/03/2026, 1234,5, vrai."""
    if isinstance(value, bool):
        return "vrai" if value else "faux"
    if isinstance(value, datetime.datetime):
        date = value.strftime("%d/%m/%Y")
        return date if value.time() == datetime.time() else f"{date} {value:%H:%M}"
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    return str(value)
