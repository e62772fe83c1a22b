"""What the search box proposes while one types: an operator's values, or titles grouped by kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from community.abilities.tags.queries import tags_starting
from community.contributions.kinds import pages
from community.core import vocab
from community.core.clock import now
from community.core.db import db
from community.people.accounts.queries import mention_candidates
from community.people.communities.models import Community
from community.permissions import community_visible_to, reader_tokens
from community.services.search.index import index
from community.services.search.results import confirmed, hit_address
from search_index.analysis import fold
from search_index.backend import SearchUnavailable

#: operators as people write them, by their folded names
OPERATORS = {
    "auteur": "auteur:",
    "etiquette": "etiquette:",
    "communaute": "communaute:",
    "type": "type:",
    "avant": "avant:",
    "apres": "après:",
}
MOST = 8


@dataclass(frozen=True)
class Proposal:
    """One line: either a page (``url``) with the words that lead to it, or what the box should hold (``text``)."""

    title: str
    kind: str
    url: str = ""
    text: str = ""
    why: str = ""


def proposals(user: Any, text: str) -> list[Proposal]:
    """At most eight lines for what is in the box; nothing that ``user`` may not know."""
    before, last = _last_word(text)
    name, colon, value = last.partition(":")
    if colon and fold(name) in OPERATORS:
        operator = f"{name}:"
        return [
            Proposal(title, detail, text=f"{before}{operator}{_quoted(code)} ")
            for code, title, detail in _values(user, fold(name), value.strip('"« »'))
        ][:MOST]
    return [*_titles(user, text), *_operators(before, last)][:MOST]


def _last_word(text: str) -> tuple[str, str]:
    """What comes before the word being typed, and that word; an open quotation after « : » belongs to it."""
    start = text.rfind(':"')
    is_open = start >= 0 and text.count('"', start) == 1
    begin = text.rfind(" ", 0, start if is_open else len(text)) + 1
    return text[:begin], text[begin:]


def _values(user: Any, operator: str, value: str) -> Iterator[tuple[str, str, str]]:
    """(value, words, detail) of an operator that begin with what was typed after it."""
    if operator == "etiquette":
        begins = fold(value)
        tags = sorted(tags_starting(user, value[:60], 40), key=lambda row: not fold(row.label).startswith(begins))
        yield from ((row.slug, row.label, _("Étiquette")) for row in tags[:MOST])
    elif operator == "communaute":
        yield from ((row.slug, row.name, _("Communauté")) for row in _communities(user, value[:80]))
    elif operator == "auteur" and user.is_authenticated:
        people = mention_candidates(value[:80])
        yield from ((row.display_name, row.display_name, row.organisation_name or _("Membre")) for row in people)
    elif operator == "type":
        for word, kind in _types().items():
            if word.startswith(fold(value)) and (kind != "member" or user.is_authenticated):
                yield word, vocab.label("kind", kind), _("Type")
    elif operator in ("avant", "apres"):
        yield from _days(value)


def _types() -> dict[str, str]:
    """The word of each kind, as it is written after « type: »."""
    return {model.words[0]: kind for kind, model in pages().items() if model.words} | {"membre": "member"}


def _communities(user: Any, value: str) -> list[Any]:
    pattern = f"%{value.replace('%', '').replace('_', '')}%"
    query = select(Community.slug, Community.name).where(
        community_visible_to(user),
        Community.archived_at.is_(None),
        Community.name.ilike(pattern) | Community.slug.like(pattern.lower()),
    )
    return list(db.session.execute(query.order_by(Community.name).limit(MOST)))


def _days(value: str) -> Iterator[tuple[str, str, str]]:
    today = now().date()
    for words, day in (
        (_("ce mois-ci"), today.replace(day=1)),
        (_("cette année"), date(today.year, 1, 1)),
        (_("l’an dernier"), date(today.year - 1, 1, 1)),
    ):
        if day.isoformat().startswith(value):
            yield day.isoformat(), day.isoformat(), words


def _titles(user: Any, text: str) -> list[Proposal]:
    """Titles, those of one kind together, the best one's kind first."""
    if len(text.strip()) < 2:
        return []
    try:
        shown = confirmed(user, index().suggest(text, reader_tokens(user), limit=MOST))
    except SearchUnavailable:
        return []
    kinds = list(dict.fromkeys(hit.kind for hit in shown))
    shown.sort(key=lambda hit: kinds.index(hit.kind))
    return [
        Proposal(hit.title, vocab.label("kind", hit.kind), url=hit_address(hit), why=_why(hit.reasons)) for hit in shown
    ]


def _why(reasons: Iterable[str]) -> str:
    words = ", ".join(reasons)
    return _("parce que : %(words)s", words=words) if words else ""


def _operators(before: str, last: str) -> list[Proposal]:
    """The operators whose name is being typed."""
    typed = fold(last)
    if len(typed) < 3:
        return []
    return [
        Proposal(words, _("Affiner"), text=before + words)
        for name, words in OPERATORS.items()
        if name.startswith(typed)
    ]


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
