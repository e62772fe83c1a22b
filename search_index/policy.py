"""When segments are merged: little while posts arrive, so that each is seen at once; more when nothing waits.

A merge rewrites what it merges. A commit may rewrite a few hundred documents; a merge of thousands waits for a moment when
the writer has nothing to do (`settling`), one of the whole index for the night. Segments stay under eight all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST_SEGMENTS = 6
"""Segments kept after a commit; one more may appear while it runs."""
GROWTH = 4
"""Sizes grow by steps of four, so that a document is rewritten few times."""
CHEAP = 600
"""Documents that a commit may rewrite while there are segments to spare."""


SETTLED = 5_000
"""Documents that a merge in a quiet moment may rewrite: what is posted meanwhile waits for it."""


class Size(NamedTuple):
    """What a segment holds: living documents, and dead ones."""

    alive: int
    dead: int = 0


def following(sizes: Sequence[Size]) -> list[int]:
    """The same where a merge follows the commit: the newest documents are a segment already."""
    newest, *others = _by_size(sizes) or [-1]
    chosen = arriving([sizes[number] for number in others], sizes[newest].alive) if others else []
    return [newest, *(others[number] for number in chosen)] if chosen else []


def settling(sizes: Sequence[Size]) -> list[int]:
    """Which segments to merge now that nothing waits; none when the index is in order."""
    chosen: list[int] = []
    total = 0
    for number in _by_size(sizes):
        alive = sizes[number].alive
        if total + alive > SETTLED:
            break
        if chosen and alive >= total * GROWTH:
            if len(chosen) > 1:
                break
            chosen, total = [], 0
        chosen.append(number)
        total += alive
    if len(chosen) > 1:
        return chosen
    dead = [number for number, size in enumerate(sizes) if _mostly_dead(size) and size.alive <= SETTLED]
    return dead[:1]


def whole(sizes: Sequence[Size], largest: int) -> list[int]:
    """Which segments the nightly merge puts into one of at most so many documents; none when there is nothing to gain."""
    chosen: list[int] = []
    total = 0
    for number in _by_size(sizes):
        if total + sizes[number].alive > largest:
            break
        chosen.append(number)
        total += sizes[number].alive
    return chosen if len(chosen) > 1 or any(sizes[number].dead for number in chosen) else []


def arriving(sizes: Sequence[Size], pending: int) -> list[int]:
    """Which segments a commit merges with so many new documents: the smallest, while it costs little."""
    merging: list[int] = []
    for number in _by_size(sizes):
        size = sizes[number]
        crowded = len(sizes) - len(merging) + bool(pending) > MOST_SEGMENTS
        wanted = not size.alive or _mostly_dead(size) or size.alive < pending * GROWTH
        if not crowded and not (wanted and pending + size.alive <= CHEAP):
            break
        merging.append(number)
        pending += size.alive
    return merging


def _by_size(sizes: Sequence[Size]) -> list[int]:
    return sorted(range(len(sizes)), key=lambda number: (sizes[number].alive, number))


def _mostly_dead(size: Size) -> bool:
    return size.dead > size.alive
