"""A second opinion on rendered HTML, that shares nothing with the allow-list it checks."""

import re
from html.parser import HTMLParser

from community.core.text import render_markdown

ALLOWED = (
    "p br hr h3 h4 h5 h6 strong em sup code pre blockquote ul ol li a img table thead tbody tr th td div span "
    "href title class src alt loading align start id tabindex data-cite rel"
)
TAGS_AND_ATTRIBUTES = frozenset(re.findall(r"\S+", ALLOWED))


class Oracle(HTMLParser):
    """Reads the result as a browser would and lists whatever has no business there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.links: list[dict[str, str]] = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.wrong += [f"<{tag}>"] * (tag not in TAGS_AND_ATTRIBUTES) + [
            f"{tag} {name}" for name in names if name not in TAGS_AND_ATTRIBUTES
        ]
        for name in ("href", "src"):
            address = (names.get(name) or "").strip().lower()
            if name in names and not address.startswith(("https://", "http://", "mailto:", "/", "#", "?")):
                self.wrong += [address] * (":" in address or "\\" in address)
            if address.startswith(("//", "/\\")):
                self.wrong.append(address)
        if tag == "img" and not (names.get("src") or "/fichiers/").startswith("/fichiers/"):
            self.wrong.append("foreign image")
        if tag == "a":
            self.links.append(names)

    def handle_comment(self, data):
        self.wrong.append(f"<!--{data}-->")

    handle_decl = handle_pi = unknown_decl = handle_comment


def inspected(html: str) -> Oracle:
    oracle = Oracle()
    oracle.feed(html)
    oracle.close()
    return oracle


def html_of(text: str, resolver=None) -> str:
    return render_markdown(text, "p12-", resolver).html
