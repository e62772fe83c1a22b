"""Facets of the list: what it may be narrowed by, and how many sheets each choice would leave. One statement for all.

A facet counts with every other filter applied and its own left out, so that one may change one's mind; and it only
counts what the reader may see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import CTE, ColumnElement, Select, String, and_, cast, exists, extract, func, literal, select, union_all
from sqlalchemy.orm import aliased
from werkzeug.datastructures import MultiDict

from community.abilities.tags.models import Classification, Tag, Tagging
from community.content.sheets.models import Sheet
from community.contributions.models import Contribution
from community.core.db import db
from community.core.territories import DEPARTEMENTS, REGIONS, territory_name, within
from community.core.vocab import ALL, label
from community.people.communities.models import Community
from community.permissions import is_out, visible_to

#: a sheet's own columns
S = Sheet.__table__.c
MOST_CHOICES = 40
MOST_VALUES = 12


@dataclass(frozen=True)
class FacetKind:
    """A facet: its name in addresses, its title, and its vocabulary when it has one."""

    key: str
    title: Any
    vocabulary: str = ""


KINDS = (
    FacetKind("nature", _l("Nature"), "contract_type"),
    FacetKind("procedure", _l("Procédure"), "procedure"),
    FacetKind("organisme", _l("Type d’organisme"), "organisation_type"),
    FacetKind("dimension", _l("Dimension"), "dimension"),
    FacetKind("phase", _l("Phase d’achat"), "phase"),
    FacetKind("montant", _l("Montant"), "amount_band"),
    FacetKind("territoire", _l("Territoire")),
    FacetKind("annee", _l("Année de notification")),
    FacetKind("communaute", _l("Communauté")),
    FacetKind("etiquette", _l("Étiquette")),
)
#: facets that are a column of the list's rows
COLUMNS = ("nature", "procedure", "organisme", "phase", "montant", "territoire", "annee")


@dataclass(frozen=True)
class Filters:
    """The chosen values of each facet, by its name in addresses; only the facets that are chosen.

    Values of one facet add up (« ou »), facets narrow each other (« et »).
    """

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> Filters:
        values = {kind.key: dict.fromkeys(v.strip()[:80] for v in args.getlist(kind.key)) for kind in KINDS}
        return cls(
            {key: found for key, asked in values.items() if (found := tuple(v for v in asked if v)[:MOST_VALUES])}
        )

    def __bool__(self) -> bool:
        return bool(self.chosen)

    def of(self, key: str) -> tuple[str, ...]:
        return self.chosen.get(key, ())

    def without(self, key: str) -> dict[str, tuple[str, ...]]:
        return {name: values for name, values in self.chosen.items() if name != key}


class Choice(NamedTuple):
    """One value of a facet: how many sheets it leaves, and whether it is chosen now."""

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
    """The list's query (on Contribution and Sheet) with the filters applied."""
    columns = {
        "id": S.id,
        "community_id": Contribution.community_id,
        "nature": S.contract_type,
        "procedure": S.procedure,
        "organisme": S.organisation_type,
        "phase": Contribution.phase,
        "montant": S.amount_band,
        "territoire": Contribution.territory,
        "annee": _year(),
    }
    return query.where(*(_condition(key, values, columns) for key, values in filters.chosen.items()))


def facets_of(user: Any, filters: Filters) -> list[Facet]:
    """Every facet that has something to offer, with its counts, as ``user`` may see them. One statement."""
    seen = _seen(user)
    counts: dict[str, dict[str, tuple[str, int]]] = {kind.key: {} for kind in KINDS}
    for row in db.session.execute(union_all(*(_count(kind.key, seen, filters) for kind in KINDS))):
        if row.value is not None:
            counts[row.facet][row.value] = (row.words, row.total)
    facets = [Facet(kind.key, kind.title, list(_choices(kind, counts[kind.key], filters))) for kind in KINDS]
    return [facet for facet in facets if facet.choices]


def _seen(user: Any) -> CTE:
    """The sheets that this reader may see, with the columns that facets count."""
    return (
        select(
            S.id,
            Contribution.community_id,
            S.contract_type.label("nature"),
            S.procedure.label("procedure"),
            S.organisation_type.label("organisme"),
            Contribution.phase.label("phase"),
            S.amount_band.label("montant"),
            Contribution.territory.label("territoire"),
            _year().label("annee"),
        )
        .select_from(Contribution)
        .join(Sheet.__table__, S.id == Contribution.id)
        .where(is_out(), visible_to(user))
        .cte("seen")
    )


