"""The texts of a pseudonym whose owner left and wanted them gone: each page goes on a day drawn at random.

The seal is destroyed with the account. What is left is the number of a page and a day: nothing that leads to anybody.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.people.accounts.pseudonyms import is_pseudonym
from community.services.personal_data.erasure_texts import settle_texts
from community.services.personal_data.models import LateFarewell

#: between so many days after the account is emptied; the whole stays within the month that the law gives, or near it
SOONEST, LATEST = timedelta(days=1), timedelta(days=15)


def put_off(aliases: Sequence[int]) -> None:
    """Note the pages that these pseudonyms opened. Doing it again changes nothing."""
    noted = select(LateFarewell.contribution_id)
    pages = select(Contribution.id).where(Contribution.author_id.in_(aliases), Contribution.thread_id.is_(None))
    for id in db.session.scalars(pages.where(Contribution.id.not_in(noted))).all():
        wait = secrets.randbelow(int((LATEST - SOONEST).total_seconds()))
        db.session.add(LateFarewell(contribution_id=id, due_at=now() + SOONEST + timedelta(seconds=wait)))


def due_farewells() -> Sequence[int]:
    due = select(LateFarewell.contribution_id).where(LateFarewell.due_at <= now()).order_by(LateFarewell.due_at)
    return db.session.scalars(due.limit(100)).all()


def say_farewell(contribution_id: int) -> None:
    """What the pseudonym of this page wrote on it goes, where nobody built upon it."""
    page = db.session.get(Contribution, contribution_id)
    if page is not None and is_pseudonym(page.author_id):
        settle_texts([page.author_id], remove_own=True)
    note = db.session.get(LateFarewell, contribution_id)
    if note is not None:
        db.session.delete(note)
