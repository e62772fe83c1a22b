"""What a clause's fields are: their names in words, their cleaning, their variables, and how a version compares to another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from community.content.clauses.variables import MOST, PARTS, Variable, defined, named, variables_of
from community.core import vocab
from community.core.text import clean_text, mark_variables, plain_text, render_markdown

#: Markdown fields, rendered when they are written
TEXTS = ("text", "purpose", "applies_when", "avoid_when", "cautions", "penalty", "scoring_hint")
LISTS = ("contract_types", "tags", "cpv", "dimensions", "requires", "excludes")
ROWS: dict[str, tuple[str, ...]] = {
    "variables": PARTS,
    "verification": ("means", "moment", "who"),
    "legal_basis": ("article", "checked_on"),
}
REQUIRED = ("title", "text", "purpose", "kind_of_clause", "target_document")
MOST_ROWS = 12
#: a text may have more variables than one writes rows of anything else
MOST_IN = {"variables": MOST}
#: every field of a version, in the order in which it is read and compared
NAMES: dict[str, Any] = {
    "title": _l("Titre"),
    "text": _l("Texte"),
    "variables": _l("Variables"),
    "purpose": _l("Pourquoi"),
    "kind_of_clause": _l("Type de clause"),
    "target_document": _l("Pièce"),
    "ambition": _l("Ambition"),
    "contract_types": _l("Nature du marché"),
    "ccag": _l("CCAG"),
    "applies_when": _l("Quand l’utiliser"),
    "avoid_when": _l("À éviter si"),
    "cautions": _l("Points de vigilance"),
    "verification": _l("Vérification"),
    "penalty": _l("Sanction"),
    "scoring_hint": _l("Notation"),
    "legal_basis": _l("Fondement"),
    "effort": _l("Charge de contrôle"),
    "source": _l("Origine"),
    "requires": _l("Va avec"),
    "excludes": _l("Incompatible avec"),
    "variant_of": _l("Variante de"),
    "tags": _l("Étiquettes"),
    "cpv": _l("Codes CPV"),
    "dimensions": _l("Dimensions"),
}
_WRAPPED = re.compile(r"(?<=[^\s|]) ?\n *(?=[^\s|#>*+\-\d`~])")
VOCABULARIES = {
    "kind_of_clause": "kind_of_clause",
    "target_document": "target_document",
    "ambition": "ambition",
    "effort": "effort",
    "contract_types": "contract_type",
    "dimensions": "dimension",
}


def clean(data: Mapping[str, Any]) -> dict[str, Any]:
    """Every field, cleaned: texts without spaces around, lists without doubles, empty rows dropped."""
    fields: dict[str, Any] = {}
    for name in NAMES:
        value = data.get(name)
        if name in ROWS:
            fields[name] = _rows(name, value or ())
        elif name in LISTS:
            fields[name] = list(dict.fromkeys(value or ()))
        elif name == "variant_of":
            fields[name] = value or None
        else:
            fields[name] = clean_text(str(value or "")).strip()
    return fields


def rendered(data: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """The HTML of every text that is not empty, its {{variables}} marked."""
    return {
        name: mark_variables(render_markdown(data[name], f"{prefix}{name.replace('_', '')}-").html)
        for name in TEXTS
        if data.get(name)
    }


def legend_of(data: Mapping[str, Any]) -> list[Variable]:
    """The variables of a version's texts with what they mean, in reading order."""
    return variables_of(data, TEXTS)


def missing(data: Mapping[str, Any]) -> list[str]:
    """The required fields that are empty."""
    return [name for name in REQUIRED if not data.get(name)]


def in_words(
    data: Mapping[str, Any],
    titles: Mapping[int, str] | None = None,
    variables: Mapping[str, Variable] | None = None,
) -> dict[str, Any]:
    """A version's fields as people read them, ready to be compared.

    ``titles`` names the related clauses that may be seen; ``variables`` says how to read those of both versions compared, so
    that a definition which changed shows once, as a definition, and not at every place of the text.
    """
    known = defined(data) if variables is None else variables
    return {
        name: named(unwrapped(data.get(name) or ""), known) or None
        if name in TEXTS
        else _words(name, data.get(name), titles or {})
        for name in NAMES
    }


def unwrapped(text: str) -> str:
    """Markdown without the line ends that its reader never sees, so that a comparison shows paragraphs."""
    return _WRAPPED.sub(" ", text)


def summary_of(data: Mapping[str, Any]) -> str:
    """Why the clause exists, as lists show it: words alone."""
    return plain_text(named(data.get("purpose") or "", defined(data)))


def related_ids(*versions: Mapping[str, Any]) -> set[int]:
    """The clauses that these versions name."""
    found: set[int] = set()
    for data in versions:
        found |= {*data.get("requires", ()), *data.get("excludes", ())}
        found |= {data["variant_of"]} if data.get("variant_of") else set()
    return found


def _words(name: str, value: Any, titles: Mapping[int, str]) -> Any:
    if not value:
        return None
    if name in ("requires", "excludes"):
        return [titles.get(id, _("contenu non accessible")) for id in value]
    if name == "variant_of":
        return titles.get(value, _("contenu non accessible"))
    if name == "verification":
        rows = [(vocab.label("verification", row["means"]), row["moment"], row["who"]) for row in value]
        return [" · ".join(part for part in row if part) for row in rows]
    if name == "variables":
        return [_variable(row) for row in value]
    if name == "legal_basis":
        return [_basis(row) for row in value]
    if name in VOCABULARIES:
        codes = VOCABULARIES[name]
        return [vocab.label(codes, one) for one in value] if isinstance(value, list) else vocab.label(codes, value)
    return value


def _variable(row: Mapping[str, Any]) -> str:
    """« Délai de livraison : en heures, par exemple 24 (delai_heures) »: here its name matters, values are kept under it."""
    variable = Variable(*(row.get(part) or "" for part in PARTS))
    about = f" : {variable.about}" if variable.about else ""
    return f"{variable.title}{about} ({variable.name})"


def _basis(row: Mapping[str, Any]) -> str:
    if not row.get("checked_on"):
        return row["article"]
    day = format_date(date.fromisoformat(row["checked_on"]), "long")
    return _("%(article)s, vérifié le %(day)s", article=row["article"], day=day)


def _rows(name: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    cleaned = []
    for row in rows:
        values = {part: _part(row.get(part)) for part in ROWS[name]}
        if values[ROWS[name][0]] or (name == "verification" and any(values.values())):
            cleaned.append(values)
    return cleaned[: MOST_IN.get(name, MOST_ROWS)]


def _part(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else clean_text(str(value or "")).strip()
