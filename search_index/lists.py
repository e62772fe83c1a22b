"""Posting lists of a few thousand entries, held in memory and packed into one string of bytes for PostgreSQL.

Names are those of the three posting fields in one alphabet: a term begins with the letter of its field (see `recipe.py`),
a word of a title with w, an exact value with k.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import accumulate
from struct import Struct

from search_index.analysis import words
from search_index.entry import IndexEntry
from search_index.postings import NOTHING, Postings
from search_index.recipe import Recipe, Terms
from search_index.schema import KEY, TERM, WORD, keys

FIELD_LETTERS = {TERM: "", WORD: "w", KEY: "k"}
EVERYWHERE = array("f", [1.0])
_LENGTH = Struct("<I")
NamedList = tuple[str, Postings]
Remap = int | list[int]
"""How document numbers change in a merge: all by as much, or one by one (−1: the document is dead)."""


def clean(text: str) -> str:
    """PostgreSQL refuses NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def named(entry: IndexEntry, read: Terms, recipe: Recipe) -> Iterator[tuple[str, float]]:
    """Every list that an entry belongs to, and what it weighs there."""
    yield from recipe.impacts(read, entry.boost).items()
    for word in dict.fromkeys((*words(entry.title), *words(" . ".join(entry.tags)))):
        yield "w" + word, 1.0
    for key in dict.fromkeys(keys(entry)):
        yield "k" + clean(key), 1.0


class Growing:
    """Lists to which entries are added, in the order of their numbers."""

    def __init__(self) -> None:
        self.size = 0
        self.postings = 0
        self._found: dict[str, tuple[array, array]] = {}

    def add(self, entry: IndexEntry, read: Terms, recipe: Recipe) -> None:
        found, docnum = self._found, self.size
        for name, weight in named(entry, read, recipe):
            held = found.get(name)
            if held is None:
                found[name] = (array("I", (docnum,)), array("f", (weight,)))
            else:
                held[0].append(docnum)
                held[1].append(weight)
            self.postings += 1
        self.size += 1

    def walk(self) -> Iterator[NamedList]:
        """Every list, by name."""
        for name in sorted(self._found):
            yield name, Postings(*self._found[name])


def as_bytes(name: str, found: Postings) -> tuple[bytes, bytes]:
    """A list as it is stored: words and exact values weigh 1, which is not written."""
    return found.ids.tobytes(), b"" if name[0] in "wk" else found.weights.tobytes()


def from_bytes(ids: bytes, weights: bytes) -> Postings:
    held, worth = array("I"), array("f")
    held.frombytes(ids)
    worth.frombytes(weights)
    return Postings(held, worth or EVERYWHERE * len(held))


def pack(lists: Iterable[NamedList]) -> bytes:
    """All the lists of a small segment: names and lengths in JSON, then numbers, then weights."""
    names, lengths, ids, weights = [], [], bytearray(), bytearray()
    for name, found in lists:
        held, worth = as_bytes(name, found)
        names.append(name)
        lengths.append(len(found.ids))
        ids += held
        weights += worth
    head = json.dumps([names, lengths], ensure_ascii=False).encode()
    return _LENGTH.pack(len(head)) + head + _LENGTH.pack(len(ids)) + bytes(ids) + bytes(weights)


class Packed:
    """The lists of a small segment, as `pack` wrote them."""

    def __init__(self, packed: bytes) -> None:
        (end,) = _LENGTH.unpack_from(packed)
        self.names, lengths = json.loads(packed[_LENGTH.size : _LENGTH.size + end])
        start = 2 * _LENGTH.size + end
        (size,) = _LENGTH.unpack_from(packed, start - _LENGTH.size)
        self.ids, self.weights = array("I"), array("f")
        self.ids.frombytes(packed[start : start + size])
        self.weights.frombytes(packed[start + size :])
        weighed = [0 if name[0] in "wk" else length for name, length in zip(self.names, lengths, strict=True)]
        ends, worth = list(accumulate(lengths)), list(accumulate(weighed))
        self.places = {
            name: (end - length, end, to - of, to)
            for name, length, end, of, to in zip(self.names, lengths, ends, weighed, worth, strict=True)
        }

    def get(self, name: str) -> Postings:
        place = self.places.get(name)
        if place is None:
            return NOTHING
        ids = self.ids[place[0] : place[1]]
        return Postings(ids, self.weights[place[2] : place[3]] or EVERYWHERE * len(ids))

    def count(self, name: str) -> int:
        place = self.places.get(name)
        return place[1] - place[0] if place else 0

    def names_from(self, prefix: str, limit: int) -> list[str]:
        found = []
        for at in range(bisect_left(self.names, prefix), len(self.names)):
            if not self.names[at].startswith(prefix) or len(found) >= limit:
                break
            found.append(self.names[at])
        return found

    def walk(self) -> Iterator[NamedList]:
        for name in self.names:
            yield name, self.get(name)


def moved(found: Postings, remap: Remap) -> tuple[array, array]:
    """A list with the numbers that its documents have after a merge, without the dead ones."""
    if isinstance(remap, int):
        return (array("I", [i + remap for i in found.ids]) if remap else found.ids), found.weights
    kept = [(to, weight) for i, weight in zip(found.ids, found.weights, strict=True) if (to := remap[i]) >= 0]
    return array("I", [to for to, _ in kept]), array("f", [weight for _, weight in kept])


def merged(sources: Collection[tuple[Iterator[NamedList], Remap]]) -> Iterator[NamedList]:
    """The lists of several segments as those of one; each source is in the order of names."""
    heads: Mapping[int, tuple[Iterator[NamedList], Remap]] = dict(enumerate(sources))
    current = {number: one for number, (walk, _) in heads.items() if (one := next(walk, None)) is not None}
    while current:
        name = min(one[0] for one in current.values())
        ids, weights = array("I"), array("f")
        for number in [number for number, one in current.items() if one[0] == name]:
            walk, remap = heads[number]
            more, worth = moved(current[number][1], remap)
            ids += more
            weights += worth
            following = next(walk, None)
            if following is None:
                del current[number]
            else:
                current[number] = following
        if ids:
            yield name, Postings(ids, weights)
