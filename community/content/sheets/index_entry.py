"""An experience sheet as an entry of the index, with the titles of the questions that people confirmed it answers."""

from __future__ import annotations

from collections.abc import Sequence

from community.abilities.comments.queries import comments_on
from community.abilities.links.queries import confirmed_titles
from community.abilities.tags.queries import labels_of
from community.content.sheets.models import Sheet
from community.contributions.indexing import index_kind, spine_entry, spine_rows
from community.core import vocab
from community.core.text import plain_text
from search_index.entry import IndexEntry


@index_kind("sheet")
def sheet_entries(ids: Sequence[int]) -> list[IndexEntry]:
    rows = spine_rows(Sheet, ids)
    found = [sheet.id for sheet, _author, _community in rows]
    labels, comments, asked = labels_of(found), comments_on(found), confirmed_titles(found)
    return [
        spine_entry(
            sheet,
            community,
            author,
            labels[sheet.id],
            body=_text(sheet),
            extra="\n".join(plain_text(row.body_html) for row in comments.get(sheet.id, ())),
            asked=tuple(asked.get(sheet.id, ())),
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
