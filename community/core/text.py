"""Members' texts: from Markdown to stored HTML, and from stored HTML to the page.

The only place in the project that makes `Markup`. Writing: `render_markdown` guards, parses, cleans twice, and gives
the HTML to store beside the text with `RENDERER_VERSION`. Reading: `to_markup`, or `expand_citations` where the text
may cite something, since what a citation shows depends on who reads.
"""

import re
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import NamedTuple, TypeAlias

from flask_babel import gettext as _
from markupsafe import Markup, escape

from community.core import text_guard, text_worker
from community.core.diff import DiffSegment
from community.core.markdown_rules import MENTION, Parsed, Parser
from community.core.text_filters import CITATION, last_gate
from community.core.text_guard import clean_text
from community.core.typography import typeset, typeset_html

__all__ = [
    "RENDERER_VERSION", "CitationCard", "CitationRef", "Rendered", "Resolver", "clean_text", "diff_markup", "excerpt",
    "expand_citations", "highlight", "mark_variables", "plain_text", "quote_markdown", "render_markdown", "to_markup",
    "typo",
]  # fmt: skip

RENDERER_VERSION = 2
MAX_QUOTE = 1_500

# Given member ids, the present display names of those who exist.
Resolver: TypeAlias = Callable[[Collection[int]], Mapping[int, str]]


class CitationRef(NamedTuple):
    """What a citation points at; `version` is None when the text names none."""

    kind: str
    id: int
    version: int | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" + (f"@{self.version}" if self.version is not None else "")


@dataclass(frozen=True)
class CitationCard:
    """What one reader may see of a cited item. `label` is its kind in French, `notice` says a newer version exists."""

    label: str
    title: str
    url: str
    detail: str = ""
    notice: str = ""


@dataclass(frozen=True)
class Rendered:
    """HTML to store. `plain` when it is past the bounds and shows as it was typed; the author reads `notices`."""

    html: str
    plain: bool = False
    notices: tuple[str, ...] = ()
    mentions: tuple[int, ...] = ()
    citations: tuple[CitationRef, ...] = ()


_PREFIX = re.compile(r"[a-z][a-z0-9]*-")
_MENTION = re.compile(MENTION)
_PLACE = re.compile(rf'<span class="citation" data-cite="({CITATION})"></span>')
_STORED = re.compile(r"\s*<(?:p|h[3-6]|ul|ol|pre|blockquote|table|div|hr|a|span|em|strong|code|img|ins|del|mark)[ >]")
_BACKREF = re.compile(r'<a [^<>]*class="footnote-backref"[^<>]*>[^<]*</a>')
_BLOCK_END = re.compile(r"</(?:p|h[3-6]|li|pre|tr|blockquote)>\n?|<br>\n?|<hr>\n?")
_CELL_END = re.compile(r"</t[dh]>\s*(?=<t[dh])")
_TAG = re.compile(r"<[^<>]*>")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]{0,500})\](?:\([^()\s]{0,2000}\)|(?=\[))")
_MARKDOWN_CITATION = re.compile(rf"\[\[{CITATION}\]\]")
_MARKDOWN_LINE = re.compile(r"^[ \t]*(?:>[ \t]?|#{1,6}[ \t]+|[-*+][ \t]+|(?:```|~~~).*$)", re.MULTILINE)
_MARKDOWN_SIGNS = re.compile(r"(?<![\w*_])[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?![\w*_])|`")
_WORDS = re.compile(r"(?:(?<=>)|^)[^<>]+")
_VARIABLE = re.compile(r"\{\{\s*[^\W\d]\w{0,59}\s*\}\}")
_BLANKS = re.compile(r"[ \t\u00a0\u202f]*\n[\s]*")
_SPACES = re.compile(r"\s+")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|])")
_parsers = threading.local()


