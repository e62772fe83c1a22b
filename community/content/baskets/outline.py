"""A basket as a document, before any file format: parts, numbered articles, paragraphs, and a source note under each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from community.content.baskets.queries import Content, Entry
from community.content.clauses.fields import filled, pieces, variable_words, variables_in
from community.core import vocab


@dataclass(frozen=True)
class Run:
    """Some words of one look; ``empty`` marks a variable that still waits for its value."""

    text: str
    bold: bool = False
    italic: bool = False
    empty: bool = False


@dataclass
class Block:
    """A paragraph: « p », « bullet » or « number » (an item of a list)."""

    kind: str
    runs: list[Run] = field(default_factory=list)


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


def outline_of(name: str, content: Content, values: Mapping[str, str], address: Callable[[Entry], str]) -> Outline:
    """The basket's clauses as parts of a contract, each part numbering its own articles."""
    parts = [
        Part(
            vocab.label("target_document", code),
            [_article(number, entry, values, address(entry)) for number, entry in enumerate(entries, 1)],
        )
        for code, entries in content.parts.items()
    ]
    return Outline(name, parts)


def _article(number: int, entry: Entry, values: Mapping[str, str], address: str) -> Article:
    note = _(
        "Source : clause « %(title)s », version %(number)d, validée le %(day)s, %(address)s",
        title=entry.title,
        number=entry.number,
        day=format_date(entry.validated_at, "long"),
        address=address,
    )
    return Article(
        number,
        entry.title,
        blocks_of(entry.html.get("text", ""), values),
        blocks_of(entry.html.get("penalty", ""), values),
        note,
        address,
        _markdown(entry.data["text"], values),
        _markdown(entry.data["penalty"], values),
    )


def blocks_of(html: str, values: Mapping[str, str]) -> list[Block]:
    """The paragraphs of a stored text, its variables filled in where they have a value."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    blocks = [Block(block.kind, list(_filled(block.runs, values))) for block in reader.blocks]
    return [block for block in blocks if "".join(run.text for run in block.runs).strip()]


def _filled(runs: list[Run], values: Mapping[str, str]) -> Any:
    for run in runs:
        for words, empty in pieces(run.text, values):
            yield Run(words, run.bold, run.italic, empty)


def _markdown(text: str, values: Mapping[str, str]) -> str:
    text = filled(text, values)
    for name in variables_in(text):
        text = filled(text, {name: f"**{variable_words(name)}**"})
    return text


class _Reader(HTMLParser):
    """Stored HTML (made by core/text.py, so well formed) into blocks; what is not prose becomes plain paragraphs."""

    BLOCKS = ("p", "li", "h3", "h4", "h5", "h6", "pre", "tr", "blockquote")

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self.lists: list[str] = []
        self.bold = self.italic = 0
        self.inside = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in ("ul", "ol"):
            self.lists.append("bullet" if tag == "ul" else "number")
        elif tag in self.BLOCKS:
            self._begin(tag)
        elif tag == "br":
            self._add("\n")
        self.bold += tag in ("strong", "h3", "h4", "h5", "h6", "th")
        self.italic += tag == "em"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        self.bold -= tag in ("strong", "h3", "h4", "h5", "h6", "th")
        self.italic -= tag == "em"
        if tag in ("td", "th"):
            self._add("\t")
        if tag in self.BLOCKS:
            self.inside = False

    def handle_data(self, data: str) -> None:
        self._add(data.replace("\n", " "))

    def _begin(self, tag: str) -> None:
        self.inside = True
        kind = self.lists[-1] if self.lists else "p"
        empty_item = self.blocks and self.blocks[-1].kind == kind != "p" and not self.blocks[-1].runs
        if not (tag == "p" and empty_item):
            self.blocks.append(Block(kind))

    def _add(self, text: str) -> None:
        if not self.inside and not text.strip():
            return
        if not self.blocks:
            self.blocks.append(Block("p"))
        block = self.blocks[-1]
        if text.strip() or block.runs:
            block.runs.append(Run(text, self.bold > 0, self.italic > 0))
