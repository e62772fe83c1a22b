"""Likely spellings, among the words that the reader's own entries use; asked for only when nothing was found."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from search_index.analysis import fold, term_of
from search_index.query import Query
from search_index.source import Scope, Source

SHORTEST = 4
LONGEST = 30
MOST_TRIED = 12
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"(?<![\w:])[^\W\d_]{4,}(?![\w:])")


def corrected(source: Source, text: str, readers: frozenset[str], most: int) -> str | None:
    """The text with its first `most` unknown words replaced by the closest word of a visible title; None when none is close."""
    scope = Scope(readers=frozenset(readers))
    visible = source.select(scope)
    vocabulary = source.vocabulary()
    spelled: dict[str, str] = {}

    def replaced(found: re.Match[str]) -> str:
        word = found.group()
        if word not in spelled and len(spelled) < most and len(word) <= LONGEST and _unknown(source, scope, word):
            near = (_as_written(source, visible, candidate) for candidate in closest(fold(word), vocabulary))
            spelled[word] = next((spelling for spelling in near if spelling), word)
        return spelled.get(word, word)

    likely = _WORD.sub(replaced, text[:200])
    return likely if likely != text[:200] else None


def _unknown(source: Source, scope: Scope, word: str) -> bool:
    """Whether nothing that the reader may see holds the word; what others wrote is not told."""
    term = term_of(word)
    return term is not None and not source.some(source.select(scope, Query(), [term]))


def _as_written(source: Source, visible: Any, word: str) -> str | None:
    """A folded word as the last visible title that has it spells it, accents and all."""
    for _, doc in source.latest(source.titled(visible, [word]), 1):
        record = source.record(doc)
        for found in _LETTERS.findall(" ".join((record["title"], *record["tags"]))):
            if fold(found) == word:
                return found if found.isupper() else found.lower()
        return word
    return None


def closest(word: str, vocabulary: Collection[str]) -> list[str]:
    """The words within one mistake (two from six letters on), fewest mistakes first, same beginning before others."""
    most = 2 if len(word) >= 6 else 1
    letters = _letters(word)
    found = []
    for other in vocabulary:
        if abs(len(other) - len(word)) <= most and (letters ^ _letters(other)).bit_count() <= 2 * most:
            mistakes = distance(word, other, most)
            if mistakes <= most:
                found.append((mistakes, other[0] != word[0], -_same_start(word, other), other))
    return [other for *_, other in sorted(found)[:MOST_TRIED]]


_BIT: dict[str, int] = {}


def _letters(word: str) -> int:
    """The letters of a word as a bit set: words that share few letters need not be compared."""
    bits = 0
    for letter in word:
        bits |= _BIT.get(letter) or _BIT.setdefault(letter, 1 << len(_BIT) % 60)
    return bits


def _same_start(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def distance(one: str, other: str, most: int) -> int:
    """Letters added, lost, changed or swapped between two words; `most` + 1 as soon as it is more than `most`."""
    before: list[int] = []
    current = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        older, before = before, current
        current = [i]
        for j, their in enumerate(other, start=1):
            cost = min(before[j] + 1, current[-1] + 1, before[j - 1] + (letter != their))
            if older and j > 1 and letter == other[j - 2] and one[i - 2] == their:
                cost = min(cost, older[j - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
    return current[-1]
