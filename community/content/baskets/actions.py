"""Fill a basket, order it, give its variables their values, keep several, share one, leave with a document."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from community.content.baskets.models import Basket, BasketItem, ClauseExport
from community.content.baskets.queries import written
from community.content.clauses.models import Clause, ClauseVersion
from community.content.clauses.variables import renamed, variables_in
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.text import clean_text

MOST_ITEMS = 100
MOST_BASKETS = 50
LONGEST_VALUE = 300
COPY = "copy"
FORGET = "-"


def open_basket_of(user: Any) -> Basket:
    """The basket where what one adds goes; the first one is made on the first use."""
    mine = select(Basket).where(Basket.owner_id == user.id, Basket.is_open)
    basket = db.session.scalars(mine).one_or_none()
    if basket is not None:
        return basket
    try:
        with db.session.begin_nested():
            basket = Basket(owner_id=user.id, name=_("Mon panier"))
            db.session.add(basket)
    except IntegrityError:
        basket = db.session.scalars(mine).one()
    return basket


def create_basket(user: Any, name: str) -> Basket:
    """A new basket, opened."""
    count = db.session.scalar(select(func.count()).select_from(Basket).where(Basket.owner_id == user.id)) or 0
    if count >= MOST_BASKETS:
        raise Invalid(_("%(most)d paniers au plus : supprimez-en un.", most=MOST_BASKETS))
    basket = Basket(owner_id=user.id, name=name[:120], is_open=False)
    db.session.add(basket)
    return open_basket(basket)


def open_basket(basket: Basket) -> Basket:
    """What one adds from now on goes there; the one that was open is closed first."""
    others = update(Basket).where(Basket.owner_id == basket.owner_id, Basket.is_open, Basket.id != basket.id)
    db.session.execute(others.values(is_open=False))
    basket.is_open = True
    db.session.flush()
    return basket


def duplicate_basket(basket: Basket, user: Any, keys: Collection[str] | None = None) -> Basket:
    """A copy of one's own basket, or of one that was shared: clauses, order and values.

    ``keys``: the values that go with it. Those of clauses that its owner took out are nobody else's.
    """
    name = _("%(name)s (copie)", name=basket.name)
    copy = create_basket(user, name)
    copy.values = {key: value for key, value in basket.values.items() if keys is None or key in keys}
    for item in db.session.scalars(select(BasketItem).where(BasketItem.basket_id == basket.id)):
        row = BasketItem(
            basket_id=copy.id, clause_id=item.clause_id, version_id=item.version_id, position=item.position
        )
        db.session.add(row)
    db.session.flush()
    return copy


def delete_basket(basket: Basket) -> None:
    db.session.delete(basket)
    db.session.flush()


def rename_basket(basket: Basket, name: str) -> None:
    basket.name = name[:120]
    _touch(basket)


def share_basket(basket: Basket, shared: bool) -> None:
    """Give the basket a link, or take the link back: an old link never opens it again."""
    if shared and basket.share_key is None:
        basket.share_key = secrets.token_urlsafe(24)
    elif not shared:
        basket.share_key = None


def add_to_basket(basket: Basket, version: ClauseVersion) -> dict[str, str]:
    """Put a validated version in; adding it again changes nothing, another version of the clause takes its place.

    Returns the variables of the former version whose value was carried over: {former name: name}.
    """
    item = _item(basket, version.clause_id)
    if item is not None:
        before = db.session.get_one(ClauseVersion, item.version_id)
        item.version_id = version.id
        _touch(basket)
        return _carry_over(basket, before, version)
    last = select(func.coalesce(func.max(BasketItem.position), 0), func.count()).where(
        BasketItem.basket_id == basket.id
    )
    position, count = db.session.execute(last).one()
    if count >= MOST_ITEMS:
        raise Conflict(_("%(most)d clauses au plus par panier.", most=MOST_ITEMS))
    row = BasketItem(basket_id=basket.id, clause_id=version.clause_id, version_id=version.id, position=position + 1)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return {}
    _touch(basket)
    return {}


def _carry_over(basket: Basket, before: ClauseVersion, after: ClauseVersion) -> dict[str, str]:
    """A variable that only changed its name keeps its value; the former name goes unless another clause has it."""
    held = select(ClauseVersion.data).join(BasketItem, BasketItem.version_id == ClauseVersion.id)
    texts = db.session.scalars(held.where(BasketItem.basket_id == basket.id))
    used = variables_in("\n".join(written(data) for data in texts))
    values, carried = dict(basket.values), {}
    for old, new in renamed(written(before.data), written(after.data)).items():
        for suffix in ("", f"@{after.clause_id}"):
            value = values.get(old + suffix)
            if value and not values.get(new + suffix):
                values[new + suffix], carried[old] = value, new
                if suffix or old not in used:
                    del values[old + suffix]
    basket.values = values
    return carried


def take_out(basket: Basket, clause_id: int) -> None:
    item = _item(basket, clause_id)
    if item is not None:
        db.session.delete(item)
        _touch(basket)


def move_item(basket: Basket, clause_id: int, step: int, neighbours: list[int]) -> None:
    """Exchange a clause with the one before (-1) or after (+1) it in ``neighbours``, its part of the document."""
    if clause_id not in neighbours:
        return
    place = neighbours.index(clause_id) + (1 if step > 0 else -1)
    if not 0 <= place < len(neighbours):
        return
    one, other = _item(basket, clause_id), _item(basket, neighbours[place])
    if one and other:
        one.position, other.position = other.position, one.position
        _touch(basket)


def fill_in(
    basket: Basket, values: Mapping[str, str], names: Iterable[str], former: Mapping[str, str] | None = None
) -> None:
    """Keep the values of the variables asked for; an emptied one is empty again.

    Values given under other names stay, unless ``former`` says otherwise: FORGET, or the variable that takes the value.
    """
    told = {name: clean_text(values.get(name, "")).strip()[:LONGEST_VALUE] for name in names}
    rest = {name: value for name, value in basket.values.items() if name not in told}
    for name, choice in (former or {}).items():
        if choice == FORGET:
            rest.pop(name, None)
        elif name in rest and choice in told and not told[choice]:
            told[choice] = rest.pop(name)
    basket.values = rest | {name: value for name, value in told.items() if value}
    _touch(basket)


def record_export(user: Any, entries: Iterable[Any], form: str) -> None:
    """Count what somebody leaves with, clause by clause."""
    for entry in entries:
        row = ClauseExport(clause_id=entry.clause_id, number=entry.number, member_id=user.id, form=form)
        db.session.add(row)
        _count(entry.clause_id)
    db.session.flush()


def record_copy(user: Any, version: ClauseVersion) -> None:
    """Count a text copied from its page; the same member copying it again within a day is counted once."""
    if user.is_authenticated:
        today = ClauseExport.created_at > now() - timedelta(days=1)
        mine = select(ClauseExport.id).where(ClauseExport.member_id == user.id, ClauseExport.form == COPY, today)
        same = mine.where(ClauseExport.clause_id == version.clause_id, ClauseExport.number == version.number)
        if db.session.scalar(same.limit(1)) is not None:
            return
        row = ClauseExport(clause_id=version.clause_id, number=version.number, member_id=user.id, form=COPY)
        db.session.add(row)
    _count(version.clause_id)
    db.session.flush()


def _count(clause_id: int) -> None:
    counter = update(Clause.__table__).where(Clause.__table__.c.id == clause_id)  # type: ignore[arg-type]
    db.session.execute(counter.values(copies_count=Clause.__table__.c.copies_count + 1))


def _item(basket: Basket, clause_id: int) -> BasketItem | None:
    query = select(BasketItem).where(BasketItem.basket_id == basket.id, BasketItem.clause_id == clause_id)
    return db.session.scalars(query).one_or_none()


def _touch(basket: Basket) -> None:
    basket.updated_at = now()
    db.session.flush()
