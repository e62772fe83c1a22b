"""Facets of the clause list: what it may be narrowed by, and how many clauses each choice would leave. One statement for all.

A facet counts with every other filter applied and its own left out; and it only counts what the reader may see.
Withdrawn clauses are listed only when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import CTE, ColumnElement, Select, and_, case, exists, func, literal, select, true, union_all
from sqlalchemy.orm import aliased
from werkzeug.datastructures import MultiDict

from community.abilities.tags.models import Classification
from community.content.clauses.models import Clause
from community.contributions.models import Contribution
from community.core import ports
from community.core.clock import now
from community.core.db import db
from community.core.vocab import ALL, label
from community.people.communities.models import Community
from community.permissions import is_out, visible_to

MOST_CHOICES = 24
MOST_VALUES = 12


@dataclass(frozen=True)
class FacetKind:
    """A facet: its name in addresses, its title, its vocabulary, and the scheme of its codes when it is a classification."""

    key: str
    title: Any
    vocabulary: str = ""
    scheme: str = ""


KINDS = (
    FacetKind("piece", _l("Pièce"), "target_document"),
    FacetKind("type", _l("Type de clause"), "kind_of_clause"),
    FacetKind("nature", _l("Nature du marché"), "contract_type", "contract_type"),
    FacetKind("ambition", _l("Ambition"), "ambition"),
    FacetKind("dimension", _l("Dimension"), "dimension", "dimension"),
    FacetKind("confiance", _l("Niveau de confiance"), "trust_level"),
    FacetKind("etat", _l("État"), "state"),
    FacetKind("cpv", _l("Famille CPV"), "", "cpv"),
    FacetKind("communaute", _l("Communauté")),
)
BY_KEY = {kind.key: kind for kind in KINDS}
CPV_DIVISIONS = {
    "03": _l("produits agricoles"), "09": _l("énergie"), "14": _l("mines et métaux"), "15": _l("denrées et boissons"),
    "18": _l("vêtements"), "19": _l("textiles et plastiques"), "22": _l("imprimés"), "24": _l("produits chimiques"),
    "30": _l("bureau et informatique"), "31": _l("matériel électrique"), "32": _l("télécommunications"),
    "33": _l("matériel médical"), "34": _l("transport"), "35": _l("sécurité"), "37": _l("sport et musique"),
    "38": _l("laboratoire"), "39": _l("mobilier et entretien"), "41": _l("eau"), "42": _l("machines"),
    "43": _l("engins de chantier"), "44": _l("matériaux de construction"), "45": _l("travaux"), "48": _l("logiciels"),
    "50": _l("réparation"), "51": _l("installation"), "55": _l("hôtellerie et restauration"),
    "60": _l("transport (services)"), "63": _l("appui au transport"), "64": _l("postes et télécommunications"),
    "65": _l("services publics"), "66": _l("finance et assurance"), "70": _l("immobilier"),
    "71": _l("architecture et ingénierie"), "72": _l("services informatiques"), "73": _l("recherche"),
    "75": _l("administration"), "76": _l("pétrole et gaz"), "77": _l("espaces verts et forêts"),
    "79": _l("services aux entreprises"), "80": _l("enseignement"), "85": _l("santé et action sociale"),
    "90": _l("déchets, eaux usées, propreté"), "92": _l("loisirs et culture"), "98": _l("autres services"),
}  # fmt: skip
ORDERS = ("used", "validated", "recent")


@dataclass(frozen=True)
class Filters:
    """The chosen values of each facet, the words looked for and the order. Values of one facet add up, facets narrow."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: str = ""
    order: str = "validated"
    sort: str = ""
    found: tuple[int, ...] = ()

    @classmethod
    def from_args(cls, args: MultiDict[str, str], user: Any) -> Filters:
        values = {kind.key: dict.fromkeys(v.strip()[:80] for v in args.getlist(kind.key)) for kind in KINDS}
        chosen = {key: got for key, asked in values.items() if (got := tuple(v for v in asked if v)[:MOST_VALUES])}
        words, asked = args.get("q", "").replace("\x00", "").strip()[:200], args.get("tri", "")
        sort = asked if asked in ORDERS else "relevance" if words else "validated"
        found = tuple(ports.call("ranked", user, "clause", words, 200, default=())) if words else ()
        return cls(chosen, words, asked if asked in ORDERS else "validated", sort, found)

    def __bool__(self) -> bool:
        return bool(self.chosen or self.words)

    def of(self, key: str) -> tuple[str, ...]:
        return self.chosen.get(key, ())


class Choice(NamedTuple):
    """One value of a facet: how many clauses it leaves, and whether it is chosen now."""

    value: str
    words: str
    count: int
    chosen: bool = False


@dataclass(frozen=True)
class Facet:
    name: str
    title: Any
    choices: list[Choice]


