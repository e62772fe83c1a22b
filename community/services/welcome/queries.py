"""The first steps of a new member: what one does in the first days, ticked off as it is done, and gone afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import exists, or_, select

from community.content.baskets.models import Basket, BasketItem
from community.contributions.models import Contribution
from community.core import ports
from community.core.clock import now
from community.core.db import db
from community.people.accounts.models import Expertise, Member

#: after two months somebody knows the house, whatever they did of it
FIRST_DAYS = timedelta(days=60)


@dataclass(frozen=True)
class Step:
    """One thing to do: an icon, words that say what for, where it is done, and whether it was."""

    icon: str
    title: str
    why: str
    url: str
    done: bool


@ports.provide("first_steps")
def first_steps(user: Any) -> list[Step]:
    """The steps, done or not, of a member who joined lately; none once all are done. One statement at most."""
    if not user.is_authenticated or user.created_at is None or now() - user.created_at > FIRST_DAYS:
        return []
    described, wrote, took = _done(user)
    steps = [
        Step(
            "communities",
            _("Choisissez vos communautés"),
            _("Leurs questions viennent sur cette page, et leurs experts vous répondent."),
            url_for("communities.index"),
            bool(user.places),
        ),
        Step(
            "member",
            _("Dites ce que vous connaissez"),
            _("Une ou deux expertises, quelques mots : vos pairs savent à qui ils parlent."),
            url_for("accounts.profile"),
            described,
        ),
        Step(
            "question",
            _("Posez votre première question"),
            _("Une phrase suffit. Ce que vos pairs ont déjà appris s’affiche pendant que vous écrivez."),
            url_for("questions.new"),
            wrote,
        ),
        Step(
            "clause",
            _("Prenez une clause dans le clausier"),
            _("Relue par des pairs, prête à copier ou à emporter dans votre panier."),
            url_for("clauses.index"),
            took,
        ),
    ]
    return [] if all(step.done for step in steps) else steps


def _done(user: Any) -> tuple[bool, bool, bool]:
    """Whether this member described what they know, published something, and put a clause in a basket."""
    described = exists().where(Expertise.member_id == user.person_id)
    told = exists().where(Member.id == user.person_id, Member.bio != "")
    sent = or_(
        Contribution.published_at.is_not(None), Contribution.kind.in_(("question", "answer"))
    )  # read first, maybe
    wrote = exists().where(Contribution.author_id.in_(user.own_ids), sent)
    took = exists().where(Basket.owner_id == user.person_id, BasketItem.basket_id == Basket.id)
    row = db.session.execute(select(described | told, wrote, took)).one()
    return bool(row[0]), bool(row[1]), bool(row[2])
