"""Essential data of public contracts (DECP): from a published record to what a sheet can start from.

Reads the official JSON 2.0.3 (markets and concessions), the formats before it (2018 to 2023: flat records, lists
wrapped in « marches », consolidated files with a ``uid``) and lists of them grouped by buyer. A record that cannot be
trusted raises BadRecord with the reason in French.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from community.core.slugs import slugify
from community.core.territories import DEPARTEMENTS, REGIONS
from community.core.text import clean_text
from community.core.vocab import ENVIRONMENTAL_CONSIDERATIONS, PROCEDURES, SOCIAL_CONSIDERATIONS, TECHNIQUES

LISTS = (
    "marches",
    "marche",
    "contrat-concession",
    "contratsConcession",
    "contrats-concession",
    "concessions",
    "decp",
    "contrats",
)
BANDS = (
    (40_000, "< 40 k€"),
    (90_000, "40 – 90 k€"),
    (221_000, "90 – 221 k€"),
    (1_000_000, "221 k€ – 1 M€"),
    (5_000_000, "1 – 5 M€"),
)
LARGEST_BAND = "> 5 M€"
_DIVISIONS = """
03 09 14 15 16 18 19 22 24 30 31 32 33 34 35 37 38 39 41 42 43 44 45 48 50 51 55 60 63 64 65 66 70 71 72 73 75 76 77 79
80 85 90 92 98"""
#: the 45 divisions of the CPV (2008)
DIVISIONS = frozenset(_DIVISIONS.split())
#: SIREN beginnings that say what a public body is
BODIES = {"20": "epci", "21": "commune", "22": "departement", "23": "region", "24": "epci", "25": "syndicat"}
#: procedures of the formats before 2.0.3, by slug
OLD_PROCEDURES = {
    "procedure-concurrentielle-avec-negociation": "Procédure avec négociation",
    "procedure-negociee-avec-mise-en-concurrence-prealable": "Procédure avec négociation",
    "marche-negocie-sans-publicite-ni-mise-en-concurrence-prealable": (
        "Marché passé sans publicité ni mise en concurrence préalable"
    ),
}
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_FRENCH_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_CPV = re.compile(r"(\d{7,8})(?:[-.\s]?(\d))?")


class BadRecord(ValueError):
    """A record that is not imported; its text is the reason, for the person who runs the import."""


@dataclass(frozen=True)
class Contract:
    """A contract as sheets use it. ``repaired`` says that the CPV code had lost its leading zero."""

    uid: str
    title: str
    buyer: str = ""
    buyer_siret: str = ""
    cpv: str | None = None
    procedure: str | None = None
    amount: float | None = None
    duration_months: int | None = None
    notified_on: date | None = None
    techniques: tuple[str, ...] = ()
    social: tuple[str, ...] = ()
    environmental: tuple[str, ...] = ()
    bids_received: int | None = None
    territory: str | None = None
    repaired: bool = False

    @property
    def words(self) -> str:
        """What a search looks into: words and codes as folded() writes them."""
        return folded(" ".join((self.title, self.buyer, self.uid, self.cpv or "")))


def folded(text: str) -> str:
    """Words without accents, capitals or punctuation: « L’électricité » → « l electricite »."""
    spelt = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    letters = "".join(letter if letter.isalnum() else " " for letter in spelt if not unicodedata.combining(letter))
    return " ".join(letters.split())


def records_in(document: Any, buyer: dict[str, str] | None = None) -> Iterator[tuple[Any, dict[str, str]]]:
    """(record, buyer named around it) for every record of a file, however it is wrapped."""
    if isinstance(document, list):
        for element in document:
            yield from records_in(element, buyer) if _wraps(element) else [(element, buyer or {})]
        return
    if not isinstance(document, dict):
        raise BadRecord(_("ce n’est pas un fichier DECP : on attend un objet ou une liste."))
    if not _wraps(document):
        yield document, buyer or {}
        return
    if document.get("public_actor_id"):
        buyer = {"id": _text(document["public_actor_id"]), "nom": _text(document.get("public_actor_nom"))}
    for name in LISTS:
        inner = document.get(name)
        if isinstance(inner, dict | list):
            yield from records_in(inner, buyer)


def read_contract(record: Any, around: dict[str, str] | None = None) -> Contract:
    """One record as a Contract; ``around`` is the buyer that the file names for all its records."""
    if not isinstance(record, dict):
        raise BadRecord(_("ce n’est pas un objet JSON."))
    title = _text(record.get("objet"))
    if not title:
        raise BadRecord(_("l’objet du contrat manque."))
    siret, buyer = _buyer(record, around or {})
    cpv, repaired = read_cpv(record.get("codeCPV") or record.get("codeCpv") or record.get("CPV"))
    return Contract(
        uid=_uid(record, siret),
        title=title[:1000],
        buyer=buyer[:200],
        buyer_siret=siret[:14],
        cpv=cpv,
        repaired=repaired,
        procedure=_procedure(_text(record.get("procedure"))),
        amount=_amount(record.get("montant") if record.get("montant") is not None else record.get("valeurGlobale")),
        duration_months=_whole(record.get("dureeMois"), 1, 1200),
        notified_on=_day(record.get("dateNotification") or record.get("dateSignature")),
        techniques=_techniques(record),
        social=_known(record.get("considerationsSociales"), SOCIAL_CONSIDERATIONS),
        environmental=_known(record.get("considerationsEnvironnementales"), ENVIRONMENTAL_CONSIDERATIONS),
        bids_received=_whole(record.get("offresRecues"), 0, 9999),
        territory=_territory(record),
    )


def read_cpv(value: Any) -> tuple[str | None, bool]:
    """« 9310000 », « 9310000-5 », 45112500 → eight digits, and whether a lost leading zero was put back."""
    text = _text(value)
    if not text:
        return None, False
    found = _CPV.fullmatch(text)
    if found is None:
        raise BadRecord(_("le code CPV « %(code)s » est illisible.", code=text[:40]))
    digits = found.group(1)
    # Spreadsheets drop the zero of divisions 03 and 09; « 93100005 » is then seven digits and their check digit.
    if len(digits) == 8 and digits[:2] in DIVISIONS:
        return digits, False
    if f"0{digits[0]}" in DIVISIONS:
        return f"0{digits[:7]}", True
    raise BadRecord(_("le code CPV « %(code)s » n’existe pas.", code=text[:40]))


def sheet_fields(contract: Contract) -> dict[str, Any]:
    """What a sheet takes from a contract; the rest is for its author to tell."""
    body = BODIES.get(contract.buyer_siret[:2])
    fields = {
        "decp_id": contract.uid[:60],
        "contract_type": _nature(contract.cpv),
        "procedure": contract.procedure if contract.procedure in PROCEDURES else None,
        "techniques": list(contract.techniques),
        "amount_band": amount_band(contract.amount),
        "duration_months": contract.duration_months,
        "notified_on": contract.notified_on,
        "bids_received": contract.bids_received,
        "social_considerations": list(contract.social),
        "environmental_considerations": list(contract.environmental),
        "territory": contract.territory,
        "cpv": [contract.cpv] if contract.cpv else [],
    }
    return fields | ({"organisation_name": contract.buyer[:160], "organisation_type": body} if contract.buyer else {})


def amount_band(amount: float | None) -> str | None:
    """The band of an amount; below 10 € it is a place-holder (framework contracts without a minimum)."""
    if amount is None or amount < 10:
        return None
    return next((band for ceiling, band in BANDS if amount < ceiling), LARGEST_BAND)


def _wraps(element: Any) -> bool:
    return (
        isinstance(element, dict)
        and "objet" not in element
        and any(isinstance(element.get(n), dict | list) for n in LISTS)
    )


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(clean_text(str(value)).split())


def _buyer(record: dict[str, Any], around: dict[str, str]) -> tuple[str, str]:
    named = record.get("acheteur") or record.get("autoriteConcedante") or {}
    if isinstance(named, str):
        named = {"nom": named}
    if isinstance(named, list):
        named = named[0] if named and isinstance(named[0], dict) else {}
    id = _text(named.get("id")) or _text(record.get("acheteur_id") or record.get("acheteur.id")) or around.get("id", "")
    name = (
        _text(named.get("nom"))
        or _text(record.get("acheteur_nom") or record.get("acheteur.nom"))
        or around.get("nom", "")
    )
    return id.replace(" ", ""), name


def _uid(record: dict[str, Any], siret: str) -> str:
    own, id = _text(record.get("uid")), _text(record.get("id"))
    if not own and not id:
        raise BadRecord(_("l’identifiant du contrat manque."))
    if not own and not siret:
        raise BadRecord(_("l’acheteur du contrat manque : son identifiant n’est pas unique sans lui."))
    return (own or siret + id)[:100]


def _procedure(text: str) -> str | None:
    """The official words for a procedure however it was typed; concessions keep their own."""
    slug = slugify(text) if text else ""
    official = next((value for value in PROCEDURES if slugify(value) == slug), None)
    return official or OLD_PROCEDURES.get(slug) or text[:80] or None


def _amount(value: Any) -> float | None:
    text = _text(value).replace(" ", "").replace(",", ".")
    if not text:
        return None
    try:
        amount = float(text)
    except ValueError:
        raise BadRecord(_("le montant « %(amount)s » est illisible.", amount=text[:40])) from None
    if not 0 <= amount < 1e13:
        raise BadRecord(_("le montant « %(amount)s » est hors de toute vraisemblance.", amount=text[:40]))
    return amount


def _whole(value: Any, least: int, most: int) -> int | None:
    """A whole number between bounds; out of them it is a place-holder (999 months) and says nothing."""
    text = _text(value)
    return int(text) if re.fullmatch(r"\d{1,6}", text) and least <= int(text) <= most else None


def _day(value: Any) -> date | None:
    text = _text(value)
    if not text:
        return None
    if found := _DATE.fullmatch(text):
        parts = found.groups()
    elif found := _FRENCH_DATE.fullmatch(text):
        parts = found.groups()[::-1]
    else:
        parts = ("0", "0", "0")
    try:
        day = date(*(int(part) for part in parts))
    except ValueError:
        raise BadRecord(_("la date « %(day)s » est illisible.", day=text[:40])) from None
    if not 1990 <= day.year <= 2100:
        raise BadRecord(_("la date « %(day)s » est hors de toute vraisemblance.", day=text[:40]))
    return day


def _flat(value: Any) -> list[str]:
    """« x », ["x"], {"technique": ["x"]}, [{"technique": "x"}] → ["x"]."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for element in value[:20] for text in _flat(element)]
    return [_text(value)] if _text(value) else []


