"""CSV that opens in a spreadsheet without anything in it being run.

A cell that begins with = + - @, a tab or a return is a formula to a spreadsheet: an apostrophe before it makes it a text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: what makes spreadsheets read UTF-8
BOM = "\ufeff"


def safe_cell(value: Any) -> str:
    """The value as a text that no spreadsheet executes."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a file, separated by semicolons as French spreadsheets expect, one at a time."""
    yield BOM + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()
