"""The kinds of facets: a column, a year, a territory, a code of a closed list, a tag, the community.

A facet knows the condition that its chosen values put on a row, how rows are grouped by its values, and in what order and words
these are proposed. A row is a mapping of columns: ``id``, ``community_id`` and, by its name, the column of each ColumnFacet.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, String, cast, exists, extract, func, select
from sqlalchemy.orm import aliased

from community.abilities.tags.cpv import family_name
from community.abilities.tags.models import Classification, Tag, Tagging
from community.core.territories import DEPARTEMENTS, REGIONS, territory_name, within
from community.core.vocab import ALL, label
from community.people.communities.models import Community

MOST_CHOICES = 40
#: what a facet found: the words and the number of rows of each value
Counts = Mapping[str, tuple[str, int]]


class Choice(NamedTuple):
    """One value of a facet: how many rows it leaves, and whether it is chosen now."""

    value: str
    words: str
    count: int
    chosen: bool = False


@dataclass(frozen=True)
class Facet(ABC):
    """A facet by its name in addresses and its title, with its vocabulary when its values are codes of one."""

    name: str
    title: Any
    _: KW_ONLY
    vocabulary: str = ""

    @abstractmethod
    def condition(self, row: Mapping[str, Any], values: tuple[str, ...]) -> ColumnElement[bool]:
        """What a row must meet to have one of these values."""

    @abstractmethod
    def grouping(self, seen: CTE) -> tuple[Any, Any, Select[Any]]:
        """The value, its words, and the rows to count by them."""

    def total(self, seen: CTE) -> ColumnElement[int]:
        return func.count()

    def choices(self, counts: Counts, chosen: tuple[str, ...]) -> Iterator[Choice]:
        """The values to propose, in order; a chosen one stays even when nothing is left of it."""
        totals = {value: counts[value][1] if value in counts else 0 for value in (*counts, *chosen)}
        for value in self.order(totals, chosen)[:MOST_CHOICES]:
            yield Choice(value, self.words(value, counts), totals[value], value in chosen)

    def order(self, totals: Mapping[str, int], chosen: tuple[str, ...]) -> list[str]:
        """The vocabulary's order; without one, the chosen values, then the most frequent."""
        known = list(ALL[self.vocabulary]) if self.vocabulary else []
        if known:
            return sorted(totals, key=lambda value: (known.index(value) if value in known else len(known), value))
        return sorted(totals, key=lambda value: (value not in chosen, -totals[value], value))

    def words(self, value: str, counts: Counts) -> str:
        return label(self.vocabulary, value) if self.vocabulary else counts.get(value, (value, 0))[0]


@dataclass(frozen=True)
class ColumnFacet(Facet):
    """A column of the row. ``hidden`` is a value that is listed only when somebody chooses in this facet."""

    column: Any
    hidden: str = ""

    @property
    def expression(self) -> Any:
        return self.column

    def condition(self, row: Mapping[str, Any], values: tuple[str, ...]) -> ColumnElement[bool]:
        return row[self.name].in_(values)

    def grouping(self, seen: CTE) -> tuple[Any, Any, Select[Any]]:
        return seen.c[self.name], seen.c[self.name], select(seen.c.id).select_from(seen)


@dataclass(frozen=True)
class YearFacet(ColumnFacet):
    """The year of a date, latest first."""

    @property
    def expression(self) -> Any:
        return cast(extract("year", self.column), String)

    def order(self, totals: Mapping[str, int], chosen: tuple[str, ...]) -> list[str]:
        return sorted(totals, reverse=True)


@dataclass(frozen=True)
class TerritoryFacet(ColumnFacet):
    """Régions with their départements counted in; the départements of a chosen région follow it."""

    def condition(self, row: Mapping[str, Any], values: tuple[str, ...]) -> ColumnElement[bool]:
        return row[self.name].in_([part for value in values for part in within(value)])

    def choices(self, counts: Counts, chosen: tuple[str, ...]) -> Iterator[Choice]:
        totals = {value: counts[value][1] if value in counts else 0 for value in (*counts, *chosen)}
        opened = {DEPARTEMENTS[code][1] if code in DEPARTEMENTS else code for code in chosen}
        sums = {code: sum(totals.get(part, 0) for part in within(code)) for code in REGIONS}
        for code in sorted(REGIONS, key=lambda code: (-sums[code], REGIONS[code])):
            if sums[code] or code in opened:
                yield Choice(code, REGIONS[code], sums[code], code in chosen)
            for part in within(code)[1:] if code in opened else ():
                if part in totals:
                    yield Choice(part, f"{part} {territory_name(part)}", totals[part], part in chosen)
        for code in sorted(code for code in totals if code in DEPARTEMENTS and not DEPARTEMENTS[code][1]):
            yield Choice(code, territory_name(code), totals[code], code in chosen)


@dataclass(frozen=True)
class CodeFacet(Facet):
    """A code of a closed list (``scheme`` of Classification)."""

    scheme: str

    def code(self, filing: Any) -> Any:
        return filing.code

    def condition(self, row: Mapping[str, Any], values: tuple[str, ...]) -> ColumnElement[bool]:
        filing = aliased(Classification, flat=True)  # the count of another facet may read this table too
        return exists().where(
            filing.contribution_id == row["id"], filing.scheme == self.scheme, self.code(filing).in_(values)
        )

    def grouping(self, seen: CTE) -> tuple[Any, Any, Select[Any]]:
        filed = (Classification.contribution_id == seen.c.id) & (Classification.scheme == self.scheme)
        code = self.code(Classification)
        return code, code, select(seen.c.id).select_from(seen).join(Classification, filed)


@dataclass(frozen=True)
class FamilyFacet(CodeFacet):
    """The divisions of CPV codes: a row that has several codes of one division counts once in it."""

    scheme: str = "cpv"

    def code(self, filing: Any) -> Any:
        return func.substr(filing.code, 1, 2)

    def condition(self, row: Mapping[str, Any], values: tuple[str, ...]) -> ColumnElement[bool]:
        return super().condition(row, tuple(value[:2] for value in values))

    def total(self, seen: CTE) -> ColumnElement[int]:
        return func.count(seen.c.id.distinct())

    def words(self, value: str, counts: Counts) -> str:
        return family_name(value)


@dataclass(frozen=True)
class TagFacet(Facet):
    """The tags of the row."""

    def condition(self, row: Mapping[str, Any], values: tuple[str, ...]) -> ColumnElement[bool]:
        tagging, tag = aliased(Tagging, flat=True), aliased(Tag, flat=True)
        return exists().where(tagging.contribution_id == row["id"], tag.id == tagging.tag_id, tag.slug.in_(values))

    def grouping(self, seen: CTE) -> tuple[Any, Any, Select[Any]]:
        tagged = select(seen.c.id).select_from(seen).join(Tagging, Tagging.contribution_id == seen.c.id)
        return Tag.slug, Tag.label, tagged.join(Tag, Tag.id == Tagging.tag_id)


@dataclass(frozen=True)
class CommunityFacet(Facet):
    """The community that the row was published in."""

    def condition(self, row: Mapping[str, Any], values: tuple[str, ...]) -> ColumnElement[bool]:
        place = aliased(Community, flat=True)  # the list's own query reads communities too
        return exists().where(place.id == row["community_id"], place.slug.in_(values))

    def grouping(self, seen: CTE) -> tuple[Any, Any, Select[Any]]:
        rows = select(seen.c.id).select_from(seen).join(Community, Community.id == seen.c.community_id)
        return Community.slug, Community.name, rows