def _year() -> ColumnElement[str]:
    return cast(extract("year", S.notified_on), String)


def _condition(key: str, values: tuple[str, ...], columns: Mapping[str, Any]) -> ColumnElement[bool]:
    if key == "territoire":
        return columns[key].in_([part for value in values for part in within(value)])
    if key == "communaute":
        place = aliased(Community)  # the list's own query reads communities too
        return exists().where(place.id == columns["community_id"], place.slug.in_(values))
    if key == "etiquette":
        return exists().where(Tagging.contribution_id == columns["id"], Tag.id == Tagging.tag_id, Tag.slug.in_(values))
    if key == "dimension":
        return exists().where(
            Classification.contribution_id == columns["id"],
            Classification.scheme == "dimension",
            Classification.code.in_(values),
        )
    return columns[key].in_(values)


def _count(key: str, seen: CTE, filters: Filters) -> Select[Any]:
    """(facet, value, words, total) rows of one facet, its own filter left out."""
    columns = {name: seen.c[name] for name in ("id", "community_id", *COLUMNS)}
    others = and_(
        *(_condition(name, values, columns) for name, values in filters.without(key).items()), literal(1) == 1
    )
    value, words, query = _grouping(key, seen)
    return (
        query.with_only_columns(
            literal(key).label("facet"), value.label("value"), words.label("words"), func.count().label("total")
        )
        .where(others)
        .group_by(value, words)
    )


def _grouping(key: str, seen: CTE) -> tuple[Any, Any, Select[Any]]:
    base = select(seen.c.id).select_from(seen)
    if key == "communaute":
        return Community.slug, Community.name, base.join(Community, Community.id == seen.c.community_id)
    if key == "etiquette":
        tagged = base.join(Tagging, Tagging.contribution_id == seen.c.id).join(Tag, Tag.id == Tagging.tag_id)
        return Tag.slug, Tag.label, tagged
    if key == "dimension":
        filed = (Classification.contribution_id == seen.c.id) & (Classification.scheme == "dimension")
        return Classification.code, Classification.code, base.join(Classification, filed)
    return seen.c[key], seen.c[key], base


def _choices(kind: FacetKind, counts: dict[str, tuple[str, int]], filters: Filters) -> Iterator[Choice]:
    """Choices in the vocabulary's order, or the most frequent first; a chosen one stays even when it holds nothing."""
    chosen = filters.of(kind.key)
    totals = {value: total for value, (_words, total) in counts.items()} | dict.fromkeys(set(chosen) - set(counts), 0)
    if kind.key == "territoire":
        yield from _territories(totals, chosen)
        return
    if kind.vocabulary:
        known = list(ALL[kind.vocabulary])
        order = sorted(totals, key=lambda value: (known.index(value) if value in known else len(known), value))
    elif kind.key == "annee":
        order = sorted(totals, reverse=True)
    else:
        order = sorted(totals, key=lambda value: (value not in chosen, -totals[value], value))
    for value in order[:MOST_CHOICES]:
        words = label(kind.vocabulary, value) if kind.vocabulary else counts.get(value, (value, 0))[0]
        yield Choice(value, words, totals[value], value in chosen)


def _territories(totals: dict[str, int], chosen: tuple[str, ...]) -> Iterator[Choice]:
    """Régions with their départements counted in; the départements of a chosen région follow it."""
    opened = {DEPARTEMENTS[code][1] if code in DEPARTEMENTS else code for code in chosen}
    sums = {code: sum(totals.get(part, 0) for part in within(code)) for code in REGIONS}
    for code in sorted(REGIONS, key=lambda code: (-sums[code], REGIONS[code])):
        if sums[code] or code in opened:
            yield Choice(code, REGIONS[code], sums[code], code in chosen)
        if code in opened:
            parts = [part for part in within(code)[1:] if part in totals]
            yield from (Choice(part, f"{part} {territory_name(part)}", totals[part], part in chosen) for part in parts)
    overseas = sorted(code for code in totals if code in DEPARTEMENTS and not DEPARTEMENTS[code][1])
    yield from (Choice(code, territory_name(code), totals[code], code in chosen) for code in overseas)
