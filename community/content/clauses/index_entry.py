"""A clause as an entry of the index: its current version, with why, when and how it is verified."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from community.abilities.comments.queries import comments_on
from community.abilities.links.queries import confirmed_titles
from community.abilities.tags.queries import labels_of
from community.content.clauses.models import Clause, ClauseVersion
from community.content.clauses.variables import defined, shown
from community.contributions.indexing import index_kind, spine_entry, spine_rows
from community.core import vocab
from community.core.db import db
from community.core.text import plain_text
from search_index.entry import IndexEntry

#: a clause that somebody validated weighs a little more; one that was withdrawn comes last
WEIGHTS = {"validated": 1.05, "retired": 0.5}


@index_kind("clause")
def clause_entries(ids: Sequence[int]) -> list[IndexEntry]:
    rows = spine_rows(Clause, ids)
    found = [clause.id for clause, _author, _community in rows]
    labels, comments, texts, asked = labels_of(found), comments_on(found), _texts(found), confirmed_titles(found)
    return [
        spine_entry(
            clause,
            community,
            author,
            labels[clause.id],
            body=texts.get(clause.id, ""),
            extra="\n".join(plain_text(row.body_html) for row in comments.get(clause.id, ())),
            asked=tuple(asked.get(clause.id, ())),
            facets=_facets(clause, labels[clause.id].codes.get("contract_type", [])),
            boost=WEIGHTS.get(clause.state, 1.0),
        )
        for clause, author, community in rows
    ]


def _texts(ids: Sequence[int]) -> dict[int, str]:
    """The words of the version in force (or of the last one, for a withdrawn clause)."""
    query = select(ClauseVersion.clause_id, ClauseVersion.data, ClauseVersion.html)
    query = query.where(ClauseVersion.clause_id.in_(ids), ClauseVersion.state.in_(("validated", "retired")))
    return {row.clause_id: _text(row.data, row.html) for row in db.session.execute(query)}


def _text(data: dict, html: dict[str, str]) -> str:
    rows = [" ".join(row.values()) for row in data["verification"]]
    articles = [row["article"] for row in data["legal_basis"]]
    kind = vocab.label("kind_of_clause", data["kind_of_clause"])
    texts = [plain_text(shown(part, defined(data), linked=False)) for part in html.values()]
    return "\n".join(part for part in [*texts, *rows, *articles, kind, data["ccag"]] if part)


def _facets(clause: Clause, contract_types: list[str]) -> dict[str, tuple[str, ...]]:
    named = {
        "kind_of_clause": clause.kind_of_clause,
        "target_document": clause.target_document,
        "ambition": clause.ambition,
        "trust_level": clause.trust_level,
    }
    return {name: (value,) for name, value in named.items() if value} | {"contract_type": tuple(contract_types)}
