"""What people call a place in a file: « page 12 », « feuille « Lots », lignes 69 à 133 », « diapositive 3 »."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from community.abilities.attachments.models import BlobPage
from community.core.db import db

#: how a reader of sheets names a part of a long one (formats/spreadsheet.py)
_ROWS = re.compile(r"(.+), lignes (\d+) à (\d+)\Z", re.DOTALL)


def place_words(facts: dict[str, Any] | None, number: int, label: str = "") -> str:
    """The words for one page of a file, by what its pages are (its facts) and its label."""
    unit, only = (facts or {}).get("unit"), (facts or {}).get("pages") == 1
    if unit == "sheet" and label:
        rows = _ROWS.match(label)
        if rows is None:
            return _("feuille « %(name)s »", name=label)
        return _("feuille « %(name)s », lignes %(first)s à %(last)s", name=rows[1], first=rows[2], last=rows[3])
    if unit == "slide":
        return _("diapositive %(number)d", number=number)
    if unit == "part":
        return _("dans le fichier") if only else _("partie %(number)d", number=number)
    return _("page %(number)d", number=number)


def names_of_places(blob: Any, numbers: Iterable[int | None]) -> dict[int, str]:
    """The words for these pages of a content (anything with sha256 and facts). A statement for a workbook alone."""
    wanted, unit, labels = {number for number in numbers if number}, (blob.facts or {}).get("unit"), {}
    if unit == "sheet" and wanted:
        query = select(BlobPage.number, BlobPage.label).where(BlobPage.sha256 == blob.sha256)
        labels = {row.number: row.label for row in db.session.execute(query.where(BlobPage.number.in_(wanted)))}
    return {number: place_words(blob.facts, number, labels.get(number, "")) for number in wanted}
