"""The redaction check of a sheet: all that it says in sentences, but for the contact, which is there to be read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from community.content.sheets.models import Sheet
from community.core.redaction import Finding, answered, findings, unanswered

TEXTS = ("title", "summary", "context", "need", "body", "difficulties", "sourcing_note", "dispute")


def findings_of(sheet: Sheet) -> list[Finding]:
    """What a sheet holds that may not be for everybody: suggestions."""
    rows = [*(sheet.award_criteria or ()), *(sheet.results or ())]
    tables = [" · ".join(str(value) for value in row.values() if value) for row in rows]
    texts = [getattr(sheet, name) or "" for name in TEXTS]
    return findings((None, text) for text in (*texts, "\n".join(tables)))


def left_to_answer(sheet: Sheet) -> list[Finding]:
    """What its author has not answered yet (community loaded)."""
    return unanswered(findings_of(sheet), sheet.redaction, sheet.community.visibility)


def confirm(sheet: Sheet, user: Any, marks: Collection[str]) -> None:
    """Keep that these findings, and no others, may be read by all who see the sheet."""
    kept = {mark: told for mark, told in (sheet.redaction or {}).items() if mark in marks or told["answer"] != "public"}
    known = {one.digest for one in findings_of(sheet)} & set(marks)
    sheet.redaction = answered(kept, known - set(kept), "public", user.id, sheet.community.visibility)


def confirm_more(sheet: Sheet, user: Any, marks: Collection[str]) -> None:
    """Keep that these findings too may be read by all who see the sheet."""
    known = {one.digest for one in findings_of(sheet)} & set(marks)
    sheet.redaction = answered(sheet.redaction or {}, known, "public", user.id, sheet.community.visibility)


def keep_for_these(sheet: Sheet, user: Any) -> None:
    """What is left is for those who see the place that the sheet was just given, and for nobody wider."""
    marks = [one.digest for one in left_to_answer(sheet)]
    sheet.redaction = answered(sheet.redaction or {}, marks, "restricted", user.id, sheet.community.visibility)
