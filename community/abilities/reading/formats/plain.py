"""csv, txt and md: UTF-8 with or without its mark, UTF-16 with its mark, else Windows-1252, read a piece at a time."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from community.abilities.reading.formats.collector import MOST_TEXT, Collector
from community.abilities.reading.formats.spreadsheet import SheetWriter

CHUNK = 256 * 1024
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read(path: Path, into: Collector) -> int:
    """A text, in parts. Returns how many there are."""
    with path.open(encoding=encoding_of(path), errors="replace") as stream:
        into.add_flow(stream.read(MOST_TEXT + 1).replace("\f", "\v"))
    return into.pages


def read_table(path: Path, into: Collector) -> int:
    """A csv: one line a row, whatever separates its cells."""
    writer = SheetWriter("Tableau", into)
    number = 0
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as stream:
        for number, row in enumerate(_rows(stream), start=1):
            if into.full():
                break
            writer.row(number, row)
    writer.close(max(1, number))
    return into.pages


def encoding_of(path: Path) -> str:
    """What the file is written in; read whole once, a piece at a time."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        first = stream.read(CHUNK)
        for mark, name in MARKS:
            if first.startswith(mark):
                return name
        try:
            while first:
                decoder.decode(first)
                first = stream.read(CHUNK)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _rows(stream: object) -> Iterator[list[str]]:
    """The rows; a file that csv refuses (a NUL, a field without end) is read as lines."""
    csv.field_size_limit(1024 * 1024)
    sample = stream.read(8192)  # type: ignore[attr-defined]
    stream.seek(0)  # type: ignore[attr-defined]
    counts = {separator: sample.count(separator) for separator in ";,\t|"}
    separator = max(counts, key=lambda one: (counts[one], one == ";"))
    try:
        yield from csv.reader(stream, delimiter=separator)  # type: ignore[arg-type]
    except csv.Error:
        for line in stream:  # type: ignore[attr-defined]
            yield [line.replace("\0", " ")]
