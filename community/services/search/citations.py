"""Citations as one reader may see them, and what the editor proposes after « # »."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Select, select

from community.content.clauses.models import Clause
from community.contributions.models import PAGES, Contribution
from community.contributions.permalink import url_for_item
from community.core import ports, vocab
from community.core.db import db
from community.core.slugs import slugify
from community.core.text import CitationCard, CitationRef, expand_citations
from community.people.communities.models import Community
from community.permissions import is_out, reader_tokens, visible_to
from community.services.search.index import index
from search_index.backend import SearchUnavailable

C = Clause.__table__.c


@ports.provide("expand_citations")
def expanded(user: Any, html: str) -> str:
    """Stored HTML (or a whole page of it) with each citation as this person may see it; one statement for all of them."""
    return str(expand_citations(html, lambda references: cards_for(user, references)))


def cards_for(user: Any, references: Iterable[CitationRef]) -> dict[CitationRef, CitationCard]:
    """What each reference shows; what this person may not see, or does not exist, is left out."""
    wanted = [ref for ref in references if ref.kind in PAGES and ref.id < 2**31]
    rows = {row.id: row for row in db.session.execute(_cited(user, {ref.id for ref in wanted}))}
    found: dict[CitationRef, CitationCard] = {}
    for ref in wanted:
        row = rows.get(ref.id)
        if row is None or row.kind != ref.kind or (ref.version or 0) > (row.current_number or 0):
            continue
        found[ref] = _card(row, ref.version)
    return found


def completions(user: Any, words: str, limit: int = 8) -> list[dict[str, str]]:
    """What may be cited and begins like these words: reference, title and a word about it. Only what may be seen."""
    try:
        found = index().suggest(words, reader_tokens(user), kinds=tuple(PAGES), limit=limit)
    except SearchUnavailable:
        return []
    rows = {row.id: row for row in db.session.execute(_cited(user, {hit.ref for hit in found}))} if found else {}
    return [_proposal(rows[hit.ref]) for hit in found if hit.ref in rows]


def _cited(user: Any, ids: set[int]) -> Select[Any]:
    return (
        select(
            Contribution.id,
            Contribution.kind,
            Contribution.title,
            Contribution.thread_id,
            Contribution.state,
            Community.name.label("community_name"),
            C.current_number,
            C.target_document,
            C.retired_at,
        )
        .join(Community, Community.id == Contribution.community_id)
        .outerjoin(Clause.__table__, C.id == Contribution.id)
        .where(Contribution.id.in_(ids), is_out(), visible_to(user))
    )


def _card(row: Any, version: int | None) -> CitationCard:
    label, url, notice = vocab.label("kind", row.kind), url_for_item(row), ""
    facts = [row.target_document] if row.kind == "clause" else [row.community_name]
    if version:
        url = url_for(f"{row.kind}s.show_version", id=row.id, slug=slugify(row.title), number=version)
        facts.append(_("version %(number)d", number=version))
    if row.retired_at:
        notice = _("clause retirée")
    elif version and version < row.current_number:
        notice = _("la version %(number)d est en vigueur", number=row.current_number)
    return CitationCard(label, row.title, url, " · ".join(facts), notice)


def _proposal(row: Any) -> dict[str, str]:
    ref = CitationRef(row.kind, row.id, row.current_number or None)
    facts = [vocab.label("kind", row.kind)]
    if row.kind == "clause":
        facts += [row.target_document, _("version %(number)d", number=row.current_number)]
    return {"ref": str(ref), "title": row.title, "detail": " · ".join([*facts, row.community_name])}
