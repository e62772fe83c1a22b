"""Markdown as members write it: python-markdown without raw HTML, plus the rules of the house.

Added: mentions `@[Prénom Nom](member:12)`, citations `[[clause:12@3]]`, http(s) addresses made into links, a list that
may follow its sentence without a blank line. Changed: headings start at level 3 (the page owns the first two), images
from elsewhere become links, footnotes are numbered, the parser never looks further than a bound for the end of a link.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import markdown
from markdown import inlinepatterns
from markdown.extensions import Extension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from community.core.slugs import slugify
from community.core.text_filters import CITATION, Sweeper, is_own_image

MAX_LABEL = 1_000
MAX_DESTINATION = 2_100
MAX_MENTIONS = 50
MENTION = r"@\[([^\[\]\n\x02\x03]{1,80})\]\(member:(\d{1,12})\)"
_ADDRESS = r"(?<![\w@/=\"'<])https?://[^\s<>\"`\\\x00-\x1f«»]{3,2000}"
_TRAILING = ".,;:!?'’\"*_…]"
_FENCE = re.compile(r"(`{3,}|~{3,}) *([\w+#.-]{0,20}) *")
_LIST_START = re.compile(r"(?:[-*+]|1\.) +\S")
_NOT_PROSE = re.compile(r"[\s>|]|\d+\. |\[[^\]]*\]:")
_HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}


@dataclass(frozen=True)
class Parsed:
    """HTML that bleach has cleaned, and what the text names."""

    html: str
    mentions: tuple[int, ...] = ()
    citations: tuple[str, ...] = ()


class Parser:
    """python-markdown and bleach, set up once; not safe to share between threads."""

    def __init__(self) -> None:
        self._rules = HouseRules()
        self._markdown = markdown.Markdown(
            extensions=[
                SaneListExtension(),
                TableExtension(use_align_attribute=True),
                NumberedFootnotes(
                    BACKLINK_TEXT="\u21a9\ufe0e", BACKLINK_TITLE="Revenir à l’appel de la note {}", SEPARATOR="-"
                ),
                self._rules,
            ],
            output_format="html",
        )
        self._sweeper = Sweeper()

    def parse(self, text: str, nonce: str, names: Mapping[int, str] | None) -> Parsed:
        """Parse one text. `names` gives the members who exist; None trusts the name that was written."""
        self._markdown.reset()
        self._rules.nonce, self._rules.names = nonce, names
        swept = self._sweeper.sweep(self._markdown.convert(text), nonce)
        return Parsed(swept, tuple(self._rules.mentions), tuple(self._rules.citations))


class HouseRules(Extension):
    """Our rules, and what they met in the text being parsed."""

    def __init__(self) -> None:
        super().__init__()
        self.nonce = ""
        self.names: Mapping[int, str] | None = None
        self.reset()

    def reset(self) -> None:
        self.mentions: dict[int, None] = {}
        self.citations: dict[str, None] = {}

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (python-markdown's name)
        md.registerExtension(self)
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        md.preprocessors.register(FencedCode(md), "fenced_code", 25)
        md.preprocessors.register(ListAfterSentence(md), "list_after_sentence", 22)
        for name, bounded, pattern, priority in _BOUNDED:
            md.inlinePatterns.register(bounded(pattern, md), name, priority)
        md.inlinePatterns.register(Mention(MENTION, self), "mention", 178)
        md.inlinePatterns.register(Cite(rf"\[\[({CITATION})\]\]", self), "cite", 177)
        md.inlinePatterns.register(Address(_ADDRESS, md), "address", 95)
        md.treeprocessors.register(Furniture(md), "furniture", 14)


class NumberedFootnotes(FootnoteExtension):
    """Footnotes whose ids are their numbers: a label may hold anything, an id may not."""

    def makeFootnoteId(self, id: str) -> str:  # noqa: N802
        return super().makeFootnoteId(self._number(id))

    def makeFootnoteRefId(self, id: str, found: bool = False) -> str:  # noqa: N802
        return super().makeFootnoteRefId(self._number(id), found)

    def _number(self, label: str) -> str:
        return str(list(self.footnotes).index(label) + 1)


class _BoundedLookAhead:
    """A `[` whose end is far away is text: unbounded, each one reads the rest of the block again."""

    def getText(self, data: str, index: int):  # noqa: N802
        return super().getText(data[: index + MAX_LABEL], index)  # type: ignore[misc]

    def getLink(self, data: str, index: int):  # noqa: N802
        return super().getLink(data[: index + MAX_DESTINATION], index)  # type: ignore[misc]


def _bounded(base: type) -> type:
    return type(f"Bounded{base.__name__}", (_BoundedLookAhead, base), {})


# The names and priorities are python-markdown's own: registering a name again replaces its pattern.
_BOUNDED = (
    ("reference", _bounded(inlinepatterns.ReferenceInlineProcessor), inlinepatterns.REFERENCE_RE, 170),
    ("link", _bounded(inlinepatterns.LinkInlineProcessor), inlinepatterns.LINK_RE, 160),
    ("image_link", _bounded(inlinepatterns.ImageInlineProcessor), inlinepatterns.IMAGE_LINK_RE, 150),
    ("image_reference", _bounded(inlinepatterns.ImageReferenceInlineProcessor), inlinepatterns.IMAGE_REFERENCE_RE, 140),
    ("short_reference", _bounded(inlinepatterns.ShortReferenceInlineProcessor), inlinepatterns.REFERENCE_RE, 130),
    (
        "short_image_ref",
        _bounded(inlinepatterns.ShortImageReferenceInlineProcessor),
        inlinepatterns.IMAGE_REFERENCE_RE,
        125,
    ),
)


class FencedCode(Preprocessor):
    """Code between two lines of ``` or ~~~, found line by line (the library's own pattern is cubic)."""

    def run(self, lines: list[str]) -> list[str]:
        out: list[str] = []
        at = 0
        while at < len(lines):
            opening = _FENCE.fullmatch(lines[at])
            end = _closing(lines, at, opening.group(1)) if opening else None
            if opening is None or end is None:
                out.append(lines[at])
                at += 1
                continue
            out += ["", self.md.htmlStash.store(_code(opening.group(2), lines[at + 1 : end])), ""]
            at = end + 1
        return out


def _closing(lines: list[str], opening: int, fence: str) -> int | None:
    return next((at for at in range(opening + 1, len(lines)) if lines[at].rstrip(" ") == fence), None)


def _code(language: str, lines: list[str]) -> str:
    kind = f' class="language-{html.escape(language)}"' if language else ""
    return f"<pre><code{kind}>{html.escape(chr(10).join(lines))}\n</code></pre>"


class ListAfterSentence(Preprocessor):
    """« Il faut : » followed at once by `- une chose` is a list, as everyone who types it means."""

    def run(self, lines: list[str]) -> list[str]:
        out: list[str] = []
        block = ""
        for line in lines:
            if block == "prose" and _LIST_START.match(line):
                out.append("")
            block = _block_of(line, block)
            out.append(line)
        return out


def _block_of(line: str, block: str) -> str:
    """The kind of block a line belongs to, after a line that belonged to `block`."""
    if not line.strip() or line.startswith("#"):
        return ""
    if _LIST_START.match(line):
        return "list"
    return block or ("other" if _NOT_PROSE.match(line) else "prose")


class Mention(inlinepatterns.InlineProcessor):
    """`@[Prénom Nom](member:12)`: a link under the member's present name; plain text when there is no such member."""

    def __init__(self, pattern: str, rules: HouseRules) -> None:
        super().__init__(pattern)
        self.rules = rules

    def handleMatch(self, m: re.Match[str], data: str):  # noqa: N802
        member, names = int(m.group(2)), self.rules.names
        name = m.group(1) if names is None else names.get(member)
        if name is None or (len(self.rules.mentions) >= MAX_MENTIONS and member not in self.rules.mentions):
            return "@" + m.group(1), m.start(), m.end()
        self.rules.mentions[member] = None
        link = Element("a", {"class": "mention", "href": f"/membres/{member}-{slugify(name)}"})
        link.text = AtomicString("@" + name)
        return link, m.start(), m.end()


class Cite(inlinepatterns.InlineProcessor):
    """`[[clause:12@3]]`: an empty place that is filled when the page is read, by what that reader may see."""

    def __init__(self, pattern: str, rules: HouseRules) -> None:
        super().__init__(pattern)
        self.rules = rules

    def handleMatch(self, m: re.Match[str], data: str):  # noqa: N802
        self.rules.citations[m.group(1)] = None
        place = Element("span", {"class": "citation", "data-cite": f"{self.rules.nonce} {m.group(1)}"})
        return place, m.start(), m.end()


class Address(inlinepatterns.InlineProcessor):
    """An http(s) address in the text is a link, without the punctuation that follows it."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, m: re.Match[str], data: str):  # noqa: N802
        url = m.group().rstrip(_TRAILING)
        if url.endswith(")") and url.count(")") > url.count("("):
            url = url.rstrip(_TRAILING + ")")
        link = Element("a", {"href": url})
        link.text = AtomicString(url)
        return link, m.start(), m.start() + len(url)


class Furniture(Treeprocessor):
    """Shift headings, wrap tables, keep our own images, untangle links inside links."""

    def run(self, root: Element) -> None:
        todo = [(root, False)]
        while todo:
            parent, in_link = todo.pop()
            for place, child in enumerate(list(parent)):
                self._arrange(parent, place, child, in_link)
                todo.append((child, in_link or child.tag == "a"))

    def _arrange(self, parent: Element, place: int, child: Element, in_link: bool) -> None:
        child.tag = _HEADINGS.get(child.tag, child.tag)
        if child.tag == "img":
            _keep_or_link(child, in_link)
        elif child.tag == "a" and _holds_a_link(child):
            child.tag = "span"
            child.attrib.clear()
        elif child.tag == "p" and _is_only_a_citation(child):
            child.set("class", "citation-block")
        elif child.tag == "table":
            parent[place] = _scrollable(child)


def _keep_or_link(image: Element, in_link: bool) -> None:
    source, label = image.get("src", ""), image.get("alt", "")
    if is_own_image(source):
        image.set("loading", "lazy")
        return
    image.attrib.clear()
    image.text = AtomicString(label or source)
    image.tag = "span" if in_link else "a"
    if not in_link:
        image.set("href", source)


def _holds_a_link(link: Element) -> bool:
    return any(inner is not link and (inner.tag == "a" or inner.get("data-cite")) for inner in link.iter())


def _is_only_a_citation(paragraph: Element) -> bool:
    if len(paragraph) != 1 or not paragraph[0].get("data-cite"):
        return False
    return not (paragraph.text or "").strip() and not (paragraph[0].tail or "").strip()


def _scrollable(table: Element) -> Element:
    """A wide table scrolls in its own box, which the keyboard can reach."""
    box = Element("div", {"class": "table-scroll", "tabindex": "0"})
    box.append(table)
    box.tail, table.tail = table.tail, None
    return box
