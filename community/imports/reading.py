"""Read a JSON file and remember where each object begins, so that a refused record can be found again by its line."""

from __future__ import annotations

import json
from bisect import bisect_right
from json import decoder, scanner
from math import isfinite
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from community.core.text import clean_text

LARGEST = 200 * 1024 * 1024


class Unreadable(ValueError):
    """The file as a whole cannot be read; its text says why, with the line."""


class Located(dict):
    """A JSON object that knows the line where it begins."""

    line: int | None = None


class _LocatingDecoder(json.JSONDecoder):
    def __init__(self, text: str) -> None:
        super().__init__(parse_constant=_no_constant)
        breaks = [i for i, letter in enumerate(text) if letter == "\n"]

        def parse_object(start: Any, *more: Any) -> Any:
            value, end = decoder.JSONObject(start, *more)
            found = Located(value)
            found.line = bisect_right(breaks, start[1] - 1) + 1
            return found, end

        self.parse_object = parse_object
        self.scan_once = scanner.py_make_scanner(self)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def read_json(path: str | Path) -> Any:
    """The content of a JSON file (or of JSON lines, one record a line), objects being Located."""
    path = Path(path)
    if path.stat().st_size > LARGEST:
        raise Unreadable(_("le fichier dépasse %(size)d Mo : découpez-le.", size=LARGEST // 1024 // 1024))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(_("le fichier n’est pas en UTF-8 (octet %(at)d).", at=error.start)) from error
    return parse_json(text)


def parse_json(text: str) -> Any:
    """The value of a JSON text, objects being Located; Unreadable with line and column when it is not JSON."""
    try:
        return _LocatingDecoder(text).decode(text)
    except RecursionError as error:
        raise Unreadable(_("le fichier emboîte trop de niveaux.")) from error
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and "\n" in text.strip():
            return _lines(text)
        message = _("ligne %(line)d, colonne %(column)d : ce n’est pas du JSON.", line=error.lineno, column=error.colno)
        raise Unreadable(message) from error
    except ValueError as error:
        raise Unreadable(_("le fichier contient un nombre que JSON n’admet pas.")) from error


def plain(value: Any) -> Any:
    """A JSON value as every database keeps it: no NUL, no broken characters, no infinite numbers."""
    if isinstance(value, dict):
        return {clean_text(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, str):
        return clean_text(value)
    return None if isinstance(value, float) and not isfinite(value) else value


def _lines(text: str) -> list[Any]:
    """JSON lines: a line that is not JSON stays in the list as it is, and will be refused with its line."""
    found: list[Any] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = line
        record = Located(value) if isinstance(value, dict) else Located(illisible=value)
        record.line = number
        found.append(record)
    return found
