"""What the people of the demo did with clauses: the uses that they tell, and the baskets that they keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from community.content.baskets.actions import add_to_basket, create_basket, fill_in, share_basket
from community.content.clauses.feedback import tell_use
from community.content.clauses.models import Clause, ClauseVersion
from community.core.clock import at
from community.core.db import db

if TYPE_CHECKING:
    from community.seeds.tell import Story

TOLD = ("adapted", "outcome", "context", "result")


def tell_uses(story: Story) -> None:
    """In the order in which they were told: a clause's page shows the latest first."""
    for record in sorted(story.read("uses"), key=lambda record: -record["days_ago"]):
        clause = db.session.get(Clause, story.clauses[record["clause"]])
        fields = {name: record[name] for name in TOLD}
        with at(story.days_ago(record["days_ago"])):
            tell_use(
                clause,
                story.user(record["member"]),
                record["version"],
                sheet_id=story.sheets[record["sheet"]] if "sheet" in record else None,
                **fields,
            )


def tell_baskets(story: Story) -> None:
    """The last basket of each member is the one that is open."""
    for record in sorted(story.read("baskets"), key=lambda record: -record["days_ago"]):
        with at(story.days_ago(record["days_ago"])):
            _tell_basket(story, record)


def _tell_basket(story: Story, record: dict[str, Any]) -> None:
    basket = create_basket(story.user(record["member"]), record["name"])
    for place in record["clauses"]:
        key, _at, number = place.partition("@")
        add_to_basket(basket, _version(story.clauses[key], int(number)))
    fill_in(basket, record["values"], record["values"])
    share_basket(basket, record["shared"])


def _version(clause_id: int, number: int) -> ClauseVersion:
    query = select(ClauseVersion).where(ClauseVersion.clause_id == clause_id, ClauseVersion.number == number)
    return db.session.scalars(query).one()
