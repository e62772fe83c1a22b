"""Why an entry was found: its title and extracts as plain pieces of text, matches marked, never HTML."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from search_index.analysis import Token, tokens
from search_index.entry import Passage, Segment

WINDOW = 240
READ = 8_000
#: pages of one entry that are read word by word for its extracts: a book of 300 would take a second
PAGES_READ = 8
ROOT = 5


def marked(text: str, matching: Collection[str]) -> tuple[Segment, ...]:
    """A text cut into (piece, matches) pairs; joined again they are the text."""
    return _cut(text, [token for token in tokens(text) if token.term in matching], 0, len(text))


def surface_forms(*texts: str) -> dict[str, str]:
    """How each term is spelled in these texts: its most usual form, acronyms in capitals."""
    forms: dict[str, Counter[str]] = {}
    for text in texts:
        for token in tokens(text):
            word = text[token.start : token.end]
            forms.setdefault(token.term, Counter())[word if word.isupper() else word.lower()] += 1
    return {term: counted.most_common(1)[0][0] for term, counted in forms.items()}


def passages(record: Mapping[str, Any], weights: Mapping[str, float], limit: int) -> tuple[Passage, ...]:
    """The extracts of an entry that hold most of the query; the beginning of its body when none does."""
    found = []
    for text, page in _sources(record, weights):
        window = _best_window(text, weights)
        if window is not None:
            found.append((window[0], -(page or 0), Passage(window[1], page)))
    found.sort(key=lambda one: one[:2], reverse=True)
    chosen = tuple(passage for _, _, passage in found[:limit])
    if chosen or not limit:
        return chosen
    start = (record["body"] or (record["pages"] or ("",))[0])[:WINDOW]
    return (
        (
            Passage(
                _cut_words(start, record["body"]),
            ),
        )
        if start.strip()
        else ()
    )


def _sources(record: Mapping[str, Any], weights: Mapping[str, float]) -> list[tuple[str, int | None]]:
    texts: list[tuple[str, int | None]] = [(record["body"][:READ], None), (record["extra"][:READ], None)]
    texts += [(record["pages"][number - 1], number) for number in promising(record["pages"], weights)]
    return [(text, page) for text, page in texts if text]


def promising(pages: Sequence[str], weights: Mapping[str, float]) -> list[int]:
    """The numbers of the pages most likely to hold the query, by the beginnings of its words, the likeliest first."""
    if len(pages) <= PAGES_READ:
        return list(range(1, len(pages) + 1))
    wanted = [(_spelled(term), _root(term).encode(), weight) for term, weight in weights.items()]
    found = []
    for number, text in enumerate(pages, start=1):
        plain = _plain(text)
        likely = sum(weight for _word, root, weight in wanted if root in plain)
        if likely:
            sure = sum(weight for word, _root, weight in wanted if word in plain)
            found.append((-sure, -likely, number))
    return [number for _sure, _likely, number in sorted(found)[:PAGES_READ]] or list(range(1, PAGES_READ + 1))


def _plain(text: str) -> bytes:
    """Lower case, without accents, a space before each word: what can be searched at the speed of bytes."""
    for sign in "’'\n-«(":
        text = text.replace(sign, " ")
    plain = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "OE"))
    return b" " + plain.encode("ascii", "ignore").lower() + b" "


def _spelled(term: str) -> bytes:
    """A term as a word begins with it; a number is the whole word."""
    return f" {term} ".encode() if any(map(str.isdigit, term)) else f" {term}".encode()


def _root(term: str) -> str:
    """What every spelling of a term begins with; of the number of an article, its digits."""
    digits = max(re.findall(r"\d{2,}", term), key=len, default="")
    return digits or term[: max(2, min(ROOT, len(term) - 1))]


def _best_window(text: str, weights: Mapping[str, float]) -> tuple[float, tuple[Segment, ...]] | None:
    """The stretch of text that holds most of the query's weight, each term counted once."""
    matches = [token for token in tokens(text) if token.term in weights]
    best_score, best_from = 0.0, 0
    for first, token in enumerate(matches):
        seen = set()
        for other in matches[first:]:
            if other.end - token.start > WINDOW - 40:
                break
            seen.add(other.term)
        score = sum(weights[term] for term in seen)
        if score > best_score:
            best_score, best_from = score, token.start
    if not best_score:
        return None
    start = _word_start(text, max(0, best_from - 50))
    end = _word_end(text, start + WINDOW)
    return best_score, _with_dots(text, _cut(text, matches, start, end), start, end)


def _cut(text: str, matches: list[Token], start: int, end: int) -> tuple[Segment, ...]:
    pieces: list[Segment] = []
    at = start
    for token in matches:
        if token.start >= at and token.end <= end:
            if token.start > at:
                pieces.append((text[at : token.start], False))
            pieces.append((text[token.start : token.end], True))
            at = token.end
    if at < end:
        pieces.append((text[at:end], False))
    return tuple(pieces)


def _with_dots(text: str, pieces: tuple[Segment, ...], start: int, end: int) -> tuple[Segment, ...]:
    before = (("… ", False),) if start else ()
    after = ((" …", False),) if end < len(text) else ()
    return (*before, *pieces, *after)


def _cut_words(start: str, whole: str) -> tuple[Segment, ...]:
    end = _word_end(whole, len(start)) if whole else len(start)
    return _with_dots(whole or start, (((whole or start)[:end].strip(), False),), 0, end)


def _word_start(text: str, at: int) -> int:
    if at == 0:
        return 0
    space = text.find(" ", at, at + 40)
    return space + 1 if space >= 0 else at


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", max(0, at - 40), at)
    return space if space > 0 else at
