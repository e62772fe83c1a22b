"""Reads of a contribution's history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from community.abilities.revisions.models import Revision
from community.core.db import db
from community.core.errors import NotFound
from community.people.accounts.models import Member


def history(contribution_id: int) -> list[Any]:
    """Every revision, newest first, with its editor's name (data included: the page shows the differences)."""
    query = (
        select(
            Revision.number, Revision.note, Revision.created_at, Revision.data, Revision.editor_id, Member.display_name
        )
        .join(Member, Member.id == Revision.editor_id)
        .where(Revision.contribution_id == contribution_id)
        .order_by(Revision.number.desc())
        .limit(200)
    )
    return list(db.session.execute(query))


def revision(contribution_id: int, number: int) -> Revision:
    query = select(Revision).where(Revision.contribution_id == contribution_id, Revision.number == number)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound()
    return found
