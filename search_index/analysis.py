"""From French text to index terms: elision, accents, stop words, stems, acronyms, articles of law.

The same function reads entries and queries, so an unaccented or plural query finds what an accented singular entry says.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from whoosh.lang.snowball.french import FrenchStemmer

APOSTROPHES = "'’ʼ＇‘´`"
LONGEST_WORD = 60
CACHED_WORDS = 120_000

_WORD = re.compile(
    rf"(?P<article>\b[LRDA]\.?[ \u00a0]?\*?[ \u00a0]?\d{{1,4}}(?:-\d+)+\b|\b[LRD]\.?[ \u00a0]?\d{{3,4}}\b)"
    rf"|(?P<number>\d+(?:-\d+)+)"
    rf"|(?P<dotted>\b(?:[^\W\d_]\.){{2,}}(?:[^\W\d_]\b)?)"
    rf"|(?P<word>(?:[^\W\d_]+[{APOSTROPHES}])?[^\W_]+(?:(?<=\d)[.,](?=\d)\d+)*)"
)
_ELISION = re.compile(
    rf"^(?:[ldjmtsncç]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu|entr)[{APOSTROPHES}](?=.)", re.IGNORECASE
)
# After i, o or u the stemmer takes a final s for a part of the word, and it knows no plural in x but « -aux ».
_PLURAL = re.compile(r"^(?:.{2,}[iou]s|.+[eo]ux)$")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})


class Token(NamedTuple):
    """A term and the characters it came from."""

    term: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents or ligatures: « Œuvre » → « oeuvre »."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def _read_list(name: str) -> list[str]:
    lines = (files("search_index") / "data" / name).read_text("utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Words that say nothing about the subject, folded."""
    return frozenset(fold(word) for word in _read_list("stop_words.txt"))


@lru_cache(maxsize=1)
def tell_little() -> frozenset[str]:
    """Words that may be searched and linked by, but explain nothing, folded."""
    return frozenset(fold(word) for word in _read_list("tell_little.txt"))


@lru_cache(maxsize=1)
def families() -> dict[str, str]:
    """Word or its plural, folded → the name of its family: what the stemmer splits or joins wrongly (``families.txt``)."""
    found: dict[str, str] = {}
    for line in (files("search_index") / "data" / "families.txt").read_text("utf-8").splitlines():
        words = [] if line.startswith("#") else line.split()
        found |= {form: words[0] for word in words for form in (word, f"{word}s")}
    return found


_stem = FrenchStemmer().stem
_terms: dict[str, str | None] = {}


def _term_of(word: str) -> str | None:
    """The index term of one word as written, or None when the word carries no meaning."""
    bare = _ELISION.sub("", word)
    folded = re.sub(rf"[{APOSTROPHES}]", "", fold(bare))[:LONGEST_WORD]
    if folded in stop_words():
        # « CE » is the Conseil d’État, « ce » is nothing: capitals keep the acronym.
        return bare.upper() if 2 <= len(bare) <= 5 and bare.isupper() else None
    if len(folded) < 2:
        return None
    return _stem_of(folded) if folded.isalpha() else folded


def _stem_of(folded: str) -> str:
    """The family, or the stem, plurals that the stemmer leaves alone included: « vélos », « menus », « lieux », « matériaux »."""
    if (family := families().get(folded)) is not None:
        return family
    if folded.endswith("yaux") or folded == "materiaux":
        folded = folded[:-1]
    stem = _stem(folded)
    return _stem(folded[:-1]) if stem == folded and _PLURAL.search(folded) else stem


def term_of(word: str) -> str | None:
    """`_term_of`, remembered: texts repeat their words."""
    try:
        return _terms[word]
    except KeyError:
        if len(_terms) > CACHED_WORDS:
            _terms.clear()
        term = _terms[word] = _term_of(word)
        return term


def _elided(word: str) -> int:
    cut = _ELISION.match(word)
    return cut.end() if cut else 0


def tokens(text: str) -> list[Token]:
    """The terms of a text in order, with the characters they stand for; stop words left out."""
    if text.isupper() and len(text) > 12:
        text = text.lower()  # a title typed in capitals holds no acronym one could tell apart
    found: list[Token] = []
    for match in _WORD.finditer(text):
        kind = match.lastgroup
        word = match.group()
        start, end = match.span()
        if kind == "word":
            term = term_of(word)
            if term is not None:
                found.append(Token(term, start if word.isalnum() else start + _elided(word), end))
        elif kind == "article":
            code = re.sub(r"[^\w-]", "", word).lower()
            found.append(Token(code, start, end))
            if "-" in code:
                found.append(Token(code[1:], start, end))
        elif kind == "number":
            found.append(Token(word, start, end))
        else:
            found.append(Token(fold(word.replace(".", "")), start, end))
    return found


def terms(text: str) -> list[str]:
    """The index terms of a text, in order, repeated as often as written."""
    return [token.term for token in tokens(text)]


def words(text: str) -> list[str]:
    """The folded words of a text, stop words included and unstemmed: what people type, for completion."""
    found = []
    for match in _WORD.finditer(text):
        word = fold(_ELISION.sub("", match.group()))
        if len(word) > 1:
            found.append(word[:LONGEST_WORD])
    return found
