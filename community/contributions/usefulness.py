"""How useful a member has been: the contributions that peers voted for, accepted or certified. Rights come with it (trust.py)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import false, func, or_, select, update

from community.contributions.models import Contribution
from community.core import ports
from community.core.db import db
from community.people.accounts.models import Member
from community.people.accounts.pseudonyms import Pseudonym, owner_of
from community.permissions import is_out


def count_useful(author_id: int) -> None:
    """Derive the count of the person behind this author again; what a pseudonym wrote counts, and shows nowhere."""
    db.session.flush()
    person = owner_of(author_id)
    if person is not None:
        _count(Member.id == person)


def count_everybody() -> None:
    """The same for every member whose count may be wrong (nightly)."""
    _count(or_(Member.useful_count > 0, Member.id.in_(select(Contribution.author_id).where(_useful()))))


def _count(which: Any) -> None:
    aliases = select(Pseudonym.member_id).where(Pseudonym.owner_id == Member.id).correlate(Member)
    theirs = or_(Contribution.author_id == Member.id, Contribution.author_id.in_(aliases))
    count = select(func.count()).select_from(Contribution).where(theirs, _useful()).correlate(Member).scalar_subquery()
    statement = update(Member).where(which, Member.id > 0).values(useful_count=count)
    db.session.execute(statement.execution_options(synchronize_session=False))


def _useful() -> Any:
    """Out, and voted for, or said to be good by the kind's own rule (an answer accepted or certified)."""
    return is_out() & or_(Contribution.score > 0, ports.call("is_distinguished", default=false()))
