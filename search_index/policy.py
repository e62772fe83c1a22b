"""When segments are merged: little while posts arrive, so that each is seen at once; more when nothing waits.

A merge rewrites what it merges. A commit may rewrite a few hundred documents; larger merges wait for a moment when the
writer has nothing to do (`settling`), one of the whole index for the night. Segments stay under eight all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST_SEGMENTS = 7
"""Segments that a commit leaves."""
ALIKE = 1.5
"""A commit merges with its documents segments of up to so many times as many: a document is rewritten few times."""
GROWTH = 4
"""In a quiet moment sizes are brought to steps of four: fewer segments to search."""
CHEAP = 600
"""Documents that a commit may rewrite while there are segments to spare."""
SETTLED = 1_200
"""Documents that a merge in a quiet moment may rewrite (under two seconds): what is posted meanwhile waits for it."""


MANY, SMALL_BESIDE = 5_000, 10
"""At night a segment of so many documents is left alone by what is less than a tenth of it."""


class Size(NamedTuple):
    """What a segment holds: living documents, and dead ones."""

    alive: int
    dead: int = 0


def arriving(sizes: Sequence[Size], pending: int) -> list[int]:
    """Which segments a commit merges with so many new documents: the smallest, while it costs little.

    When there is no room for another segment, what is of one size is merged too: room for the next commits.
    """
    merging: list[int] = []
    full = len(sizes) + bool(pending) > MOST_SEGMENTS
    for number in _by_size(sizes):
        size = sizes[number]
        forced = len(sizes) - len(merging) + bool(pending) > MOST_SEGMENTS or (full and size.alive <= pending)
        wanted = not size.alive or _mostly_dead(size) or size.alive < pending * ALIKE
        if not forced and not (wanted and pending + size.alive <= CHEAP * (GROWTH if full else 1)):
            break
        merging.append(number)
        pending += size.alive
    return merging


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
    return [number for number, size in enumerate(sizes) if _mostly_dead(size) and size.alive <= SETTLED][:1]


def nightly(sizes: Sequence[Size], largest: int | None = None) -> list[int]:
    """Which segments become one at night: all, but for those of more than `largest` documents, and for one beside which
    the others are small: rewriting it every night would gain nothing. What was removed is gone from the disk the next
    morning, so a segment with dead documents is always rewritten. None when the index is in order.
    """
    order = [number for number in _by_size(sizes) if largest is None or sizes[number].alive <= largest]
    while largest is not None and sum(sizes[number].alive for number in order) > largest:
        order.pop()
    if order and _stays([sizes[number] for number in order]):
        order.pop()
    return order if len(order) > 1 or any(sizes[number].dead for number in order) else []


def _stays(sizes: list[Size]) -> bool:
    """Whether the last of these segments, the largest, is worth leaving as it is."""
    *others, last = sizes
    rewritten = sum(size.alive for size in others)
    return last.alive > MANY and rewritten * SMALL_BESIDE < last.alive and not last.dead


def _by_size(sizes: Sequence[Size]) -> list[int]:
    return sorted(range(len(sizes)), key=lambda number: (sizes[number].alive, number))


def _mostly_dead(size: Size) -> bool:
    return size.dead > size.alive
