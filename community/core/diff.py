"""What changed between two versions of a French text, word by word, in bounded time.

Lines and words that occur once on each side are anchors (patience diff); between two anchors a shortest edit script is
looked for within a fixed budget of steps, past which the passage counts as replaced. No clock: same texts, same answer.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

WORD_LEVEL_LENGTH = 80_000
LINE_LEVEL_LINES = 20_000
PAIRED_LINES = 2_000
MAX_EDITS = 32
SAME_PASSAGE = 0.25

# A number with its separators, a word up to its elision, a word or reference with its hyphens, blanks, any sign.
_TOKEN = re.compile(r"\d+(?:[.,\u00a0\u202f]\d+)+|[^\W\d_]+['’]|[^\W_]+(?:-[^\W_]+)*|\s+|.", re.DOTALL)

Kind = Literal["equal", "insert", "delete"]


class DiffSegment(NamedTuple):
    """A passage that stayed, came or went."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class FieldChange:
    """A field whose value differs: `before` or `after` is None when it was empty, `segments` shows the change."""

    name: str
    before: object
    after: object
    segments: tuple[DiffSegment, ...]


class _Run(NamedTuple):
    kind: Literal["equal", "change"]
    old: Sequence[str]
    new: Sequence[str]


def word_diff(old: str, new: str) -> list[DiffSegment]:
    """The segments that lead from `old` to `new`: without the inserted ones they join to `old`, without the deleted
    ones to `new`.

    Lines are compared first, then the words of the lines that changed; past 80,000 characters lines only, past
    20,000 lines only what precedes and what follows the changed part.
    """
    fine = len(old) + len(new) <= WORD_LEVEL_LENGTH
    runs: list[_Run] = []
    for run in _line_runs(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        if run.kind == "change" and fine and run.old and run.new:
            for before, after in _passages(run):
                runs += _word_runs(before, after)
        else:
            runs.append(run)
    return list(_segments(_readable(runs)))


def _line_runs(old: list[str], new: list[str]) -> Iterator[_Run]:
    return _runs(old, new) if len(old) + len(new) <= LINE_LEVEL_LINES else _between(old, new)


def _passages(run: _Run) -> Iterator[tuple[str, str]]:
    """As many lines on both sides are taken one by one, otherwise all together."""
    if len(run.old) == len(run.new) <= PAIRED_LINES:
        return zip(run.old, run.new, strict=True)
    return iter([("".join(run.old), "".join(run.new))])


def _word_runs(old: str, new: str) -> list[_Run]:
    """The words of a passage; one change when too little of it stayed for the pieces to be readable."""
    runs = list(_runs(_TOKEN.findall(old), _TOKEN.findall(new)))
    kept = sum(len("".join(run.old).strip()) for run in runs if run.kind == "equal")
    return runs if kept >= SAME_PASSAGE * min(len(old), len(new)) else [_Run("change", [old], [new])]


def field_changes(old: Mapping[str, object], new: Mapping[str, object]) -> list[FieldChange]:
    """The fields that differ, in the order of `new` then of `old`; empty values (None, "", []) count as the same."""
    names = dict.fromkeys([*new, *old])
    pairs = ((name, _value(old.get(name)), _value(new.get(name))) for name in names)
    return [FieldChange(name, before, after, _shown(before, after)) for name, before, after in pairs if before != after]


def _value(value: object) -> object:
    return None if value is None or (isinstance(value, (str, Sequence, Mapping)) and not value) else value


def _shown(before: object, after: object) -> tuple[DiffSegment, ...]:
    if isinstance(before, str) and isinstance(after, str):
        return tuple(word_diff(before, after))
    if _is_list(before) or _is_list(after):
        return tuple(_segments(_runs(_items(before), _items(after))))
    gone = [DiffSegment("delete", str(before))] if before is not None else []
    come = [DiffSegment("insert", str(after))] if after is not None else []
    return tuple(gone + come)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _items(value: object) -> list[str]:
    """One line an item."""
    if value is None:
        return []
    return (
        [f"{item}\n" for item in value]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else [f"{value}\n"]
    )


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[_Run]:
    """Alternating equal and changed runs, from anchor to anchor."""
    at_old = at_new = 0
    for next_old, next_new in [*_anchors(old, new), (len(old), len(new))]:
        yield from _between(old[at_old:next_old], new[at_new:next_new])
        if next_old < len(old):
            yield _Run("equal", old[next_old : next_old + 1], new[next_new : next_new + 1])
        at_old, at_new = next_old + 1, next_new + 1


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The longest rising chain of items that occur exactly once on each side (a longest increasing subsequence)."""
    count_old, count_new = Counter(old), Counter(new)
    place = {item: at for at, item in enumerate(new) if count_new[item] == 1}
    pairs = [(at, place[item]) for at, item in enumerate(old) if count_old[item] == 1 and item in place]
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_old, at) in enumerate(pairs):
        length = bisect_left(ends, at)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(at)
            last.append(index)
        else:
            ends[length], last[length] = at, index
    chain = []
    index = last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[_Run]:
    """The runs of a passage without anchors: common ends first, then a shortest script within the budget."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    if head:
        yield _Run("equal", old[:head], new[:head])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if middle_old or middle_new:
        yield from _shortest_script(middle_old, middle_new)
    if tail:
        yield _Run("equal", old[len(old) - tail :], new[len(new) - tail :])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _shortest_script(old: Sequence[str], new: Sequence[str]) -> Iterator[_Run]:
    """Myers' greedy algorithm, at most MAX_EDITS edits deep; beyond, one change."""
    matches = _matches(old, new) if old and new else None
    at_old = at_new = 0
    for in_old, in_new in [*(matches or ()), (len(old), len(new))]:
        if in_old > at_old or in_new > at_new:
            yield _Run("change", old[at_old:in_old], new[at_new:in_new])
        if in_old < len(old) and matches:
            yield _Run("equal", old[in_old : in_old + 1], new[in_new : in_new + 1])
        at_old, at_new = in_old + 1, in_new + 1


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]] | None:
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(MAX_EDITS, len(old) + len(new)) + 1):
        trail.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return _walk_back(trail, len(old), len(new))
    return None


