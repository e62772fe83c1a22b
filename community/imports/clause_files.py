"""Clauses in files: the documented form (docs/clauses.md) in JSON and CSV, and one published CSV that is read directly."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from community.content.clauses.fields import LISTS, NAMES, REQUIRED, ROWS, clean
from community.core import vocab
from community.core.text import clean_text
from community.imports.reading import Unreadable, read_json

FORMAT, VERSION = "entrepairs-clauses", 1
RELATIONS = ("requires", "excludes", "variant_of")
CLOSED = {
    "kind_of_clause": vocab.CLAUSE_KINDS,
    "target_document": vocab.TARGET_DOCUMENTS,
    "ambition": vocab.AMBITIONS,
    "effort": vocab.EFFORTS,
    "contract_types": vocab.CONTRACT_TYPES,
    "dimensions": vocab.DIMENSIONS,
}
#: columns of the CSV form, before the fields of a clause
CSV_FIRST = ("key", "community", "number", "change_note", "trust_level", "review_due", "validated_at")
_GUIDE_DIMENSIONS = {
    "environnement": ["environment"],
    "social": ["social"],
    "mixte": ["environment", "social"],
    "numérique responsable": ["environment", "innovation"],
}
_GUIDE_KINDS = {"CCTP": "technical_specification", "RC": "award_criterion"}


class BadClause(ValueError):
    """A record that cannot be a clause; its text says why."""


@dataclass
class VersionRecord:
    """One validated version; relations are keys of other clauses of the file."""

    data: dict[str, Any]
    relations: dict[str, list[str]]
    number: int | None = None
    change_note: str = ""
    proposed_by: str = ""
    validated_by: str = ""
    proposed_at: datetime | None = None
    validated_at: datetime | None = None
    trust_level: str = "testimony"
    review_due: date | None = None


@dataclass
class ClauseRecord:
    key: str
    community: str
    versions: list[VersionRecord]
    curator: str = ""
    retired_at: datetime | None = None
    retired_reason: str = ""
    successor: str = ""
    #: what moderators confirmed since the last version was validated: the next review, articles read again
    review_due: date | None = None
    checked: dict[str, str] = field(default_factory=dict)
    digest: str = field(default="")


def read_records(file: Path) -> list[Any]:
    """The raw records of a file: JSON objects, or the rows of a CSV."""
    if file.suffix.lower() == ".csv":
        try:
            rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
        except UnicodeDecodeError as error:
            raise Unreadable(_("le fichier n’est pas en UTF-8 (octet %(at)d).", at=error.start)) from error
        return [_from_guide(row) if "texte_markdown" in row else _from_row(row) for row in rows]
    document = read_json(file)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Unreadable(_("ce n’est pas un fichier « %(format)s ».", format=FORMAT))
    if document.get("version") != VERSION:
        raise Unreadable(_("la version %(found)s de ce format n’est pas connue.", found=document.get("version")))
    return list(document.get("clauses", ()))


def read_clause(raw: Any) -> ClauseRecord:
    """A record as the import takes it; BadClause says what is wrong."""
    if not isinstance(raw, Mapping) or not str(raw.get("key") or "").strip():
        raise BadClause(_("l’enregistrement n’a pas de clé (« key »)."))
    versions = raw.get("versions")
    if not isinstance(versions, list) or not versions:
        raise BadClause(_("la clause n’a aucune version."))
    record = ClauseRecord(
        key=str(raw["key"]).strip()[:120],
        community=str(raw.get("community") or "").strip(),
        versions=[_version(version) for version in versions],
        curator=str(raw.get("curator") or ""),
        retired_at=_instant(raw.get("retired_at")),
        retired_reason=clean_text(str(raw.get("retired_reason") or "")),
        successor=str(raw.get("successor") or ""),
        review_due=_day(raw.get("review_due")),
        checked=_checked(raw.get("checked")),
    )
    numbers = [version.number for version in record.versions if version.number is not None]
    if numbers != sorted(set(numbers)):
        raise BadClause(_("les numéros de version doivent croître."))
    record.digest = hashlib.sha256(json.dumps(raw, sort_keys=True, default=str).encode()).hexdigest()
    return record


def write_json(clauses: Iterable[Mapping[str, Any]]) -> str:
    return (
        json.dumps({"format": FORMAT, "version": VERSION, "clauses": list(clauses)}, ensure_ascii=False, indent=1)
        + "\n"
    )


def write_csv(clauses: Iterable[Mapping[str, Any]]) -> str:
    """One row a clause: its version in force (the JSON form holds every version)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [*CSV_FIRST, *NAMES])
    writer.writeheader()
    for clause in clauses:
        version = clause["versions"][-1]
        row = {
            "key": clause["key"],
            "community": clause["community"],
            **{name: version.get(name) or "" for name in CSV_FIRST[2:]},
        }
        writer.writerow(row | {name: _cell(name, version.get(name)) for name in NAMES})
    return out.getvalue()


