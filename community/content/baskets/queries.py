"""Reads of baskets: what one holds, part by part, and what is missing or contradicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from community.content.baskets.models import Basket, BasketItem
from community.content.clauses.models import Clause, ClauseRelation, ClauseVersion
from community.content.clauses.variables import Variable, around, defined, shown, variables_in
from community.contributions.models import Contribution
from community.core import vocab
from community.core.db import db
from community.core.errors import NotFound
from community.core.slugs import slugify
from community.core.text import plain_text
from community.permissions import is_out, visible_to

#: texts of a clause that a document takes over, hence whose variables are asked for
WRITTEN = ("text", "penalty")


def written(data: Mapping[str, Any]) -> str:
    """What a document takes over of a version, as one text."""
    return "\n".join(data[name] for name in WRITTEN)


@dataclass(frozen=True)
class Entry:
    """A clause version in a basket, as far as its reader may see it."""

    clause_id: int
    version_id: int
    number: int
    current_number: int
    state: str
    data: dict[str, Any]
    html: dict[str, str]
    validated_at: Any

    @property
    def title(self) -> str:
        return self.data["title"]

    @property
    def document(self) -> str:
        return self.data["target_document"]

    @property
    def slug(self) -> str:
        return slugify(self.title)

    @property
    def variables(self) -> list[str]:
        return variables_in(written(self.data))

    def read(self, name: str, values: Mapping[str, str]) -> str:
        """A text of the clause as it will be carried away: HTML, with the values given so far."""
        return shown(self.html.get(name, ""), self.known, linked=False, values=self.values_in(values))

    @property
    def known(self) -> dict[str, Variable]:
        """What this version says of its variables."""
        return defined(self.data)

    def own_key(self, name: str) -> str:
        """Where a basket keeps the value of a variable for this clause alone (no variable's name has an @)."""
        return f"{name}@{self.clause_id}"

    def values_in(self, values: Mapping[str, str]) -> dict[str, str]:
        """The values that this clause takes: its own first, else those of the whole basket."""
        own = {name: values.get(self.own_key(name)) or values.get(name, "") for name in self.variables}
        return {name: value for name, value in own.items() if value}

    def around(self, name: str) -> tuple[str, str]:
        """The few words before and after a variable of this clause."""
        written = next(part for part in WRITTEN if name in variables_in(self.data[part]))
        return around(plain_text(self.data[written]), name, self.known)


@dataclass(frozen=True)
class Asked:
    """A variable as a basket asks for it: its field for all clauses, and one for each clause when several use it."""

    name: str
    entries: list[Entry]
    own: list[Entry]

    @property
    def variable(self) -> Variable:
        """As the first clause that defines it says."""
        said = (entry.known.get(self.name) for entry in self.entries)
        return next(filter(None, said), Variable(self.name))

    @property
    def keys(self) -> list[str]:
        return [self.name, *(entry.own_key(self.name) for entry in self.own)]


@dataclass
class Content:
    """A basket's clauses by part of the contract, in order; ``hidden`` are those that this reader may not see (any more)."""

    parts: dict[str, list[Entry]] = field(default_factory=dict)
    hidden: int = 0
    warnings: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        return [entry for part in self.parts.values() for entry in part]

    @property
    def variables(self) -> list[str]:
        return list(dict.fromkeys(name for entry in self.entries for name in entry.variables))

    def asked(self, values: Mapping[str, str]) -> list[Asked]:
        """The variables to fill in. A clause that kept a value of its own keeps its field, so that what counts shows."""
        rows = []
        for name in self.variables:
            uses = [entry for entry in self.entries if name in entry.variables]
            own = uses if len(uses) > 1 else [entry for entry in uses if values.get(entry.own_key(name))]
            rows.append(Asked(name, uses, own))
        return rows

    def asked_by_clause(self, values: Mapping[str, str]) -> list[tuple[Entry, list[Asked]]]:
        """What each clause alone asks for, clause by clause; what several share is asked for apart."""
        alone = [row for row in self.asked(values) if not row.own]
        rows = [(entry, [row for row in alone if row.entries[0] is entry]) for entry in self.entries]
        return [(entry, mine) for entry, mine in rows if mine]

    def former(self, values: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """(key, variable in words, value) given under names that no clause here has now: kept until somebody says so."""
        asked = {key for row in self.asked(values) for key in row.keys}
        return [
            (key, Variable(key.partition("@")[0]).title, value) for key, value in values.items() if key not in asked
        ]


def content_of(basket: Basket, user: Any) -> Content:
    """What a basket holds, as ``user`` may see it. Two statements."""
    spine = aliased(Contribution, flat=True)
    query = (
        select(
            BasketItem.clause_id,
            BasketItem.version_id,
            ClauseVersion.number,
            Clause.__table__.c.current_number,
            ClauseVersion.state,
            ClauseVersion.data,
            ClauseVersion.html,
            ClauseVersion.validated_at,
            (is_out(spine) & visible_to(user, spine)).label("seen"),
        )
        .join(ClauseVersion, ClauseVersion.id == BasketItem.version_id)
        .join(Clause.__table__, Clause.__table__.c.id == BasketItem.clause_id)
        .join(spine, spine.id == BasketItem.clause_id)
        .where(BasketItem.basket_id == basket.id)
        .order_by(BasketItem.position, BasketItem.id)
    )
    content = Content({code: [] for code in vocab.TARGET_DOCUMENTS})
    for row in db.session.execute(query):
        if not row.seen:
            content.hidden += 1
            continue
        entry = Entry(*row[:-1])
        content.parts.setdefault(entry.document, []).append(entry)
    content.parts = {code: entries for code, entries in content.parts.items() if entries}
    content.warnings = _warnings(content.entries, user)
    return content


def _warnings(entries: list[Entry], user: Any) -> list[tuple[str, str, Any]]:
    """(« missing » or « contradicts », title of the clause, the other clause's row). One statement."""
    titles = {entry.clause_id: entry.title for entry in entries}
    if not titles:
        return []
    page = aliased(Contribution, flat=True)
    query = (
        select(
            ClauseRelation.kind.label("relation"),
            ClauseRelation.clause_id,
            page.id,
            page.kind,
            page.title,
            page.thread_id,
            page.state,
            Clause.__table__.c.current_number.label("number"),
        )
        .join(page, page.id == ClauseRelation.target_id)
        .join(Clause.__table__, Clause.__table__.c.id == ClauseRelation.target_id)
        .where(
            ClauseRelation.clause_id.in_(titles),
            ClauseRelation.kind != "variant_of",
            is_out(page),
            visible_to(user, page),
        )
        .order_by(ClauseRelation.clause_id, page.id)
    )
    rows = db.session.execute(query)
    odd = [row for row in rows if (row.relation == "requires") != (row.id in titles)]
    words = {"requires": "missing", "excludes": "contradicts"}
    return [(words[row.relation], titles[row.clause_id], row) for row in odd]


def basket_of(user: Any, id: int) -> Basket:
    """One's own basket; else NotFound."""
    return _one(select(Basket).where(Basket.id == id, Basket.owner_id == user.id))


def shared_basket(key: str) -> Basket:
    """The basket that this link opens (to whom, its view checks); else NotFound."""
    return _one(select(Basket).where(Basket.share_key == key))


def baskets_of(user: Any) -> list[Any]:
    """One's baskets with their number of clauses: the open one, then the latest."""
    counted = select(func.count()).where(BasketItem.basket_id == Basket.id).scalar_subquery()
    query = select(Basket.id, Basket.name, Basket.is_open, Basket.updated_at, Basket.share_key, counted.label("count"))
    return list(
        db.session.execute(
            query.where(Basket.owner_id == user.id).order_by(Basket.is_open.desc(), Basket.updated_at.desc(), Basket.id)
        )
    )


def _one(query: Any) -> Basket:
    basket = db.session.scalars(query).one_or_none()
    if basket is None:
        raise NotFound()
    return basket
