"""An experience sheet as an entry of the index, with the titles of the questions that people confirmed it answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from community.abilities.comments.queries import comments_on
from community.abilities.links.models import Link
from community.abilities.tags.queries import labels_of
from community.content.sheets.models import Sheet
from community.contributions.indexing import index_kind, spine_entry, spine_rows
from community.contributions.models import Contribution
from community.core import vocab
from community.core.db import db
from community.core.text import plain_text
from search_index.entry import IndexEntry


@index_kind("sheet")
def sheet_entries(ids: Sequence[int]) -> list[IndexEntry]:
    rows = spine_rows(Sheet, ids)
    found = [sheet.id for sheet, _author, _community in rows]
    labels, comments, asked = labels_of(found), comments_on(found), _confirmed_titles(found)
    return [
        spine_entry(
            sheet,
            community,
            author,
            labels[sheet.id],
            body=_text(sheet),
            extra="\n".join([*asked[sheet.id], *(plain_text(row.body_html) for row in comments.get(sheet.id, ()))]),
            facets=_facets(sheet),
        )
        for sheet, author, community in rows
    ]


def _text(sheet: Sheet) -> str:
    texts = [sheet.summary, *(plain_text(html) for html in (sheet.html or {}).values()), plain_text(sheet.body_html)]
    labels = [str(part.get("label", "")) for part in sheet.award_criteria or ()]
    results = [str(part.get("indicator", "")) for part in sheet.results or ()]
    named = [sheet.organisation_name, sheet.procedure or "", vocab.label("contract_type", sheet.contract_type)]
    return "\n".join(part for part in [*texts, *labels, *results, *named] if part)


def _facets(sheet: Sheet) -> dict[str, tuple[str, ...]]:
    named = {
        "contract_type": sheet.contract_type,
        "procedure": sheet.procedure,
        "organisation_type": sheet.organisation_type,
        "amount_band": sheet.amount_band,
        "trust_level": sheet.trust_level,
    }
    return {name: (value,) for name, value in named.items() if value}


def _confirmed_titles(ids: Sequence[int]) -> dict[int, list[str]]:
    """People who confirmed that a sheet answers a question gave it that question's words."""
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        select(Link.target_id, Contribution.title)
        .join(Contribution, Contribution.id == Link.source_id)
        .where(Link.target_id.in_(ids), Link.verdict == "confirmed", Contribution.removed_at.is_(None))
    )
    for row in db.session.execute(query):
        found[row.target_id].append(row.title)
    return found
