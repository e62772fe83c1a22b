"""What a text may hold that must not be shared: names, addresses, numbers, signatures, prices, tenderers beside scores.

``findings(pages)`` proposes, people decide: what it finds may be harmless, and it will miss things. It knows no feature:
pages are (number or None, text) pairs, answers are plain values that each kind keeps with its own version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

from community.core.clock import now
from community.core.errors import Invalid
from community.core.slugs import slugify

AROUND = 90
MOST_PLACES = 4
MOST_FINDINGS = 1000
#: in the order in which a page shows them
KINDS = ("unread", "tenderer", "price", "signature", "iban", "siret", "name", "email", "phone")
#: how far each visibility opens, the widest first
WIDTHS = ("public", "platform", "members")

_CAPITAL = r"[A-ZÀ-ÖØ-ÝŒ][\wÀ-ÿœ'’\-]*"
_CIVILITY = re.compile(
    r"(?<![\w€&])(?:MM?\.|Mmes?\.?|Mlles?\.?|Messieurs|Mesdames|Monsieur|Madame|Mademoiselle|MONSIEUR|MADAME|Maître|Me"
    rf"|Dr\.?|Docteur|Pr\.?|Professeur)[ \n]{{1,2}}({_CAPITAL}(?:\ (?:de\ |du\ |d['’])?{_CAPITAL}){{0,3}})"
)
_FOLLOWED_BY = re.compile(
    r"(?:[Aa]ffaire suivie|[Dd]ossier suivi|[Rr]édigée? |[Éé]tablie? |[Vv]isée? |[Nn]otée? |[Vv]érifiée? )\s?par\s?:?\s?"
    rf"({_CAPITAL}\ {_CAPITAL})"
)
_OFFICES = """
maire president presidente directeur directrice prefet prefete ministre tresorier tresoriere comptable depute deputee
senateur senatrice adjoint adjointe representant representante acheteur acheteuse candidat candidate titulaire secretaire
chef cheffe responsable conseiller conseillere rapporteur commissaire juge ouvrage oeuvre"""
_ROLES = frozenset(_OFFICES.split())
_ARTICLES = frozenset(("le", "la", "les", "l"))
_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@((?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,12})(?![\w-])")
_NOBODY = re.compile(
    r"^(?:prenom\.?nom|nom\.?prenom|prénom\.?nom|p\.nom|nom|xxx*|votre[.\w-]*|adresse)$", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\d.,/-])(?<!\d )(?:(?:\+|00)33[ .]?(?:\(0\) ?)?[1-9]|0[1-9])([ .-]?)\d{2}\1\d{2}\1\d{2}\1\d{2}(?![\d]|[.,]\d| \d)"
)
_SIRET = re.compile(r"(?<![\dA-Z])(?<!\d )(\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?\d{5}|\d{14})(?!\d| \d)")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])")
_AMOUNT = re.compile(
    r"(?<![\d,.])\d{1,3}(?:[ .]\d{3}){1,3}(?:,\d{1,2})? ?(?:€|euros?\b|EUR\b)|"
    r"(?<![\d,. ])\d{1,7}(?:,\d{1,4})? ?(?:€|euros?\b|EUR\b)"
)
_SCORE = re.compile(
    r"(?<![\d/])\d{1,3}(?:[.,]\d{1,2})? ?/ ?(?:5|10|15|20|25|30|35|40|45|50|55|60|70|80|100)(?![\d/]| ?/|[.,]\d)"
    r"|\b\d{1,3}(?:[.,]\d{1,2})? points?\b|\bclassée? (?:1er|1re|première?|2e|deuxième|3e|troisième|en)"
    r"|\b[Nn]ote (?:globale|totale|finale|technique|obtenue|prix)\b|\b[Rr]ang\b",
)
_JUDGING = re.compile(
    r"\boffres? (?:de|du|la|le|est|classée|retenue|présentée|remise|jugée|irrégulière|anormalement|initiale|finale)\b"
    r"|\bprix (?:proposé|offert|remis|de l['’]offre)|\bmoins[- ]disant|\bmieux[- ]disant|\bsoumissionnaires?\b"
    r"|\bcandidate?s?\b|\battributaire\b|\bclasse(?:ment|e)\b|\b(?:DQE|BPU|DPGF)\b",
    re.IGNORECASE,
)
_NOT_AN_OFFER = re.compile(
    r"seuil|pénalit|estim|plafond|minim|maxim|inférieur|supérieur|forfaitair|amende|par exemple|fictif|indemnit"
    r"|en dessous|au-dessus|au-delà|primes?\b",
    re.IGNORECASE,
)
_FORMS = r"SASU?|SARL|S\.A\.S\.|S\.A\.R\.L\.|EURL|SCOP|SCIC|SCEA|EARL|GAEC|SNC|SA"
_COMPANY = re.compile(
    rf"(?<!\w)(?:{_FORMS}|[Ss]ociété|[Ee]ntreprise|Ets|[ÉéEe]tablissements|[Gg]roupement|[Cc]abinet)\ "
    rf"({_CAPITAL}(?:\ (?:&\ |et\ |de\ |du\ |des\ |la\ )?{_CAPITAL}){{0,3}})"
    rf"|(?<!\w)(?!(?:La|Le|Les|Une?|Cette|Notre|Chaque|Votre|Toute)\ )({_CAPITAL}(?:\ {_CAPITAL}){{0,2}})\ (?:{_FORMS})(?!\w)"
    rf"|(?:[Cc]andidat|[Ss]oumissionnaire|[Aa]ttributaire|[Tt]itulaire)(?: n°? ?\d+)?\s?:\s?"
    rf"({_CAPITAL}(?:\ (?:&\ |et\ |de\ |du\ |des\ |la\ )?{_CAPITAL}){{0,3}})"
)
_COVER = re.compile(
    r"^(?:[a-z]|\d+|lettre|numero|n|non|oui|titulaire|retenue?|candidate?|attributaire|adjudicataire|nom|unique|lot|"
    r"publics?|publiques?|adaptees?|generale?)$"
)
_FAIT_A = re.compile(rf"\bFait à {_CAPITAL}(?:[ -][\w'’À-ÿ]+){{0,4}},? le \d[\w À-ÿ./]{{5,22}}")
_SIGNED = re.compile(
    rf"\b(?:[Ss]ignée?|SIGNÉ)\s?(?:électroniquement\s)?(?:par\s?:?|:)\s?(?:M\. |Mme )?{_CAPITAL}(?: {_CAPITAL})?"
    r"|\b[Ll]u et approuvé\b[^\n]{0,20}\n?[^\n]{0,40}"
)
_OFFICE = re.compile(
    r"(?m)^[ \t]*(?:P/ ?|Pour )?(?:[Ll][ea] |L['’])(?:[Mm]aire|[Pp]résidente?|[Dd]irecteur|[Dd]irectrice|[Pp]réfète?|"
    r"[Rr]eprésentante? d\w+ pouvoir adjudicateur|[Pp]ouvoir adjudicateur)[^\n,]{0,60},?[ \t]*\n\s{0,4}"
    rf"[ \t]*(?:M\. |Mme )?{_CAPITAL}(?: {_CAPITAL}){{1,3}}[ \t]*$"
)


@dataclass(frozen=True)
class Place:
    """Where something was found: its page (None outside a file), and the words around."""

    page: int | None
    before: str
    found: str
    after: str


@dataclass(frozen=True)
class Finding:
    """One thing that may not be for everybody, wherever it stands. ``count`` places in all, the first ones shown."""

    kind: str
    digest: str
    places: tuple[Place, ...]
    count: int = 1

    @property
    def rank(self) -> int:
        """Where its kind comes on a page: what is most delicate first."""
        return KINDS.index(self.kind)


#: a file whose words are out of reach (an image, a scan): its author alone can say that it may be read
UNREAD = Finding("unread", "unread", ())


class Unanswered(Invalid):
    """Something would be read by others that its author has not said may be; ``left`` is what."""

    def __init__(self, left: Iterable[Finding]) -> None:
        super().__init__(_("Des passages attendent votre réponse : vérifiez-les avant de publier."))
        self.left = list(left)


def findings(pages: Iterable[tuple[int | None, str]]) -> list[Finding]:
    """What these pages hold, the same thing said once, the most delicate kinds first; at most MOST_FINDINGS."""
    kept: dict[str, tuple[str, list[Place], list[int]]] = {}
    for number, text in pages:
        plain = _plain(text)
        for kind, start, end in _spans(plain):
            mark = digest(kind, plain[start:end])
            if mark not in kept and len(kept) >= MOST_FINDINGS:
                continue
            _kind, places, count = kept.setdefault(mark, (kind, [], [0]))
            count[0] += 1
            if len(places) < MOST_PLACES:
                places.append(_place(number, plain, start, end))
    found = [Finding(kind, mark, tuple(places), count[0]) for mark, (kind, places, count) in kept.items()]
    return sorted(found, key=lambda one: one.rank)


def digest(kind: str, found: str) -> str:
    """The same thing spelt with other spaces, accents or capitals has the same mark."""
    words = re.sub(r"\D", "", found) if kind in ("phone", "siret") else found.casefold()
    return hashlib.sha256(f"{kind}:{' '.join(words.split())}".encode()).hexdigest()[:16]


def to_json(found: Iterable[Finding]) -> list[dict[str, Any]]:
    return [asdict(one) for one in found]


def from_json(kept: Iterable[Mapping[str, Any]] | None) -> list[Finding]:
    return [
        Finding(one["kind"], one["digest"], tuple(Place(**place) for place in one["places"]), one["count"])
        for one in kept or ()
    ]


# --- answers: {digest: {answer, by, at, visibility}}, kept by each kind with its version --------------------------------


def answered(answers: Mapping[str, Any], marks: Iterable[str], answer: str, by: int, visibility: str) -> dict[str, Any]:
    """The answers with these findings answered: "public" (it may be shared) or "restricted" (to whom may see it here)."""
    told = {"answer": answer, "by": by, "at": now().isoformat(timespec="seconds"), "visibility": visibility}
    return {**answers, **{mark: dict(told) for mark in marks}}


def unanswered(found: Iterable[Finding], answers: Mapping[str, Any] | None, visibility: str) -> list[Finding]:
    """What still waits for its author. A « restricted » only holds while the place is as narrow as it was then."""
    return [one for one in found if not _holds((answers or {}).get(one.digest), visibility)]


def narrower(visibility: str, other: str) -> bool:
    """Whether a place seen by ``other`` is seen by fewer people than one seen by ``visibility``."""
    return WIDTHS.index(other) > WIDTHS.index(visibility)


def _holds(answer: Mapping[str, Any] | None, visibility: str) -> bool:
    if not answer:
        return False
    return answer["answer"] == "public" or not narrower(visibility, answer["visibility"])


# --- looking ------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Unbreakable spaces as spaces: nothing moves."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ").replace("\t", " ")


def _spans(text: str) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of everything found in one page."""
    looks: tuple[tuple[str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
        ("name", _names),
        ("email", _emails),
        ("phone", lambda page: (found.span() for found in _PHONE.finditer(page))),
        ("siret", _sirets),
        ("iban", _ibans),
        ("signature", _signatures),
        ("price", _prices),
        ("tenderer", _tenderers),
    )
    for kind, look in looks:
        for start, end in look(text):
            yield kind, start, end


def _names(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_CIVILITY, _FOLLOWED_BY):
        for found in pattern.finditer(text):
            words = [slugify(word) for word in re.split(r"[ '’]", found.group(1)) if word]
            if not words or all(len(word) == 1 for word in words) or _is_an_office(words):
                continue
            yield (found.start() if pattern is _CIVILITY else found.start(1)), found.end()


def _is_an_office(words: list[str]) -> bool:
    """« Monsieur le Maire », « MADAME LA PRÉSIDENTE »: nobody in particular."""
    start = 1 if words[0] in _ARTICLES and len(words) > 1 else 0
    return words[start].split("-")[0] in _ROLES


def _emails(text: str) -> Iterator[tuple[int, int]]:
    for found in _EMAIL.finditer(text):
        if not _NOBODY.match(found.group(1)):
            yield found.span()


def _sirets(text: str) -> Iterator[tuple[int, int]]:
    for found in _SIRET.finditer(text):
        if is_siret(found.group()):
            yield found.span()


def is_siret(text: str) -> bool:
    """Fourteen digits that pass Luhn's check (La Poste's establishments: their digits add up to a multiple of five)."""
    digits = [int(letter) for letter in text if letter.isdecimal()]
    if len(digits) != 14 or not any(digits):
        return False
    if digits[:9] == [3, 5, 6, 0, 0, 0, 0, 0, 0] and sum(digits) % 5 == 0:
        return True
    doubled = [
        digit if place % 2 else (2 * digit - 9 if digit > 4 else 2 * digit) for place, digit in enumerate(digits)
    ]
    return sum(doubled) % 10 == 0


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for found in _IBAN.finditer(text):
        if is_iban(found.group()):
            yield found.span()


def is_iban(text: str) -> bool:
    """ISO 13616: country and key last, letters as numbers, the whole leaves 1 divided by 97."""
    code = text.replace(" ", "")
    if not 15 <= len(code) <= 34 or not code.isalnum() or not code.isascii():
        return False
    return int("".join(str(int(letter, 36)) for letter in code[4:] + code[:4])) % 97 == 1


def _signatures(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_FAIT_A, _SIGNED, _OFFICE):
        yield from (found.span() for found in pattern.finditer(text))


def _prices(text: str) -> Iterator[tuple[int, int]]:
    """An amount beside words that judge offers, unless what stands close to it says threshold, penalty or estimate."""
    for found in _AMOUNT.finditer(text):
        close, around = _around(text, found, 70), _around(text, found, 220)
        if not _NOT_AN_OFFER.search(close) and (_SCORE.search(around) or _JUDGING.search(around)):
            yield found.span()


def _tenderers(text: str) -> Iterator[tuple[int, int]]:
    """A firm's name beside a score; « Entreprise A » and « candidat n° 2 » name nobody."""
    for found in _COMPANY.finditer(text):
        name = next(group for group in found.groups() if group)
        first = slugify(name.split(" ")[0])
        if not _COVER.match(first) and _SCORE.search(_around(text, found, 160)):
            yield found.span()


def _around(text: str, found: re.Match[str], width: int) -> str:
    return text[max(0, found.start() - width) : found.end() + width]


def _place(page: int | None, text: str, start: int, end: int) -> Place:
    before = text[max(0, start - AROUND) : start]
    after = text[end : end + AROUND]
    if start > AROUND:
        before = "… " + before.partition(" ")[2]
    if end + AROUND < len(text):
        after = after.rpartition(" ")[0] + " …"
    return Place(page, *(" ".join(f"·{part}·".split())[1:-1] for part in (before, text[start:end], after)))
