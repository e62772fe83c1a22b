"""Asking without showing one's name: a member row made for one thread, and the seal that says whose it is.

A question asked discreetly has for author a member of state « pseudonym ». Every list, mail, export, index, revision and
notification shows that member, with no special case: they could not show anything else. The row's id is negative and drawn at
random, so that it opens no profile, is mentioned by nobody, and tells neither its owner nor when it was made.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, Model, db
from community.core.slugs import slugify
from community.people.accounts.models import Member

#: what every such name begins with; no member may take a name that begins so
NAME = "Acheteur discret"
STATE = "pseudonym"


class Pseudonym(Model):
    """The seal: whose pseudonym this is, and the one thread where it is used. Read by its owner and by the unsealing."""

    __tablename__ = "pseudonym"
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), unique=True)
    #: the mark of the form that made it: sending the form twice makes one pseudonym, hence one question
    once: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    __table_args__ = (
        Index(
            "uq_pseudonym_once",
            "owner_id",
            "once",
            unique=True,
            sqlite_where=text("once IS NOT NULL"),
            postgresql_where=text("once IS NOT NULL"),
        ),
    )


def take_pseudonym(owner_id: int, once: str | None = None) -> Pseudonym | None:
    """A new pseudonym for this member; None when this very form already made one."""
    member = Member(
        id=-secrets.randbelow(2**31 - 2) - 1,
        email=f"{secrets.token_hex(16)}@pseudonyme.invalid",
        password_hash="!",  # noqa: S106 - not a hash: nothing opens this account
        display_name=f"{NAME} n° {secrets.token_hex(2).upper()}",
        state=STATE,
        digest="never",
    )
    seal = Pseudonym(member_id=member.id, owner_id=owner_id, once=once or None)
    try:
        with db.session.begin_nested():
            db.session.add(member)
            db.session.flush()
            db.session.add(seal)
    except IntegrityError:
        return None
    return seal


def thread_of(owner_id: int, once: str | None) -> int | None:
    """The thread that this form of this member already made under a pseudonym."""
    if not once:
        return None
    return db.session.scalar(select(Pseudonym.thread_id).where(Pseudonym.owner_id == owner_id, Pseudonym.once == once))


def owners_of(ids: Collection[int | None]) -> set[int]:
    """Members by these ids, a pseudonym being replaced by the person behind it: whom to tell, never what to show."""
    people = {id for id in ids if id is not None and id > 0}
    sealed = {id for id in ids if id is not None and id < 0}
    if sealed:
        people |= set(db.session.scalars(select(Pseudonym.owner_id).where(Pseudonym.member_id.in_(sealed))))
    return people


def owner_of(id: int) -> int | None:
    """The person behind a member's id: itself, or the pseudonym's owner; None once the seal is gone (erased account)."""
    return next(iter(owners_of([id])), None)


def aliases_of(owner_id: int) -> list[int]:
    """Every pseudonym of a member: what their own export and erasure must include."""
    return list(db.session.scalars(select(Pseudonym.member_id).where(Pseudonym.owner_id == owner_id)))


def break_seals(owner_id: int) -> list[int]:
    """Forget for ever whose pseudonyms these were (erasure): their texts stay, under the pseudonyms. Gives their ids."""
    ids = aliases_of(owner_id)
    db.session.execute(delete(Pseudonym).where(Pseudonym.owner_id == owner_id))
    return ids


def is_pseudonym(id: int | None) -> bool:
    """Pseudonyms have negative ids, members never."""
    return id is not None and id < 0


def looks_like_pseudonym(name: str) -> bool:
    """A name that readers could take for a pseudonym: no member may choose it."""
    return slugify(name).startswith(slugify(NAME))
