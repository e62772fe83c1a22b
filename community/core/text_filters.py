"""What HTML may hold once it is stored: one allow-list, two sanitisers.

bleach is the project's given library and has had its last release; nh3 is the last gate after it, with the same tags
and the same attribute filter. When bleach has to go, `Sweeper` goes and nothing else.
"""

import html
import re
from collections.abc import Callable
from typing import TypeAlias

import bleach
import nh3

REL = "nofollow ugc noopener noreferrer"
SCHEMES = {"http", "https", "mailto"}
TAGS = {
    "p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "sup", "code", "pre", "blockquote", "ul", "ol", "li",
    "a", "img", "table", "thead", "tbody", "tr", "th", "td", "div", "span",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "class"},
    "img": {"src", "alt", "title", "loading"},
    "th": {"align"},
    "td": {"align"},
    "ol": {"start"},
    "li": {"id"},
    "sup": {"id"},
    "p": {"class"},
    "div": {"class", "tabindex"},
    "span": {"class", "data-cite"},
    "code": {"class"},
}
CLASSES = {
    "a": {"mention", "footnote-ref", "footnote-backref"},
    "p": {"citation-block"},
    "div": {"footnote", "table-scroll"},
    "span": {"citation"},
}
# With their content: none of these is ever allowed, and what they hold is not prose.
DROPPED = {
    "script", "style", "template", "noscript", "noembed", "noframes", "iframe", "xmp", "title", "textarea", "svg",
    "math", "object", "select",
}  # fmt: skip

CITATION = r"[a-z]{3,20}:\d{1,12}(?:@\d{1,6})?"
_CITATION = re.compile(CITATION)
_FOOTNOTE = re.compile(r"fn(?:ref\d{0,3})?-\d{1,3}")
_OWN_FILE = re.compile(r"/fichiers/(?!.*\.\.)[\w.-]{1,120}(?:/[\w.-]{1,120}){0,4}")
_LANGUAGE = re.compile(r"language-[\w+#-]{1,20}")
_SMALL_NUMBER = re.compile(r"\d{1,4}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# What a browser skips or a reader cannot see inside an address: controls, spaces, joiners, fillers, tags.
_INVISIBLE = re.compile(
    "[\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_OWN_LINK = re.compile(rf'(<a (?:[a-z]+="[^"]*" )*?href="[/#][^"]*"(?: [a-z]+="[^"]*")*?) rel="{REL}">')

AttributeFilter: TypeAlias = Callable[[str, str, str], str | None]


def allowed_url(value: str) -> bool:
    """Whether a link may lead there: http, https or mailto, or a path of this site; never `//host` nor `/\\host`.

    The address is judged once decoded and without its invisible characters, as a browser would follow it.
    """
    address = _INVISIBLE.sub("", html.unescape(value))
    if address.startswith(("//", "/\\", "\\")):
        return False
    scheme = _SCHEME.match(address)
    if scheme:
        return scheme.group(1).lower() in SCHEMES
    return address.startswith(("/", "?")) or ":" not in address.split("/")[0]


def is_own_image(value: str) -> bool:
    """Images come from our own files only: a foreign one would tell its server who reads what."""
    return _OWN_FILE.fullmatch(value) is not None


def attribute_filter(nonce: str, prefix: str = "") -> AttributeFilter:
    """The filter of one rendering: `(tag, name, value)` gives the value to keep, or None to drop the attribute.

    `prefix` goes before every id, so that the footnotes of two posts on a page do not collide. `nonce` is the secret
    that only our own rule writes before a citation: without it a placeholder is a forgery.
    """

    def keep(tag: str, name: str, value: str) -> str | None:
        if (name, value) == ("rel", REL):  # nh3 writes it, then asks
            return value
        if name not in ATTRIBUTES.get(tag, ()):
            return None
        match name:
            case "href" if value.startswith("#"):
                return f"#{prefix}{value[1:]}" if _FOOTNOTE.fullmatch(value[1:]) else None
            case "href":
                return value if allowed_url(value) else None
            case "src":
                return value if is_own_image(value) else None
            case "id":
                return prefix + value if _FOOTNOTE.fullmatch(value) else None
            case "class":
                return value if value in CLASSES.get(tag, ()) or _is_language(tag, value) else None
            case "data-cite":
                return _genuine_citation(value, nonce)
            case _:
                return value[:300] if _plain_value(name, value) else None

    return keep


def _is_language(tag: str, value: str) -> bool:
    return tag == "code" and _LANGUAGE.fullmatch(value) is not None


def _genuine_citation(value: str, nonce: str) -> str | None:
    secret, _, citation = value.partition(" ")
    return citation if nonce and secret == nonce and _CITATION.fullmatch(citation) else None


def _plain_value(name: str, value: str) -> bool:
    allowed = {"align": {"left", "right", "center"}, "loading": {"lazy"}, "tabindex": {"0"}}
    if name in allowed:
        return value in allowed[name]
    return name in {"alt", "title"} or (name == "start" and _SMALL_NUMBER.fullmatch(value) is not None)


class Sweeper:
    """bleach, set up once; not safe to share between threads."""

    def __init__(self) -> None:
        self._keep = attribute_filter("")
        self._cleaner = bleach.Cleaner(
            tags=TAGS, attributes=self._allows, protocols=SCHEMES, strip=True, strip_comments=True
        )

    def sweep(self, markup: str, nonce: str) -> str:
        self._keep = attribute_filter(nonce)
        return self._cleaner.clean(markup)

    def _allows(self, tag: str, name: str, value: str) -> bool:
        return self._keep(tag, name, value) is not None


def last_gate(markup: str, nonce: str, prefix: str) -> str:
    """HTML that may be stored: nh3 over what bleach left, ids prefixed, `rel` on every link that leaves the site."""
    keep = attribute_filter(nonce, prefix)

    def keep_or_drop(tag: str, name: str, value: str) -> str | None:
        try:
            return keep(tag, name, value)
        except Exception:  # nh3 up to 0.3.7 keeps the original value when the filter raises
            return None

    clean = nh3.clean(
        markup,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=keep_or_drop,
        clean_content_tags=DROPPED,
        url_schemes=SCHEMES,
        link_rel=REL,
        strip_comments=True,
    )
    return _OWN_LINK.sub(r"\1>", _CONTROLS.sub("", clean))