def render_markdown(text: str, prefix: str, resolver: Resolver | None = None) -> Rendered:
    """Markdown to the HTML that is stored. `prefix` (« p12- ») keeps the ids of this text apart from the page's others.

    Never fails and never runs long: past a bound or the time limit, the words are kept and shown as plain paragraphs.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"prefix {prefix!r} is not a lower-case word and a hyphen")
    text = clean_text(text)
    reason = text_guard.refusal(text)
    if reason:
        return _as_plain(text, reason)
    nonce = secrets.token_hex(8)
    try:
        parsed = _parse(text, nonce, _names(text, resolver))
    except (text_worker.TooSlow, RecursionError):
        return _as_plain(text, "time")
    html = typeset_html(last_gate(parsed.html, nonce, prefix))
    return Rendered(html, mentions=parsed.mentions, citations=tuple(_reference(cited) for cited in parsed.citations))


def to_markup(stored_html: str | None) -> Markup:
    """Stored HTML, safe to put on a page: only for what `render_markdown` made."""
    return _trusted(stored_html or "")


def expand_citations(
    html: str | None, lookup: Callable[[Iterable[CitationRef]], Mapping[CitationRef, CitationCard]]
) -> Markup:
    """Stored HTML with each citation shown as far as this reader may see it.

    `lookup` is called once, only if the text cites something, and leaves out what the reader may not see: those
    citations say « contenu non accessible » and nothing more.
    """
    html = html or ""
    wanted = dict.fromkeys(_reference(cited) for cited in _PLACE.findall(html))
    if not wanted:
        return _trusted(html)
    cards = lookup(tuple(wanted))
    return _trusted(_PLACE.sub(lambda place: _citation(cards.get(_reference(place.group(1)))), html))


def mark_variables(html: str) -> str:
    """Stored HTML with its {{variables}} in <mark>, in the words only, never inside a tag."""
    return _WORDS.sub(lambda words: _VARIABLE.sub(r'<mark class="variable">\g<0></mark>', words.group()), html)


def plain_text(source: str | None) -> str:
    """Words without markup, for excerpts, mails and the index: from stored HTML or from Markdown. Not HTML: escape it.

    Citations leave nothing behind, since what they point at may be closed to the reader.
    """
    source = clean_text(source)
    text = _html_words(source) if _STORED.match(source) else _markdown_words(source)
    return _BLANKS.sub("\n", text).strip()


def excerpt(source: str | None, limit: int = 200) -> str:
    """The first words of a text on one line, at most `limit` characters, cut between words."""
    words = _SPACES.sub(" ", plain_text((source or "")[: limit * 20])).strip()
    if len(words) <= limit:
        return words
    head = words[: limit - 1] if words[limit - 1] == " " else words[: limit - 1].rpartition(" ")[0]
    return (head or words[: limit - 1]).rstrip(" ,;:.«(–-") + "…"


def highlight(segments: Iterable[tuple[str, bool]]) -> Markup:
    """`(text, is_match)` pairs, as the search engine gives them, with the matches in <mark>."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if is_match else escape(text) for text, is_match in segments
    )


def typo(words: str | None) -> str:
    """A title as it is shown: its spaces before « : », « ? », « € » do not break. For a page, never for a field."""
    return _trusted(typeset_html(words)) if isinstance(words, Markup) else typeset(words or "")


def diff_markup(segments: Iterable[DiffSegment]) -> Markup:
    """A word diff on the page: <ins> for what came, <del> for what went, line breaks kept."""
    wrap = {"equal": Markup("{}"), "insert": Markup("<ins>{}</ins>"), "delete": Markup("<del>{}</del>")}
    return Markup("").join(wrap[segment.kind].format(_with_breaks(segment.text)) for segment in segments)