def _walk_back(trail: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """The matching positions on the path that `_matches` found, in order."""
    found = []
    for edits in range(len(trail) - 1, -1, -1):
        furthest, diagonal = trail[edits], x - y
        down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
        start = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
        if edits == 0:
            start = 0
        while x > start:
            x, y = x - 1, y - 1
            found.append((x, y))
        if edits:
            x, y = (x, y - 1) if down else (x - 1, y)
    return found[::-1]


def _readable(runs: list[_Run]) -> Iterator[_Run]:
    """Signs or a word of two letters between two changes belong to the change: it reads better whole than in crumbs."""
    merged: list[_Run] = []
    for kind, group in groupby(runs, key=lambda run: run.kind):
        together = list(group)
        merged.append(_Run(kind, [t for run in together for t in run.old], [t for run in together for t in run.new]))
    for at, run in enumerate(merged):
        inside = 0 < at < len(merged) - 1
        yield _Run("change", run.old, run.new) if inside and run.kind == "equal" and _is_thin(run.old) else run


def _is_thin(items: Sequence[str]) -> bool:
    text = "".join(items)
    return "\n" not in text and sum(character.isalnum() for character in text) <= 2


def _segments(runs: Iterator[_Run]) -> Iterator[DiffSegment]:
    """Runs of one kind joined; in a change, what went comes before what came."""
    for kind, group in groupby(runs, key=lambda run: run.kind):
        together = list(group)
        gone = "".join(item for run in together for item in run.old)
        come = "".join(item for run in together for item in run.new)
        if kind == "equal":
            yield DiffSegment("equal", gone)
            continue
        if gone:
            yield DiffSegment("delete", gone)
        if come:
            yield DiffSegment("insert", come)
