"""Variables of a clause: where they stand in its texts, what each one means, and how people read them.

A text holds ``{{delai_heures}}``; a version may say what that name means (label, unit, example). The braces are for whoever
writes the clause: everybody else reads « [délai de livraison] » and finds the definition under the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from flask_babel import gettext as _

from community.content.clauses.variable_names import words_of

#: what a version may say of a variable
PARTS = ("name", "label", "unit", "example")
MOST = 40
NAME = re.compile(r"[^\W\d]\w{0,59}\Z")
_VARIABLE = re.compile(r"\{\{\s*([^\W\d]\w{0,59})\s*\}\}")
_MARKED = re.compile(rf'<mark class="variable">{_VARIABLE.pattern}</mark>')


@dataclass(frozen=True)
class Variable:
    """A variable as a version defines it; without a definition its name in words says what it is."""

    name: str
    label: str = ""
    unit: str = ""
    example: str = ""

    @property
    def words(self) -> str:
        """As it stands within a sentence: « délai de livraison », « CPV du lot »."""
        words = self.label or words_of(self.name)
        return words if words[1:2].isupper() else words[:1].lower() + words[1:]

    @property
    def title(self) -> str:
        return self.words[:1].upper() + self.words[1:]

    @property
    def about(self) -> str:
        """« par exemple 24 heures »; empty when the version says no more than the name."""
        if self.example:
            return _("par exemple %(value)s", value=f"{self.example} {self.unit}".strip())
        return _("en %(unit)s", unit=self.unit) if self.unit else ""


def variables_in(text: str) -> list[str]:
    """The names between {{ and }}, each once, in order."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))


def defined(*versions: Mapping[str, Any]) -> dict[str, Variable]:
    """What these versions say of their variables, by name; the last one that speaks of a variable is right."""
    rows = [row for data in versions for row in data.get("variables") or ()]
    return {row["name"]: Variable(*(row.get(part) or "" for part in PARTS)) for row in rows}


def variables_of(data: Mapping[str, Any], texts: Iterable[str]) -> list[Variable]:
    """The variables of these fields of a version, in the order in which one meets them."""
    known = defined(data)
    names = variables_in("\n".join(data.get(name) or "" for name in texts))
    return [known.get(name) or Variable(name) for name in names]


def named(text: str, known: Mapping[str, Variable], mark: str = "") -> str:
    """The text as people read it: « {{delai_heures}} » is « [délai de livraison] », between two ``mark``."""
    return _VARIABLE.sub(lambda found: f"{mark}{words_for(found.group(1), known)}{mark}", text)


def words_for(name: str, known: Mapping[str, Variable]) -> str:
    """« [délai de livraison] »: what is asked for, between brackets."""
    return f"[{(known.get(name) or Variable(name)).words}]"


def shown(
    html: str, known: Mapping[str, Variable], linked: bool = True, values: Mapping[str, str] | None = None
) -> str:
    """Stored HTML with its variables in words, or as what they are worth in ``values``.

    ``linked``: each leads to its definition, and says it to a pointer or a keyboard.
    """

    def place(found: re.Match[str]) -> str:
        if values and values.get(found.group(1)):
            return f'<span class="given">{escape(values[found.group(1)])}</span>'
        variable = known.get(found.group(1)) or Variable(found.group(1))
        words = escape(f"[{variable.words}]")
        if not linked:
            return f'<mark class="variable">{words}</mark>'
        about = f' data-about="{escape(variable.about)}"' if variable.about else ""
        return f'<a class="variable" href="#variable-{variable.name}"{about}>{words}</a>'

    return _MARKED.sub(place, html)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the variables that have a value replaced; the others stay as they are."""
    return _VARIABLE.sub(lambda found: values.get(found.group(1)) or found.group(0), text)


def pieces(text: str, values: Mapping[str, str], known: Mapping[str, Variable]) -> list[tuple[str, bool]]:
    """The text cut where a variable still waits for its value: (text, is an empty variable)."""
    parts: list[tuple[str, bool]] = []
    place = 0
    for found in _VARIABLE.finditer(text):
        value = values.get(found.group(1))
        words = (value, False) if value else (words_for(found.group(1), known), True)
        parts += [(text[place : found.start()], False), words]
        place = found.end()
    return [(part, empty) for part, empty in [*parts, (text[place:], False)] if part]


def around(text: str, name: str, known: Mapping[str, Variable] | None = None, most: int = 6) -> tuple[str, str]:
    """The few words before and after a variable's first place in plain text; other variables there are read as words."""
    found = next(found for found in _VARIABLE.finditer(text) if found.group(1) == name)
    before, after = (named(part, known or {}).split() for part in (text[: found.start()], text[found.end() :]))
    head = ["…", *before[-most:]] if len(before) > most else before
    tail = [*after[:most], "…"] if len(after) > most else after
    return " ".join(head), " ".join(tail)


def renamed(older: str, newer: str, most: int = 4) -> dict[str, str]:
    """Variables that only changed their name from one text to the next: the same words stand around both.

    {former name: new name}; a variable whose surroundings changed too, or that two could be, is left out.
    """
    before, after = _surroundings(older, most), _surroundings(newer, most)
    gone = {name: places for name, places in before.items() if name not in after}
    come = {name: places for name, places in after.items() if name not in before}
    pairs = {
        name: [other for other, found in come.items() if set(places) & set(found)] for name, places in gone.items()
    }
    taken = [others[0] for others in pairs.values() if len(others) == 1]
    return {name: others[0] for name, others in pairs.items() if len(others) == 1 and taken.count(others[0]) == 1}


def _surroundings(text: str, most: int) -> dict[str, list[tuple[Sequence[str], Sequence[str]]]]:
    """By variable, the words right before and after each of its places; other variables all look the same."""
    places: dict[str, list[tuple[Sequence[str], Sequence[str]]]] = {}
    for found in _VARIABLE.finditer(text):
        before, after = (_VARIABLE.sub("□", part).split() for part in (text[: found.start()], text[found.end() :]))
        if before or after:
            places.setdefault(found.group(1), []).append((tuple(before[-most:]), tuple(after[:most])))
    return places
