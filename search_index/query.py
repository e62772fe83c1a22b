"""What somebody typed in the search box, understood: words, "phrases", -exclusions and field:value filters.

Nothing else is syntax: brackets, stars and tildes are plain text, so no input can be costly or wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from search_index.analysis import fold, terms, words

LONGEST_TEXT = 200
MOST_TERMS = 12
KINDS = {
    "question": "question", "questions": "question",
    "reponse": "answer", "reponses": "answer", "answer": "answer",
    "fiche": "sheet", "fiches": "sheet", "rex": "sheet", "experience": "sheet", "sheet": "sheet",
    "clause": "clause", "clauses": "clause",
    "document": "document", "documents": "document",
    "commentaire": "comment", "comment": "comment",
    "communaute": "community", "community": "community", "membre": "member", "member": "member",
}  # fmt: skip
FIELDS = {
    "auteur": "author", "author": "author",
    "etiquette": "tag", "tag": "tag",
    "communaute": "community", "community": "community",
    "type": "kind",
    "avant": "before", "before": "before",
    "apres": "after", "after": "after",
}  # fmt: skip
_PIECE = re.compile(
    r"""(?P<minus>(?<!\S)-)?(?:(?P<name>[^\W\d_]+)[ \u00a0\u202f]?:)?"""
    r"""(?:["«“][ \u00a0\u202f]?(?P<quoted>[^"«»“”]*)["»”]|(?P<plain>\S+))"""
)


@dataclass
class Query:
    """A search, parsed. `terms` and `phrases` are index terms; `alternatives` phrases that also mean what was typed.

    `every_word`: what holds them all, if anything does; `strict`: nothing else. `meanings` are (words typed, what also
    means them) pairs: either holds.
    """

    text: str = ""
    terms: list[str] = field(default_factory=list)
    phrases: list[tuple[str, ...]] = field(default_factory=list)
    excluded: list[tuple[str, ...]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    communities: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    author: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    alternatives: list[tuple[str, ...]] = field(default_factory=list)
    every_word: bool = False
    strict: bool = False
    meanings: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    def wordings(self) -> list[tuple[list[str], tuple[str, ...]]]:
        """The ways to hold every word: (terms, phrase that stands for the others)."""
        others = [([term for term in self.terms if term not in typed], other) for typed, other in self.meanings]
        return [(self.terms, ()), *others]

    def narrows(self) -> bool:
        """Whether it asks for anything beside words."""
        asked = (self.tags, self.communities, self.kinds, self.author, self.after, self.before, self.excluded)
        return any(asked)


def parse(text: str) -> Query:
    """The query of a search box: at most 200 characters and 12 terms are read, the rest is left out."""
    query = Query(text=" ".join(text.replace("\x00", " ")[:LONGEST_TEXT].split()))
    for piece in _PIECE.finditer(query.text):
        _read_piece(query, piece)
    query.terms = query.terms[:MOST_TERMS]
    query.phrases = query.phrases[:MOST_TERMS]
    query.excluded = query.excluded[:MOST_TERMS]
    return query


def _read_piece(query: Query, piece: re.Match[str]) -> None:
    name, value = piece["name"], piece["quoted"]
    plain = piece["plain"] or ""
    value = plain if value is None else value
    if name and _read_field(query, FIELDS.get(fold(name), ""), value):
        return
    written = terms(f"{name}:{value}" if name else value)
    if not written:
        return
    if piece["minus"]:
        query.excluded.append(tuple(written))
        return
    query.terms.extend(written)
    if piece["quoted"] is not None and len(written) > 1:
        query.phrases.append(tuple(written))


def _read_field(query: Query, name: str, value: str) -> bool:
    """Apply a filter; False when it is none, so that its words are searched as text."""
    value = value.strip()
    if not name or not value:
        return False
    if name == "author":
        query.author += tuple(words(value))
        return bool(query.author)
    if name == "tag":
        query.tags.append(value)
    elif name == "community":
        query.communities.append(value)
    elif name == "kind":
        if fold(value) not in KINDS:
            return False
        query.kinds.append(KINDS[fold(value)])
    else:
        day = _day(value)
        if day is None:
            return False
        setattr(query, name, day)
    return True


def _day(value: str) -> date | None:
    """2024, 2024-05, 2024-05-12, 05/2024 or 12/05/2024: the first day meant; None when it is no date."""
    numbers = re.split(r"[-/.]", value)
    if len(numbers) > 3 or not all(re.fullmatch(r"[0-9]{1,4}", number) for number in numbers):
        return None
    if len(numbers[0]) != 4:
        numbers.reverse()
    year, month, day = (*map(int, numbers), 1, 1)[:3]
    try:
        return date(year, month, day)
    except ValueError:
        return None


def day_after(day: date) -> date:
    """The next day; the last one that can be written has none."""
    return day + timedelta(days=1) if day < date.max else day
