"""When a clause moved while somebody was writing: what both wrote, put together, and the fields where they disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from community.content.clauses.fields import LISTS, NAMES, ROWS, TEXTS
from community.core.diff import word_diff

Edit = tuple[int, int, str]


def merged(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """(the fields with what both sides changed, the fields that both changed in the same place: mine are kept there)."""
    fields: dict[str, Any] = {}
    clashes: list[str] = []
    for name in NAMES:
        before, own, other = (side.get(name) or None for side in (base, mine, theirs))
        if own in (before, other):
            fields[name] = theirs.get(name)
        elif other == before:
            fields[name] = mine.get(name)
        elif name in LISTS or name in ROWS:
            fields[name] = _listed(before or [], own or [], other or [], name == "variables")
        else:
            together = woven(before or "", own or "", other or "") if name in TEXTS else None
            fields[name] = mine.get(name) if together is None else together
            clashes += [name] if together is None else []
    return fields, clashes


def woven(base: str, mine: str, theirs: str) -> str | None:
    """The text with the changes of both; None when two changes meet in one place and differ."""
    own, other = _edits(base, mine), _edits(base, theirs)
    if any(one != two and _meet(one, two) for one in own for two in other):
        return None
    text, end = [], len(base)
    for start, stop, words in sorted({*own, *other}, reverse=True):
        text += [base[stop:end], words]
        end = start
    return "".join([base[:end], *reversed(text)])


def _edits(base: str, text: str) -> list[Edit]:
    """What leads from the first text to the second: (from, to, words that stand there now)."""
    edits: list[Edit] = []
    place = 0
    for kind, words in word_diff(base, text):
        if kind == "insert":
            start = edits.pop()[0] if edits and edits[-1][1] == place and not edits[-1][2] else place
            edits.append((start, place, words))
        elif kind == "delete":
            edits.append((place, place + len(words), ""))
        place += len(words) if kind != "insert" else 0
    return edits


def _meet(one: Edit, two: Edit) -> bool:
    inside = max(one[0], two[0]) < min(one[1], two[1])
    return (
        inside or (one[0] == one[1] and two[0] <= one[0] <= two[1]) or (two[0] == two[1] and one[0] <= two[0] <= one[1])
    )


def _listed(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any], by_name: bool) -> list[Any]:
    """Their list, without what was taken out here, then what was added here; of two definitions of a variable, the own one."""
    gone = [item for item in base if item not in mine]
    added = [item for item in mine if item not in base and item not in theirs]
    named = {item["name"] for item in added} if by_name else set()
    kept = [item for item in theirs if item not in gone and not (by_name and item["name"] in named)]
    return [*kept, *added]
