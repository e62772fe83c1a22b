"""A basket as a document, before any file format: parts, numbered articles, paragraphs, and a source note under each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from community.content.baskets.prose import Block, blocks_of
from community.content.baskets.queries import Content, Entry
from community.content.clauses.variables import Variable, defined, filled, named
from community.core import vocab
from community.core.clock import now


@dataclass(frozen=True)
class Article:
    number: int
    title: str
    blocks: list[Block]
    penalty: list[Block]
    note: str
    address: str
    markdown: str
    penalty_markdown: str

    @property
    def heading(self) -> str:
        return _("Article %(number)d – %(title)s", number=self.number, title=self.title)


@dataclass(frozen=True)
class Part:
    title: str
    articles: list[Article]


@dataclass(frozen=True)
class Outline:
    title: str
    parts: list[Part]
    #: what to look at before publishing: where it comes from, what is empty, missing or contradicted
    notices: list[str] = field(default_factory=list)


def outline_of(name: str, content: Content, values: Mapping[str, str], address: Callable[[Entry], str]) -> Outline:
    """The basket's clauses as parts of a contract, each part numbering its own articles."""
    parts = [
        Part(
            vocab.label("target_document", code),
            [
                _article(number, entry, entry.values_in(values), address(entry))
                for number, entry in enumerate(entries, 1)
            ],
        )
        for code, entries in content.parts.items()
    ]
    return Outline(name, parts, _notices(content, values))


def _notices(content: Content, values: Mapping[str, str]) -> list[str]:
    """What the basket's page says above the clauses, for whoever opens the file without it."""
    empty = sum(1 for entry in content.entries for name in entry.variables if name not in entry.values_in(values))
    lines = [_("Clauses tirées d’Entrepairs le %(day)s.", day=format_date(now(), "long"))]
    if empty:
        words = ngettext(
            "%(num)d variable surlignée reste à compléter.", "%(num)d variables surlignées restent à compléter.", empty
        )
        lines[0] += f" {words}"
    for what, title, other in content.warnings:
        words = _("« %(title)s » va avec « %(other)s », qui n’est pas dans ce document.") if what == "missing" else ""
        words = words or _("« %(title)s » est incompatible avec « %(other)s ».")
        lines.append(words % {"title": title, "other": other.title})
    return lines


def _article(number: int, entry: Entry, values: Mapping[str, str], address: str) -> Article:
    note = _(
        "Source : clause « %(title)s », version %(number)d, validée le %(day)s, %(address)s",
        title=entry.title,
        number=entry.number,
        day=format_date(entry.validated_at, "long"),
        address=address,
    )
    if entry.state == "retired":
        note += " " + _("(clause retirée depuis)")
    elif entry.number < entry.current_number:
        note += " " + _("(la version %(number)d est en vigueur)", number=entry.current_number)
    known = defined(entry.data)
    return Article(
        number,
        entry.title,
        blocks_of(entry.html.get("text", ""), values, known),
        blocks_of(entry.html.get("penalty", ""), values, known),
        note,
        address,
        _markdown(entry.data["text"], values, known),
        _markdown(entry.data["penalty"], values, known),
    )


def _markdown(text: str, values: Mapping[str, str], known: Mapping[str, Variable]) -> str:
    """The text filled in; a variable that still waits for its value is in bold between brackets."""
    return named(filled(text, values), known, "**")