def _version(raw: Any) -> VersionRecord:
    if not isinstance(raw, Mapping):
        raise BadClause(_("une version n’est pas un objet."))
    relations = {name: _keys(raw.get(name)) for name in RELATIONS}
    data = clean({name: raw.get(name) for name in NAMES if name not in RELATIONS})
    lacking = [name for name in REQUIRED if not data[name]]
    if lacking:
        raise BadClause(_("il manque : %(what)s.", what=", ".join(str(NAMES[name]).lower() for name in lacking)))
    _check_codes(data)
    return VersionRecord(
        data=data,
        relations=relations,
        number=_number(raw.get("number")),
        change_note=clean_text(str(raw.get("change_note") or ""))[:500],
        proposed_by=str(raw.get("proposed_by") or ""),
        validated_by=str(raw.get("validated_by") or ""),
        proposed_at=_instant(raw.get("proposed_at")),
        validated_at=_instant(raw.get("validated_at")),
        trust_level=_trust(raw.get("trust_level")),
        review_due=_day(raw.get("review_due")),
    )


def _check_codes(data: Mapping[str, Any]) -> None:
    for name, codes in CLOSED.items():
        values = data[name] if isinstance(data[name], list) else [data[name]]
        wrong = [value for value in values if value and value not in codes]
        if wrong:
            raise BadClause(_("« %(value)s » n’est pas un code de « %(field)s ».", value=wrong[0], field=name))
    if len(data["title"]) > 200:
        raise BadClause(_("le titre dépasse 200 caractères."))
    for row in data["legal_basis"]:
        _day(row["checked_on"])


def _from_row(row: Mapping[str, str | None]) -> dict[str, Any]:
    """A row of our own CSV form."""
    version: dict[str, Any] = {name: row.get(name) or "" for name in (*CSV_FIRST[2:], *NAMES)}
    for name in (*LISTS, "variant_of"):
        version[name] = _split(version[name], ";")
    for name, parts in ROWS.items():
        cells = [_split(line, "|", keep=True) for line in version[name].split("\n") if line.strip()]
        version[name] = [dict(zip(parts, [*cell, *[""] * len(parts)], strict=False)) for cell in cells]
    return {"key": row.get("key"), "community": row.get("community"), "versions": [version]}


def _from_guide(row: Mapping[str, str | None]) -> dict[str, Any]:
    """A row of the public guide of clauses for responsible digital purchasing (id, document, theme, titre, texte_markdown)."""
    document = row.get("document") or ""
    version = {
        "title": (row.get("titre") or "")[:200],
        "text": row.get("texte_markdown") or "",
        "purpose": _("Clause type du guide public : %(sheets)s.", sheets=row.get("fiches") or ""),
        "target_document": document if document in vocab.TARGET_DOCUMENTS else "annexe",
        "kind_of_clause": _GUIDE_KINDS.get(document, "performance_condition"),
        "dimensions": _GUIDE_DIMENSIONS.get(row.get("theme") or "", []),
        "source": (row.get("chemin") or "")[:500],
        "trust_level": "national_reference",
    }
    return {"key": row.get("id"), "community": "", "versions": [version]}


def _cell(name: str, value: Any) -> str:
    if name in ROWS:
        return "\n".join(" | ".join(row.get(part) or "" for part in ROWS[name]) for row in value or ())
    return " ; ".join(value) if isinstance(value, list) else str(value or "")


def _split(text: str, sign: str, keep: bool = False) -> list[str]:
    return [part.strip() for part in text.split(sign) if keep or part.strip()]


def _checked(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(article): day.isoformat() for article, on in value.items() if (day := _day(on))}


def _keys(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _number(value: Any) -> int | None:
    if value in (None, ""):
        return None
    if not str(value).isdigit() or int(value) < 1:
        raise BadClause(_("« %(value)s » n’est pas un numéro de version.", value=value))
    return int(value)


def _trust(value: Any) -> str:
    if value and value not in vocab.TRUST_LEVELS:
        raise BadClause(_("« %(value)s » n’est pas un code de « %(field)s ».", value=value, field="trust_level"))
    return value or "testimony"


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError as error:
        raise BadClause(_("« %(value)s » n’est pas une date.", value=value)) from error


def _instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value)) if value else None
    except ValueError as error:
        raise BadClause(_("« %(value)s » n’est pas une date.", value=value)) from error
    if found is not None and found.tzinfo is None:
        raise BadClause(_("« %(value)s » ne dit pas son fuseau horaire.", value=value))
    return found
