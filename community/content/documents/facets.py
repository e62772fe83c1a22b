"""Facets of the list of documents, counted like those of sheets: one statement, only what the reader may see.

A facet counts with every other filter applied and its own left out, so that one may change one's mind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    exists,
    extract,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased
from werkzeug.datastructures import MultiDict

from community.abilities.tags.models import Classification
from community.content.documents.cpv import family_name
from community.content.documents.models import Document
from community.content.sheets.facets import MOST_CHOICES, MOST_VALUES, Choice, Facet, FacetKind
from community.content.sheets.facets import Filters as BaseFilters
from community.contributions.models import Contribution
from community.core.db import db
from community.core.vocab import ALL, label
from community.people.communities.models import Community
from community.permissions import is_out, visible_to

#: a document's own columns
D = Document.__table__.c
KINDS = (
    FacetKind("nature", _l("Nature"), "document_nature"),
    FacetKind("emetteur", _l("Émetteur")),
    FacetKind("annee", _l("Année")),
    FacetKind("famille", _l("Famille d’achats (CPV)")),
    FacetKind("dimension", _l("Dimension"), "dimension"),
    FacetKind("communaute", _l("Communauté")),
    FacetKind("confiance", _l("Niveau de confiance"), "trust_level"),
)
#: facets that are a column of the list's rows
COLUMNS = ("nature", "emetteur", "annee", "confiance")


@dataclass(frozen=True)
class Filters(BaseFilters):
    """The chosen values of each facet, by its name in addresses; only the facets that are chosen."""

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> Filters:
        chosen = {}
        for kind in KINDS:
            values = dict.fromkeys(value.strip()[:160] for value in args.getlist(kind.key))
            if found := tuple(value for value in values if value)[:MOST_VALUES]:
                chosen[kind.key] = found
        return cls(chosen)


def narrowed(query: Select[Any], filters: Filters) -> Select[Any]:
    """The list's query (on Contribution and Document) with the filters applied."""
    columns = {
        "id": D.id,
        "community_id": Contribution.community_id,
        "nature": D.nature,
        "emetteur": D.issuer,
        "annee": _year(),
        "confiance": D.trust_level,
    }
    return query.where(*(_condition(key, values, columns) for key, values in filters.chosen.items()))


def facets_of(user: Any, filters: Filters) -> list[Facet]:
    """Every facet that has something to offer, with its counts, as ``user`` may see them. One statement."""
    seen = _seen(user)
    counts: dict[str, dict[str, tuple[str, int]]] = {kind.key: {} for kind in KINDS}
    for row in db.session.execute(union_all(*(_count(kind.key, seen, filters) for kind in KINDS))):
        if row.value:
            counts[row.facet][row.value] = (row.words, row.total)
    facets = [Facet(kind.key, kind.title, list(_choices(kind, counts[kind.key], filters))) for kind in KINDS]
    return [facet for facet in facets if facet.choices]


def _seen(user: Any) -> CTE:
    """The documents that this reader may see, with the columns that facets count."""
    return (
        select(
            D.id,
            Contribution.community_id,
            D.nature.label("nature"),
            D.issuer.label("emetteur"),
            _year().label("annee"),
            D.trust_level.label("confiance"),
        )
        .select_from(Contribution)
        .join(Document.__table__, D.id == Contribution.id)
        .where(is_out(), visible_to(user))
        .cte("seen")
    )


def _year() -> ColumnElement[str]:
    return cast(extract("year", D.edition_date), String)


def _condition(key: str, values: tuple[str, ...], columns: Mapping[str, Any]) -> ColumnElement[bool]:
    if key == "communaute":
        place = aliased(Community)  # the list's own query reads communities too
        return exists().where(place.id == columns["community_id"], place.slug.in_(values))
    if key in ("dimension", "famille"):
        filed = aliased(Classification)  # and so does the count of the other facet that is a code
        code = filed.code.in_(values) if key == "dimension" else _in_families(filed, values)
        scheme = "dimension" if key == "dimension" else "cpv"
        return exists().where(filed.contribution_id == columns["id"], filed.scheme == scheme, code)
    return columns[key].in_(values)


def _in_families(filed: Any, values: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(filed.code.startswith(value[:2], autoescape=True) for value in values))


def _count(key: str, seen: CTE, filters: Filters) -> Select[Any]:
    """(facet, value, words, total) rows of one facet, its own filter left out."""
    columns = {name: seen.c[name] for name in ("id", "community_id", *COLUMNS)}
    others = and_(
        *(_condition(name, values, columns) for name, values in filters.without(key).items()), literal(1) == 1
    )
    value, words, query = _grouping(key, seen)
    total = func.count(seen.c.id.distinct()).label("total")
    named = (literal(key).label("facet"), value.label("value"), words.label("words"), total)
    return query.with_only_columns(*named).where(others).group_by(value, words)


def _grouping(key: str, seen: CTE) -> tuple[Any, Any, Select[Any]]:
    base = select(seen.c.id).select_from(seen)
    if key == "communaute":
        return Community.slug, Community.name, base.join(Community, Community.id == seen.c.community_id)
    if key in ("dimension", "famille"):
        scheme = "dimension" if key == "dimension" else "cpv"
        code = Classification.code if key == "dimension" else func.substr(Classification.code, literal(1), literal(2))
        filed = (Classification.contribution_id == seen.c.id) & (Classification.scheme == scheme)
        return code, code, base.join(Classification, filed)
    return seen.c[key], seen.c[key], base


def _choices(kind: FacetKind, counts: dict[str, tuple[str, int]], filters: Filters) -> Iterator[Choice]:
    """Choices in the vocabulary's order, or the most frequent first; a chosen one stays even when it holds nothing."""
    chosen = filters.of(kind.key)
    totals = {value: total for value, (_words, total) in counts.items()} | dict.fromkeys(set(chosen) - set(counts), 0)
    if kind.vocabulary:
        known = list(ALL[kind.vocabulary])
        order = sorted(totals, key=lambda value: (known.index(value) if value in known else len(known), value))
    elif kind.key == "annee":
        order = sorted(totals, reverse=True)
    else:
        order = sorted(totals, key=lambda value: (value not in chosen, -totals[value], value))
    for value in order[:MOST_CHOICES]:
        yield Choice(value, _words(kind, value, counts), totals[value], value in chosen)


def _words(kind: FacetKind, value: str, counts: dict[str, tuple[str, int]]) -> str:
    if kind.vocabulary:
        return label(kind.vocabulary, value)
    return family_name(value) if kind.key == "famille" else counts.get(value, (value, 0))[0]
