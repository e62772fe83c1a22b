"""Facets of the list: what it may be narrowed by, and how many sheets each choice would leave. One statement for all.

A facet counts with every other filter applied and its own left out, so that one may change one's mind; and it only counts
what the reader may see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CTE, ColumnElement, Select, String, and_, cast, exists, extract, func, literal, select, union_all

from community.abilities.tags.models import Classification, Tag, Tagging
from community.content.sheets.models import Sheet
from community.contributions.models import Contribution
from community.core.db import db
from community.core.territories import DEPARTEMENTS, REGIONS, territory_name, within
from community.core.vocab import ALL, label
from community.people.communities.models import Community
from community.permissions import is_out, visible_to

MOST_CHOICES = 40


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
    """The chosen value of each facet, by its name in addresses; only those that are chosen."""

    chosen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Filters:
        values = {kind.key: args.get(kind.key, "").strip()[:80] for kind in KINDS}
        return cls({key: value for key, value in values.items() if value})

    def __bool__(self) -> bool:
        return bool(self.chosen)

    def with_(self, key: str, value: str) -> dict[str, str]:
        """The address's arguments with one more choice."""
        return {**self.chosen, key: value}

    def without(self, key: str) -> dict[str, str]:
        return {name: value for name, value in self.chosen.items() if name != key}


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many sheets it leaves, and whether it is chosen now."""

    value: str
    words: str
    count: int
    chosen: bool = False


@dataclass(frozen=True)
class Facet:
    key: str
    title: Any
    choices: list[Choice]

    @property
    def chosen(self) -> Choice | None:
        return next((choice for choice in self.choices if choice.chosen), None)


def narrowed(query: Select[Any], filters: Filters) -> Select[Any]:
    """The list's query (on Contribution and Sheet) with the filters applied."""
    columns = _columns(Contribution, Sheet, Sheet.id)
    return query.where(*(_condition(key, value, columns) for key, value in filters.chosen.items()))


def facets_of(user: Any, filters: Filters) -> list[Facet]:
    """Every facet with its counts, as ``user`` may see them. One statement."""
    seen = _seen(user)
    counts: dict[str, dict[str, tuple[str, int]]] = {kind.key: {} for kind in KINDS}
    for row in db.session.execute(union_all(*(_count(kind.key, seen, filters) for kind in KINDS))):
        if row.value is not None:
            counts[row.facet][row.value] = (row.words, row.total)
    return [Facet(kind.key, kind.title, list(_choices(kind, counts[kind.key], filters))) for kind in KINDS]


def chips(facets: list[Facet], filters: Filters) -> list[tuple[str, str, str]]:
    """Active filters as (facet's title, words, key to drop); a value that nothing holds keeps its own words."""
    found = []
    for facet in facets:
        if value := filters.chosen.get(facet.key):
            found.append(
                (str(facet.title), facet.chosen.words if facet.chosen else _words(facet.key, value), facet.key)
            )
    return found


def _seen(user: Any) -> CTE:
    """The sheets that this reader may see, with the columns that facets count."""
    return (
        select(
            Sheet.id,
            Contribution.community_id,
            Sheet.contract_type.label("nature"),
            Sheet.procedure.label("procedure"),
            Sheet.organisation_type.label("organisme"),
            Contribution.phase.label("phase"),
            Sheet.amount_band.label("montant"),
            Contribution.territory.label("territoire"),
            cast(extract("year", Sheet.notified_on), String).label("annee"),
        )
        .select_from(Contribution)
        .join(Sheet, Sheet.id == Contribution.id)
        .where(is_out(), visible_to(user))
        .cte("seen")
    )


def _columns(spine: Any, sheet: Any, id: Any) -> dict[str, Any]:
    return {
        "id": id,
        "community_id": spine.community_id,
        "nature": sheet.contract_type,
        "procedure": sheet.procedure,
        "organisme": sheet.organisation_type,
        "phase": spine.phase,
        "montant": sheet.amount_band,
        "territoire": spine.territory,
        "annee": cast(extract("year", sheet.notified_on), String),
    }


def _condition(key: str, value: str, columns: Mapping[str, Any]) -> ColumnElement[bool]:
    if key == "territoire":
        return columns["territoire"].in_(within(value))
    if key == "communaute":
        return exists().where(Community.id == columns["community_id"], Community.slug == value)
    if key == "etiquette":
        return exists().where(Tagging.contribution_id == columns["id"], Tag.id == Tagging.tag_id, Tag.slug == value)
    if key == "dimension":
        return exists().where(
            Classification.contribution_id == columns["id"],
            Classification.scheme == "dimension",
            Classification.code == value,
        )
    return columns[key] == value


def _count(key: str, seen: CTE, filters: Filters) -> Select[Any]:
    """(facet, value, words, total) rows of one facet, its own filter left out."""
    columns = {name: seen.c[name] for name in ("id", "community_id", *COLUMNS)}
    others = and_(*(_condition(name, value, columns) for name, value in filters.without(key).items()), literal(1) == 1)
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
    """Choices in the vocabulary's order, or the most frequent first."""
    chosen = filters.chosen.get(kind.key)
    totals = {value: total for value, (_words_, total) in counts.items()}
    if kind.key == "territoire":
        yield from _territories(totals, chosen)
        return
    if kind.vocabulary:
        order = [value for value in ALL[kind.vocabulary] if value in totals]
        order += sorted(set(totals) - set(order))
    elif kind.key == "annee":
        order = sorted(totals, reverse=True)
    else:
        order = sorted(totals, key=lambda value: (-totals[value], counts[value][0]))
    for value in order[:MOST_CHOICES]:
        words = label(kind.vocabulary, value) if kind.vocabulary else counts[value][0]
        yield Choice(value, words, totals[value], value == chosen)


def _territories(totals: dict[str, int], chosen: str | None) -> Iterator[Choice]:
    """Régions with their départements counted in; the départements of the chosen région follow it."""
    region = DEPARTEMENTS[chosen][1] if chosen in DEPARTEMENTS else chosen
    sums = {code: sum(totals.get(part, 0) for part in within(code)) for code in REGIONS}
    for code in sorted(REGIONS, key=lambda code: (-sums[code], REGIONS[code])):
        if sums[code]:
            yield Choice(code, REGIONS[code], sums[code], code == chosen)
        if code == region:
            parts = (part for part in within(code)[1:] if part in totals)
            yield from (Choice(part, f"{part} {territory_name(part)}", totals[part], part == chosen) for part in parts)
    for code in sorted(set(totals) & {code for code, (_name, parent) in DEPARTEMENTS.items() if not parent}):
        yield Choice(code, territory_name(code), totals[code], code == chosen)


def _words(key: str, value: str) -> str:
    kind = next(kind for kind in KINDS if kind.key == key)
    return label(kind.vocabulary, value) if kind.vocabulary else territory_name(value) if key == "territoire" else value