def narrowed(query: Select[Any], filters: Filters) -> Select[Any]:
    """The list's query (on Contribution and the clause table) with the filters applied."""
    return query.where(*_conditions(filters, _columns(Contribution, Clause.__table__.c), ""))


def facets_of(user: Any, filters: Filters) -> list[Facet]:
    """Every facet that has something to offer, with its counts, as ``user`` may see them. One statement."""
    seen = _seen(user)
    counts: dict[str, dict[str, tuple[str, int]]] = {kind.key: {} for kind in KINDS}
    for row in db.session.execute(union_all(*(_count(kind, seen, filters) for kind in KINDS))):
        if row.value:
            counts[row.facet][row.value] = (row.words, row.total)
    facets = [Facet(kind.key, kind.title, list(_choices(kind, counts[kind.key], filters))) for kind in KINDS]
    return [facet for facet in facets if facet.choices]


def _columns(spine: Any, clause: Any) -> dict[str, Any]:
    overdue = and_(clause.retired_at.is_(None), clause.review_due < now().date())
    return {
        "id": clause.id,
        "community_id": spine.community_id,
        "piece": clause.target_document,
        "type": clause.kind_of_clause,
        "ambition": clause.ambition,
        "confiance": clause.trust_level,
        "etat": case((clause.retired_at.is_not(None), "retired"), (overdue, "overdue"), else_="validated"),
    }


def _seen(user: Any) -> CTE:
    """The clauses that this reader may see, with the columns that facets count."""
    table = Clause.__table__.c
    columns = [column.label(name) for name, column in _columns(Contribution, table).items()]
    query = select(*columns).select_from(Contribution).join(Clause.__table__, table.id == Contribution.id)
    return query.where(is_out(), visible_to(user)).cte("seen")


def _conditions(filters: Filters, columns: Mapping[str, Any], left_out: str) -> list[ColumnElement[bool]]:
    found = [_condition(key, values, columns) for key, values in filters.chosen.items() if key != left_out]
    if filters.words:
        found.append(columns["id"].in_(filters.found))
    if "etat" not in filters.chosen and left_out != "etat":
        found.append(columns["etat"] != "retired")
    return found


def _condition(key: str, values: tuple[str, ...], columns: Mapping[str, Any]) -> ColumnElement[bool]:
    if key == "communaute":
        community = aliased(Community, flat=True)
        return exists().where(community.id == columns["community_id"], community.slug.in_(values))
    scheme = BY_KEY[key].scheme
    if not scheme:
        return columns[key].in_(values)
    filing = aliased(Classification, flat=True)
    code = func.substr(filing.code, 1, 2) if scheme == "cpv" else filing.code
    wanted = [value[:2] for value in values] if scheme == "cpv" else values
    return exists().where(filing.contribution_id == columns["id"], filing.scheme == scheme, code.in_(wanted))


def _count(kind: FacetKind, seen: CTE, filters: Filters) -> Select[Any]:
    """(facet, value, words, total) rows of one facet, its own filter left out."""
    value, words, query = _grouping(kind, seen)
    conditions = _conditions(filters, seen.c, kind.key)
    counted = func.count(seen.c.id.distinct()).label("total")
    return (
        query.with_only_columns(literal(kind.key).label("facet"), value.label("value"), words.label("words"), counted)
        .where(true(), *conditions)
        .group_by(value, words)
    )


def _grouping(kind: FacetKind, seen: CTE) -> tuple[Any, Any, Select[Any]]:
    base = select(seen.c.id).select_from(seen)
    if kind.key == "communaute":
        return Community.slug, Community.name, base.join(Community, Community.id == seen.c.community_id)
    if kind.scheme:
        filed = (Classification.contribution_id == seen.c.id) & (Classification.scheme == kind.scheme)
        code = func.substr(Classification.code, 1, 2) if kind.key == "cpv" else Classification.code
        return code, code, base.join(Classification, filed)
    return seen.c[kind.key], seen.c[kind.key], base


def _choices(kind: FacetKind, counts: dict[str, tuple[str, int]], filters: Filters) -> Iterator[Choice]:
    """Choices in the vocabulary's order, or the most frequent first; a chosen one stays even when nothing is left of it."""
    chosen = filters.of(kind.key)
    totals = {value: total for value, (_words, total) in counts.items()} | dict.fromkeys(set(chosen) - set(counts), 0)
    known = list(ALL[kind.vocabulary]) if kind.vocabulary else []
    order = sorted(
        totals, key=lambda value: (known.index(value) if value in known else len(known), -totals[value], value)
    )
    for value in order[:MOST_CHOICES]:
        words = label(kind.vocabulary, value) if kind.vocabulary else counts.get(value, (value, 0))[0]
        yield Choice(
            value, f"{value} – {_family(value)}" if kind.key == "cpv" else words, totals[value], value in chosen
        )


def _family(division: str) -> str:
    return str(CPV_DIVISIONS.get(division, division))
