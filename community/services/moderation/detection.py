"""What a rule looks for in a text: links, words, a foreign language, a text said before. No regular expression of anybody's.

All of it is linear in the length of the text, and reads Markdown as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LINK = re.compile(r"(?:https?://|(?<![\w/@.])www\.)[^\s<>()\[\]\"'|]{3,}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_WORD_OR_NUMBER = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r"«[^»]{0,2000}»|^>.*$", re.MULTILINE)
_MARKUP = re.compile(r"@\[[^\]\n]{0,120}\]\([^)\n]{0,200}\)|\[\[[^\]\n]{0,120}\]\]|https?://\S+|`[^`\n]*`")
#: fewer words than this say nothing about the language
ENOUGH_WORDS = 12
#: a quotation in another language does not make a foreign text: that language must be twice as present as French
TWICE = 2.0
NEAR = 0.8


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: the commonest words of each language
STOP_WORDS: dict[str, frozenset[str]] = {
    "fr": _set(
        "le la les des du au aux une est sont était être avons avez ont nous vous ils elle elles je il ce cette ces cet qui "
        "que dont où mais donc car pour par avec sans dans sur sous chez entre votre notre leur leurs mon son ses pas plus "
        "très bien comme quand si tout tous toute toutes fait faire peut même aussi et ou ne se sa d l qu n s c j"
    ),
    "en": _set(
        "the of and to is are was were be been have has had you your we our they their he she it this that these those with "
        "for from by at as an or not but if what which who when where there here will would can could should do does did "
        "about more all any some my me us them how out up just get buy now best free click"
    ),
    "es": _set(
        "el los las una es son fue ser está están hemos han nosotros ustedes ellos ella yo este esta estos estas eso pero "
        "porque para por con sin sobre entre su sus mi muy como cuando todo todos hay más también y o del al lo que"
    ),
    "de": _set(
        "der die das und ist sind war waren sein haben hat wir ihr sie er ich nicht ein eine einen einem einer mit für von "
        "auf aus bei nach zu zum zur im in den dem des auch aber oder wenn dass wie noch nur mehr über werden wird"
    ),
    "it": _set(
        "il lo la i gli una di in a si ha vi alla nostro vostra è sono era essere "
        "abbiamo hanno noi voi loro lei io questo questa questi queste che chi ma perché per "
        "con senza su tra suo sua mio molto come quando tutto tutti anche più e o del della dei delle nel nella non"
    ),
    "pt": _set(
        "os as um uma é são foi ser está estão temos têm nós vocês eles ela eu este esta isso mas porque para por com sem "
        "sobre entre seu sua meu muito como quando tudo todos há mais também e ou do da dos das no na não que"
    ),
    "nl": _set(
        "de het een is zijn was waren worden wij jullie zij hij ik dit dat deze die niet maar omdat voor met zonder op van "
        "uit bij naar te ook en of als wanneer alle meer nog wel over kan zal hebben heeft"
    ),
}


def links_in(text: str) -> set[str]:
    """The addresses of a text that lead out of it."""
    return {found.rstrip(".,;:!?").lower() for found in _LINK.findall(text)}


def words_found(text: str, wanted: Iterable[str]) -> list[str]:
    """The words and phrases of the list that the text holds, accents and capitals aside, as whole words."""
    said = f"-{folded(text)}-"
    return [word for word in wanted if (key := folded(word)) and f"-{key}-" in said]


def folded(text: str) -> str:
    """Words without accents nor capitals, a hyphen between two."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return "-".join(_WORD_OR_NUMBER.findall(plain))


def foreign_language(text: str) -> str:
    """The code of the language that a text is in when it is plainly not French; else nothing."""
    words = [word.lower() for word in _WORD.findall(_MARKUP.sub(" ", _QUOTED.sub(" ", text)))]
    if len(words) < ENOUGH_WORDS:
        return ""
    scores = {code: sum(word in known for word in words) / len(words) for code, known in STOP_WORDS.items()}
    french = scores.pop("fr")
    code, best = max(scores.items(), key=lambda pair: pair[1])
    return code if best > 0.15 and best > french * TWICE else ""


def is_near(text: str, other: str) -> bool:
    """Nearly the same text: most of the runs of three words are common to both."""
    mine, theirs = _runs(text), _runs(other)
    if len(mine) < 6 or len(theirs) < 6:
        return bool(mine) and folded(text) == folded(other)
    return len(mine & theirs) / len(mine | theirs) >= NEAR


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [word.lower() for word in _WORD.findall(text)][:3000]
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))} if words else set()
