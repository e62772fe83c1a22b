"""What a sheet's fields mean: their sections on the form, their cleaning, and what publishing asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

MOST_CRITERIA = 12
MOST_RESULTS = 20
#: the parts of a row, by repeatable field
ROWS: dict[str, tuple[str, ...]] = {
    "award_criteria": ("label", "weight", "method"),
    "results": ("indicator", "value", "unit", "method"),
}


@dataclass(frozen=True)
class Section:
    """A part of the form: its anchor, its title, a sentence of help, and the fields that say it is begun."""

    slug: str
    title: LazyString
    help: LazyString
    fields: tuple[str, ...]


SECTIONS = (
    Section(
        "essentiel",
        _l("L’essentiel"),
        _l("Le titre et trois phrases : c’est ce que vos collègues liront d’abord, et souvent tout ce qu’ils liront."),
        ("title", "summary"),
    ),
    Section(
        "contexte",
        _l("Le besoin et le contexte"),
        _l("D’où partiez-vous ? Un collègue doit pouvoir dire : « c’est comme chez nous », ou l’inverse."),
        ("context", "need"),
    ),
    Section(
        "contrat",
        _l("Le contrat"),
        _l("Rien n’est obligatoire ici. Ces repères servent à retrouver la fiche et à se comparer."),
        ("contract_type", "procedure", "amount_band", "notified_on", "duration_months", "lots", "bids_received"),
    ),
    Section(
        "considerations",
        _l("Considérations"),
        _l("Ce que le marché demandait pour l’emploi et pour l’environnement, et comment le marché avait été sondé."),
        ("social_considerations", "environmental_considerations", "sourcing_done", "sourcing_note"),
    ),
    Section(
        "criteres",
        _l("Critères et résultats"),
        _l("Comment les offres ont été jugées, et ce que l’exécution a donné, chiffres à l’appui si vous en avez."),
        ("award_criteria", "results"),
    ),
    Section(
        "enseignements",
        _l("Enseignements"),
        _l("Le cœur de la fiche : ce que vous diriez à un collègue qui commence demain."),
        ("body", "difficulties", "dispute", "would_repeat"),
    ),
    Section(
        "publication",
        _l("Publication"),
        _l("Où la fiche paraît, comment on la retrouve, et à qui l’on peut s’adresser."),
        ("phase", "contact"),
    ),
)

#: what publishing asks for, with the section where it is written
REQUIRED: dict[str, tuple[LazyString, str]] = {
    "title": (_l("un titre"), "essentiel"),
    "summary": (_l("l’essentiel en bref"), "essentiel"),
    "context": (_l("le contexte"), "contexte"),
    "body": (_l("les enseignements"), "enseignements"),
}


def missing(sheet: Any) -> list[tuple[LazyString, str]]:
    """What still has to be written before publishing: (words, section)."""
    return [words for name, words in REQUIRED.items() if not (getattr(sheet, name) or "").strip()]


def begun(sheet: Any) -> set[str]:
    """The sections where something is written and nothing that publishing asks for is missing."""
    lacking = {slug for _words, slug in missing(sheet)}
    return {s.slug for s in SECTIONS if s.slug not in lacking and any(getattr(sheet, name) for name in s.fields)}


def clean_rows(name: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a repeatable field: empty ones dropped, values as text, weights as numbers."""
    parts = ROWS[name]
    cleaned = []
    for row in rows:
        values = {part: _text(row.get(part)) for part in parts}
        if any(values.values()):
            cleaned.append(values | ({"weight": number(row.get("weight"))} if "weight" in parts else {}))
    return cleaned[: MOST_CRITERIA if name == "award_criteria" else MOST_RESULTS]


def number(value: Any) -> float | int | None:
    """« 37,5 », « 40 % », 40 → a number; None when it is not one."""
    text = (
        str(value if value is not None else "")
        .strip()
        .removesuffix("%")
        .strip()
        .replace(",", ".")
        .replace("\u00a0", "")
    )
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found) > 10**9:
        return None
    return int(found) if found == found.to_integral_value() else round(float(found), 2)


def total_weight(criteria: Iterable[Mapping[str, Any]]) -> float:
    return round(sum(row.get("weight") or 0 for row in criteria), 2)


def weights_are_odd(criteria: list[dict[str, Any]]) -> bool:
    """Weights were given and do not make 100: worth a warning, never a refusal (some scales count points)."""
    weights = [row.get("weight") for row in criteria]
    return any(weight is not None for weight in weights) and total_weight(criteria) != 100


def shown(value: Any) -> str:
    """A figure as it is written in French: a comma, no useless zeros."""
    return "" if value is None else f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)


def _text(value: Any) -> str:
    return shown(value).strip()
