"""French typography: what must not be parted at the end of a line is joined by non-breaking spaces, never rewritten.

Only a space that somebody typed becomes a non-breaking one: nothing is added, so that a code or an address stays itself.
"""

from __future__ import annotations

import re

NBSP = "\N{NO-BREAK SPACE}"
#: before « : ; ? ! », after «
_SIGNS = r" (?=[:;?!»])|(?<=«) "
#: and before € % ° k€, between the thousands of a number
_ALL = rf"{_SIGNS}|(?<=\S) (?=[€%°]|[kM]€)|(?<=\d) (?=\d{{3}}(?!\d))"
_MESSAGE = re.compile(_SIGNS)
_TEXT = re.compile(_ALL)
#: code and tags are met first, and kept as they are
_HTML = re.compile(rf"<(pre|code)\b.*?</\1>|<[^<>]*>|{_ALL}", re.DOTALL)


def typeset_message(message: str) -> str:
    """A text of the interface, before its values are put in."""
    return _MESSAGE.sub(NBSP, message)


def typeset(text: str) -> str:
    """A title or any words without markup, as they are shown (never as they are kept)."""
    return _TEXT.sub(NBSP, text)


def typeset_html(html: str) -> str:
    """HTML that is already safe, its words set; what is inside tags, <pre> and <code> stays letter for letter."""
    return _HTML.sub(lambda found: NBSP if found[0] == " " else found[0], html)
