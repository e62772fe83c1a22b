"""What follows from what was found in a file, and the words for it: the one place that says so."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from community.core.filetypes import REASONS

#: findings (structure.py, sandboxed.py) in order of gravity, and the code kept with the blob
CODES = {
    "infected": "infected",
    "not_scanned": "not_scanned",
    "bomb": "bomb",
    "macros": "macros",
    "archive_inside": "archive",
    "password": "password",
    "broken_image": "broken_image",
    "pixels": "pixels",
    "crashed": "crashed",
    "unscanned": "unscanned",
    "code": "active",
    "calls_outside": "calls_outside",
    "embedded": "embedded",
    "files_inside": "embedded",
    "legacy": "legacy",
    "too_complex": "too_heavy",
    "too_heavy": "too_heavy",
    "unreadable": "unreadable",
}
#: what nobody gets; everything else that is found leaves a file to be downloaded, with its mark
REFUSING = {"bomb", "macros", "archive", "password", "broken_image", "pixels", "crashed", "wrong", "not_scanned"}

TRACES = {
    "author": _l("Auteur"),
    "last_author": _l("Dernière modification par"),
    "company": _l("Organisme"),
    "manager": _l("Responsable"),
    "email": _l("Adresses électroniques dans les propriétés"),
    "path": _l("Chemins de dossiers"),
    "revisions": _l("Nombre d’enregistrements"),
    "time_spent": _l("Temps passé"),
    "custom": _l("Propriétés particulières"),
    "tracked_changes": _l("Modifications suivies"),
    "change_author": _l("Auteurs de modifications"),
    "comments": _l("Commentaires"),
    "comment_author": _l("Auteurs de commentaires"),
    "hidden_sheets": _l("Feuilles masquées"),
    "hidden_rows": _l("Lignes masquées"),
    "hidden_columns": _l("Colonnes masquées"),
    "hidden_slides": _l("Diapositives masquées"),
    "hidden_text": _l("Textes masqués"),
    "speaker_notes": _l("Notes de l’orateur"),
}
TRUNCATED = {
    "pages": _l("Seules les premières pages ont été lues."),
    "text": _l("Le texte est très long : la fin n’a pas été lue."),
    "time": _l("La lecture a été trop longue : la fin n’a pas été lue."),
}


def verdict(findings: list[str]) -> tuple[str, str]:
    """The state and the reason of a blob in which these were found."""
    for finding, code in CODES.items():
        if finding in findings:
            if code == "infected":
                return "infected", code
            return ("refused" if code in REFUSING else "download_only"), code
    return "ready", ""


def reason_words(code: str) -> str:
    """Why a file is not simply readable, in a sentence; nothing when it is."""
    return str(REASONS[code]) if code in REASONS else ""


def length_words(facts: dict[str, Any]) -> str:
    """« 12 pages », « 3 feuilles »; nothing for what has no pages."""
    count = facts.get("pages") or 0
    if not count or (count == 1 and facts.get("unit") == "part"):
        return ""
    return {
        "sheet": lambda: ngettext("%(num)d feuille", "%(num)d feuilles", count),
        "slide": lambda: ngettext("%(num)d diapositive", "%(num)d diapositives", count),
        "part": lambda: ngettext("%(num)d partie", "%(num)d parties", count),
    }.get(facts.get("unit", ""), lambda: ngettext("%(num)d page", "%(num)d pages", count))()


def truncated_words(facts: dict[str, Any]) -> str:
    """That the end was not read, and why; nothing when it was."""
    return str(TRUNCATED[facts["truncated"]]) if facts.get("truncated") in TRUNCATED else ""


def trace_lines(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """(what, detail) for each personal trace that was found, in the order in which people mind them."""
    found = {trace["kind"]: trace for trace in facts.get("traces", ())}
    return [(str(label), _detail(found[kind])) for kind, label in TRACES.items() if kind in found]


def _detail(trace: dict[str, Any]) -> str:
    values = ", ".join(trace["values"])
    if not values:
        return str(trace["count"])
    return f"{values}…" if trace["count"] > len(trace["values"]) else values
