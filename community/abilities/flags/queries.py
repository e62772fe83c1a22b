"""Reads of reports: what one reported and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from community.abilities.flags.models import Flag, FlagCase
from community.contributions.models import Contribution
from community.core.db import db
from community.core.paging import Key, Page, paginate
from community.people.accounts.models import Member
from community.permissions import is_out, visible_to


@dataclass(frozen=True)
class Told:
    """One report of mine; ``page`` is what it is about while I may still see it (a row with kind, id and title)."""

    row: Any
    page: Any


def my_flags(user: Any, cursor: str | None = None) -> Page:
    """This person's reports, latest first, with their outcome. Two statements."""
    query = (
        select(
            Flag.id,
            Flag.reason,
            Flag.words,
            Flag.created_at,
            FlagCase.contribution_id,
            FlagCase.comment_id,
            FlagCase.author_id,
            FlagCase.closed_at,
            FlagCase.outcome,
            Member.display_name.label("author_name"),
        )
        .join(FlagCase, FlagCase.id == Flag.case_id)
        .join(Member, Member.id == FlagCase.author_id)
        .where(Flag.reporter_id == user.id)
    )
    page = paginate(query, (Key(Flag.id, "id"),), cursor)
    seen = _pages(user, [row.contribution_id for row in page if row.contribution_id])
    return Page([Told(row, seen.get(row.contribution_id)) for row in page], page.older, page.newer)


def _pages(user: Any, ids: list[int]) -> dict[int, Any]:
    """What these contributions are called, as far as this person may see them now."""
    if not ids:
        return {}
    thread = aliased(Contribution, flat=True)
    query = (
        select(
            Contribution.id,
            Contribution.kind,
            Contribution.title,
            Contribution.thread_id,
            thread.title.label("thread_title"),
        )
        .outerjoin(thread, thread.id == Contribution.thread_id)
        .where(Contribution.id.in_(ids), is_out(), visible_to(user))
    )
    return {row.id: row for row in db.session.execute(query)}