def quote_markdown(text: str | None, author_name: str, limit: int = MAX_QUOTE) -> str:
    """What an answer starts with when it quotes: the words behind `>`, under the author's name.

    The people whom the quoted text mentions are named but not called again; what it quoted itself is left out.
    """
    lines = [line for line in clean_text(text).strip().split("\n") if not line.lstrip().startswith(">")]
    words = _MENTION.sub(r"@\1", "\n".join(lines)).strip()
    if len(words) > limit:
        words = words[:limit].rpartition(" ")[0] + " …"
    name = _SPECIAL.sub(r"\\\1", _SPACES.sub(" ", clean_text(author_name)).strip())
    quoted = "\n".join(f"> {line}".rstrip() for line in words.split("\n"))
    wrote = _("a écrit\u00a0:")
    return f"> **{name}** {wrote}\n>\n{quoted}\n\n"


def _parse(text: str, nonce: str, names: Mapping[int, str] | None) -> Parsed:
    if not text_guard.is_tame(text):
        return text_worker.helper.parse(text, nonce, names)
    if not hasattr(_parsers, "own"):
        _parsers.own = Parser()
    return _parsers.own.parse(text, nonce, names)


def _names(text: str, resolver: Resolver | None) -> Mapping[int, str] | None:
    if resolver is None:
        return None
    members = {int(member) for _name, member in _MENTION.findall(text)}
    return resolver(members) if members else {}


def _reference(cited: str) -> CitationRef:
    kind, _colon, place = cited.partition(":")
    number, _at, version = place.partition("@")
    return CitationRef(kind, int(number), int(version) if version else None)


def _as_plain(text: str, reason: str) -> Rendered:
    paragraphs = (block.strip("\n") for block in re.split(r"\n\n+", text))
    html = "\n".join(f"<p>{_with_breaks(block)}</p>" for block in paragraphs if block.strip())
    return Rendered(html, plain=True, notices=(_plain_notice(reason),))


def _trusted(html: str) -> Markup:
    """The one place where a string is declared safe: it came out of `last_gate` or of `escape`."""
    return Markup(html)  # noqa: S704


def _with_breaks(text: str) -> Markup:
    return _trusted(str(escape(text)).replace("\n", "<br>\n"))


def _plain_notice(reason: str) -> str:
    reasons = {
        "length": _("il dépasse %(count)s caractères", count=_grouped(text_guard.MAX_LENGTH)),
        "lines": _("il dépasse %(count)s lignes", count=_grouped(text_guard.MAX_LINES)),
        "tags": _("il contient trop de signes « < »"),
        "footnotes": _("il contient plus de %(count)d notes", count=text_guard.MAX_FOOTNOTES),
        "headings": _("il contient plus de %(count)d titres", count=text_guard.MAX_HEADINGS),
        "nesting": _(
            "ses listes ou ses citations s’emboîtent sur plus de %(count)d niveaux", count=text_guard.MAX_NESTING
        ),
        "brackets": _("un de ses paragraphes contient trop de crochets"),
        "time": _("sa mise en forme prend trop de temps"),
    }
    return _(
        "Votre texte est enregistré en entier, mais affiché sans mise en forme\u00a0: %(reason)s.",
        reason=reasons[reason],
    )


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _citation(card: CitationCard | None) -> Markup:
    if card is None:
        return Markup('<span class="citation citation-closed">{}</span>').format(_("contenu non accessible"))
    parts = [
        Markup('<span class="citation-label">{}</span> <a href="{}">{}</a>').format(card.label, card.url, card.title)
    ]
    if card.detail:
        parts.append(Markup('<span class="citation-detail">{}</span>').format(card.detail))
    if card.notice:
        parts.append(Markup('<span class="citation-notice">{}</span>').format(card.notice))
    return Markup('<span class="citation">{}</span>').format(Markup(" ").join(parts))


def _html_words(html: str) -> str:
    html = _BACKREF.sub("", html)
    return unescape(_TAG.sub("", _CELL_END.sub(" ", _BLOCK_END.sub("\n", html))))


def _markdown_words(text: str) -> str:
    text = _MARKDOWN_CITATION.sub("", _MENTION.sub(r"@\1", text))
    return _MARKDOWN_SIGNS.sub("", _MARKDOWN_LINE.sub("", _MARKDOWN_LINK.sub(r"\1", text)))
