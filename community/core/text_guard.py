"""Bounds on what members write, all checked in linear time before any parser sees the text.

python-markdown and bleach are not linear: ten thousand `[` took 11.6 s. Three answers, from the cheapest:
`clean_text` at the edge, `refusal` for what is shown as plain paragraphs without being parsed, and `is_tame` for what
may be parsed in the web process itself; everything in between goes to the helper process (see text_worker).
"""

import re

MAX_LENGTH = 30_000
MAX_LINES = 3_000
MAX_BRACKETS = 500
MAX_BRACKET_DEPTH = 20
MAX_HEADINGS = 200
MAX_NESTING = 10
MAX_TAGS = 2_000
MAX_FOOTNOTES = 300

# A cost that is not linear is a product: the length of a block times how often a delimiter makes the parser look
# ahead in it. With both factors small no product is large: `bench` in tests/core/test_text.py keeps the worst case
# of every delimiter, alone and in pairs, under a bound.
TAME_LENGTH = 4_000
TAME_LINES = 150
TAME_DELIMITERS = {
    "[": 40,
    "(": 120,
    "`": 60,
    "~": 30,
    "*": 120,
    "_": 120,
    "<": 30,
    "&": 100,
    "|": 150,
    "!": 100,
    "\\": 60,
}
TAME_DELIMITERS |= {">": 60, "#": 60, "=": 60, '"': 200}

_NEWLINES = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_BRACKETS = re.compile(r"[\[\]]")
_HEADING = re.compile(r"^[ >]*(?:#{1,6}|[=-]+[ ]*$)", re.MULTILINE)
_MARKERS = re.compile(r"^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}\.(?=[ \t])))+|^[ \t]{40,}", re.MULTILINE)
_MARKER = re.compile(r"[>*+-]|\d\.")
_RULE = re.compile(r"^ {0,3}(?:(?:- {0,2}){3,}|(?:\* {0,2}){3,})$", re.MULTILINE)


def clean_text(text: str | None) -> str:
    """Text as it is stored: lines end with LF, no control character, no lone surrogate (PostgreSQL refuses NUL)."""
    return _UNPRINTABLE.sub("", _NEWLINES.sub("\n", text or ""))


def refusal(text: str) -> str | None:
    """The bound that `text` breaks, or None: length, lines, tags, footnotes, headings, nesting or brackets."""
    if len(text) > MAX_LENGTH:
        return "length"
    if text.count("\n") > MAX_LINES:
        return "lines"
    if text.count("<") > MAX_TAGS:
        return "tags"
    if text.count("[^") > MAX_FOOTNOTES:
        return "footnotes"
    if sum(1 for _ in _HEADING.finditer(text)) > MAX_HEADINGS:
        return "headings"
    if _nesting(text) > MAX_NESTING:
        return "nesting"
    if any(_too_many_brackets(block) for block in _BLANK_LINES.split(text)):
        return "brackets"
    return None


def is_tame(text: str) -> bool:
    """Whether a text that was not refused is small and plain enough to be parsed without a time limit."""
    if len(text) > TAME_LENGTH or text.count("\n") > TAME_LINES:
        return False
    return all(text.count(delimiter) <= most for delimiter, most in TAME_DELIMITERS.items())


def _nesting(text: str) -> int:
    """The deepest line: its quote and list markers, plus one level for four columns of indentation."""
    return max((_depth(match.group()) for match in _MARKERS.finditer(_RULE.sub("", text))), default=0)


def _depth(prefix: str) -> int:
    columns = prefix.expandtabs(4)
    return len(_MARKER.findall(prefix)) + (len(columns) - len(columns.lstrip(" "))) // 4


def _too_many_brackets(block: str) -> bool:
    opened = block.count("[")
    if opened <= MAX_BRACKET_DEPTH:
        return False
    if opened > MAX_BRACKETS:
        return True
    depth = 0
    for bracket in _BRACKETS.findall(block):
        depth = depth + 1 if bracket == "[" else max(0, depth - 1)
        if depth > MAX_BRACKET_DEPTH:
            return True
    return False
