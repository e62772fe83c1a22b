"""Words for addresses: `/questions/12-allotir-les-denrees`."""

import re
import unicodedata

MAX_LENGTH = 70
FALLBACK = "sans-titre"
_SPELT_OUT = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "€": " euros ", "%": " pour cent ", "&": " et ", "°": "o "}
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def slugify(title: str) -> str:
    """A title as ASCII words joined by hyphens: at most 70 characters, cut between words, never empty.

    Accents and ligatures are folded, an elision stays two words (« l’eau » gives `l-eau`).
    """
    spelt = unicodedata.normalize("NFKD", title[:300].casefold().translate(_SPELT_OUT))
    letters = "".join(letter for letter in spelt if not unicodedata.combining(letter))
    slug = _NOT_WORD.sub("-", letters).strip("-")
    if len(slug) > MAX_LENGTH:
        head, _, tail = slug[: MAX_LENGTH + 1].rpartition("-")
        slug = head or tail[:MAX_LENGTH]
    return slug or FALLBACK
