"""A list and its facets: what was asked in the address, the list narrowed by it, and the counts. One statement for all counts.

A facet counts with every other filter applied and its own left out, so that one may change one's mind; and it only
counts what the reader may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, literal, select, true, union_all
from werkzeug.datastructures import MultiDict

from community.abilities.facets.kinds import Choice, ColumnFacet, Facet
from community.contributions.models import Contribution
from community.core.db import db
from community.permissions import is_out, visible_to

MOST_VALUES = 12
LONGEST_VALUE = 160


class Group(NamedTuple):
    """A facet as the page shows it."""

    name: str
    title: Any
    choices: list[Choice]


@dataclass(frozen=True)
class Filters:
    """The chosen values of each facet, by its name in addresses; only the facets that are chosen.

    Values of one facet add up (« ou »), facets narrow each other (« et »). ``found`` are the contributions that a search
    of words found, when words narrow the list too.
    """

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    found: tuple[int, ...] | None = None

    def __bool__(self) -> bool:
        return bool(self.chosen) or self.found is not None


class FacetedList:
    """The list of one kind of contribution, and the facets that it declares."""

    def __init__(self, model: type[Contribution], *facets: Facet) -> None:
        self.table = model.__table__
        self.facets = {facet.name: facet for facet in facets}
        columns = [facet for facet in facets if isinstance(facet, ColumnFacet)]
        self.row = {"id": self.table.c.id, "community_id": Contribution.community_id}
        self.row |= {facet.name: facet.expression for facet in columns}
        self.hidden = {facet.name: facet.hidden for facet in columns if facet.hidden}

    def asked(self, args: MultiDict[str, str]) -> Filters:
        """What an address chooses, facet by facet; what is empty or beyond measure is left out."""
        values = {name: (value.strip()[:LONGEST_VALUE] for value in args.getlist(name)) for name in self.facets}
        kept = {name: tuple(dict.fromkeys(filter(None, asked)))[:MOST_VALUES] for name, asked in values.items()}
        return Filters({name: chosen for name, chosen in kept.items() if chosen})

    def narrow(self, query: Select[Any], filters: Filters) -> Select[Any]:
        """The list's query (on Contribution and the kind's table) with the filters applied."""
        return query.where(*self._conditions(filters, self.row))

    def counted(self, user: Any, filters: Filters) -> list[Group]:
        """Every facet that has something to offer, with its counts, as ``user`` may see them. One statement."""
        seen = self._seen(user)
        counts: dict[str, dict[str, tuple[str, int]]] = {name: {} for name in self.facets}
        parts = [self._count(facet, seen, filters) for facet in self.facets.values()]
        for row in db.session.execute(union_all(*parts)):
            if row.value:
                counts[row.facet][row.value] = (row.words, row.total)
        groups = [
            Group(name, facet.title, list(facet.choices(counts[name], filters.chosen.get(name, ()))))
            for name, facet in self.facets.items()
        ]
        return [group for group in groups if group.choices]

    def _seen(self, user: Any) -> CTE:
        """The rows that this reader may see, with the columns that facets count."""
        columns = [column.label(name) for name, column in self.row.items()]
        query = select(*columns).select_from(Contribution).join(self.table, self.table.c.id == Contribution.id)
        return query.where(is_out(), visible_to(user)).cte("seen")

    def _conditions(self, filters: Filters, row: Mapping[str, Any], left_out: str = "") -> list[ColumnElement[bool]]:
        others = {name: values for name, values in filters.chosen.items() if name != left_out}
        found = [self.facets[name].condition(row, values) for name, values in others.items()]
        if filters.found is not None:
            found.append(row["id"].in_(filters.found))
        hidden = {name: value for name, value in self.hidden.items() if name not in (*others, left_out)}
        return found + [row[name] != value for name, value in hidden.items()]

    def _count(self, facet: Facet, seen: CTE, filters: Filters) -> Select[Any]:
        """(facet, value, words, total) rows of one facet, its own filter left out."""
        value, words, query = facet.grouping(seen)
        columns = (literal(facet.name).label("facet"), value.label("value"), words.label("words"))
        return (
            query.with_only_columns(*columns, facet.total(seen).label("total"))
            .where(true(), *self._conditions(filters, seen.c, facet.name))
            .group_by(value, words)
        )