def _known(value: Any, vocabulary: Any) -> tuple[str, ...]:
    by_slug = {slugify(official): official for official in vocabulary}
    return tuple(dict.fromkeys(by_slug[slugify(text)] for text in _flat(value) if slugify(text) in by_slug))


def _techniques(record: dict[str, Any]) -> tuple[str, ...]:
    """Before 2.0.3 the nature said whether it was a framework contract."""
    found = _known(record.get("techniques"), TECHNIQUES)
    return found or _known(record.get("nature"), {"Accord-cadre": ""})


def _territory(record: dict[str, Any]) -> str | None:
    place = record.get("lieuExecution")
    place = place if isinstance(place, dict) else {}
    code = _text(place.get("code") or record.get("lieuExecution_code") or record.get("lieuExecution.code")).upper()
    kind = slugify(
        _text(place.get("typeCode") or record.get("lieuExecution_typeCode") or record.get("lieuExecution.typeCode"))
        or "x"
    )
    if kind == "code-region":
        return next((known for known in (f"R{code}", code) if known in REGIONS), None)
    if kind in ("code-postal", "code-commune", "code-arrondissement", "code-canton") and len(code) >= 4:
        code = _departement_of(code)
    return code if code in DEPARTEMENTS else None


def _departement_of(code: str) -> str:
    if code[:2] in ("97", "98"):
        return code[:3]
    if code[:2] == "20":
        return "2A" if code < "20200" else "2B"
    return code[:2]


def _nature(cpv: str | None) -> str | None:
    """The CPV's division says works, supplies or services."""
    if not cpv:
        return None
    division = int(cpv[:2])
    if division == 45:
        return "works"
    return "supplies" if division <= 44 or division == 48 else "services"
