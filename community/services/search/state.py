"""What the results page needs from the database before it searches, in one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal, select

from community.core.db import db
from community.services.search.following import signature
from community.services.search.models import FollowedSearch
from community.services.search.results import Query
from community.services.search.synonyms import version_columns


def state_of(user: Any, query: Query) -> tuple[tuple[Any, Any], int | None]:
    """The version of the synonyms, and the id of this search among those that ``user`` follows (None when it is not)."""
    mine = select(FollowedSearch.id).where(
        FollowedSearch.member_id == (user.id or 0), FollowedSearch.signature == signature(query)
    )
    followed = mine.scalar_subquery() if user.is_authenticated else literal(None)
    row = db.session.execute(select(*version_columns(), followed.label("followed"))).one()
    return (row.latest, row.groups), row.followed
