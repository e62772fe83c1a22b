"""What accounts do when something happened: write to an address that somebody typed, if it is a member's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from community.core.db import db
from community.core.outbox import Event, on
from community.people.accounts import mails
from community.people.accounts.models import Member


@on("account.mail_asked")
def write_to_address(events: Sequence[Event]) -> None:
    """Nothing for an unknown, suspended or erased account. Run twice, it sends at most a second link."""
    for event in events:
        member = db.session.scalars(select(Member).where(Member.email == event.payload["email"])).one_or_none()
        if member is not None:
            mails.send_asked(member, event.payload["purpose"])


@on("member.waiting")
def tell_administrators(events: Sequence[Event]) -> None:
    """Somebody waits for a decision: every administrator is told, once per person who waits."""
    ids = [event.subject_id for event in events]
    waiting = db.session.scalars(select(Member).where(Member.id.in_(ids), Member.state == "waiting")).all()
    active = (Member.platform_role == "administrator", Member.state == "active")
    for administrator in db.session.scalars(select(Member).where(*active)):
        for member in waiting:
            mails.registration_waits(administrator, member)
