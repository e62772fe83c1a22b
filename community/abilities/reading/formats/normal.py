"""The text of files as people would type it: composed accents, no ligatures, words whole again at the ends of lines.

Nothing here knows the application: it runs in the subprocess that reads files.
"""

from __future__ import annotations

import re
import unicodedata

LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
#: what pdfium writes for the hyphen that ends a line; the second is the soft hyphen itself
BREAKS = "\ufffe\u00ad\u0002"
#: words that keep their hyphen when a line ends on it (« sous-traitance », « peut-être »)
KEEPS_HYPHEN = (
    "après|arrière|au|auto|avant|celle|celles|celui|ceux|ci|co|contre|demi|entre|ex|grand|haut|hors|là|maître|mi|mieux"
    "|multi|non|nouveau|outre|par|peut|plate|porte|post|pré|quasi|quelques|rendez|sans|semi|sous|sus|tout|vice|vis"
)
AFTER_HYPHEN = "à|ci|elle|elles|en|être|il|ils|je|la|là|le|les|leur|lui|même|mêmes|moi|nous|on|t|tu|vous|y"
_KEPT = re.compile(rf"(?i)\b({KEEPS_HYPHEN})-[ \t]*\n[ \t]*(?=\w)")
_KEPT_AFTER = re.compile(rf"(?i)(?<=\w)-[ \t]*\n[ \t]*(?=(?:{AFTER_HYPHEN})\b)")
_CUT = re.compile(r"(?<=[^\W\d_])-[ \t]*\n[ \t]*(?=[a-zà-öø-ÿœæ])")
_SOFT = re.compile(f"[{BREAKS}][ \\t]*\\n?[ \\t]*")
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufeff\uffff\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)
_SPACES = re.compile(r"[ \t\u2000-\u2008\u200a\u3000]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def normal(text: str) -> str:
    """One page's text: NFC, no ligature, no control character, single spaces, words joined that a line end had cut."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    text = _whole_characters(text)
    text = _SOFT.sub(_joint, text)
    text = _CONTROL.sub(" ", unicodedata.normalize("NFC", text.translate(LIGATURES)))
    text = _KEPT.sub(r"\1-", text)
    text = _CUT.sub("", _KEPT_AFTER.sub("-", text))
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _joint(found: re.Match[str]) -> str:
    """At a line's end it is a hyphen like any other, decided on below; inside a line it is invisible."""
    return "-\n" if "\n" in found.group() or "\ufffe" in found.group() or "\u0002" in found.group() else ""


def _whole_characters(text: str) -> str:
    """Half characters (lone surrogates) cannot be kept in any database."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
