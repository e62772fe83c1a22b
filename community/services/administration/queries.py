"""What the administrator's first page shows: figures, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.core.mail import MailMessage
from community.core.options import SiteOption
from community.core.outbox import Event
from community.people.accounts.models import Member, Organisation, SignIn
from community.people.accounts.security_models import SecondFactor
from community.people.communities.models import Community, Membership

MONTH = timedelta(days=30)
MOST_PARKED = 50


@dataclass(frozen=True)
class Figures:
    """Counts by the names that the page uses; ``members`` by state."""

    members: dict[str, int]
    newcomers: int
    verified: int
    sessions: int
    communities: int
    published: int
    keepers: int
    keepers_with_codes: int
    outbox: int
    parked: int
    unsent: int
    organisations: int


def figures() -> Figures:
    """Everything in two statements: members by state, then every count as a column of one row."""
    states = select(Member.state, func.count()).group_by(Member.state)
    keepers = _keepers()
    counts = {
        "newcomers": _count(Member.id, Member.state == "active", Member.created_at > now() - MONTH),
        "verified": _count(Member.id, Member.state == "active", Member.organisation_proof != ""),
        "sessions": _count(SignIn.id, SignIn.expires_at > now()),
        "communities": _count(Community.id, Community.archived_at.is_(None)),
        "published": _count(Contribution.id, Contribution.published_at > now() - MONTH),
        "keepers": _count(Member.id, Member.id.in_(keepers)),
        "keepers_with_codes": _count(
            SecondFactor.member_id, SecondFactor.member_id.in_(keepers), SecondFactor.confirmed_at.is_not(None)
        ),
        "outbox": _count(Event.id, Event.parked_at.is_(None)),
        "parked": _count(Event.id, Event.parked_at.is_not(None)),
        "unsent": _count(MailMessage.id, MailMessage.sent_at.is_(None)),
        "organisations": _count(Organisation.id, Organisation.merged_into_id.is_(None)),
    }
    row = db.session.execute(select(*[query.label(name) for name, query in counts.items()])).one()
    by_state: dict[str, int] = {row[0]: row[1] for row in db.session.execute(states)}
    return Figures(members=by_state, **row._mapping)


def parked_events() -> Sequence[Any]:
    """What the worker gave up on, oldest first: rows of id, name, subject_type, subject_id, tries, error, parked_at."""
    columns = (Event.id, Event.name, Event.subject_type, Event.subject_id, Event.tries, Event.error, Event.parked_at)
    query = select(*columns).where(Event.parked_at.is_not(None)).order_by(Event.id).limit(MOST_PARKED)
    return db.session.execute(query).all()


def changed_options() -> Sequence[Any]:
    """The options that were set, the latest first: name, changed_at, who."""
    query = (
        select(SiteOption.name, SiteOption.changed_at, Member.display_name.label("who"))
        .outerjoin(Member, Member.id == SiteOption.changed_by_id)
        .order_by(SiteOption.changed_at.desc())
    )
    return db.session.execute(query).all()


def _keepers() -> Any:
    """Ids of those who look after the platform: administrators and every community's moderators."""
    moderates = select(Membership.member_id).where(Membership.role == "moderator")
    return select(Member.id).where(
        Member.state == "active", (Member.platform_role == "administrator") | Member.id.in_(moderates)
    )


def _count(column: Any, *conditions: Any) -> Any:
    return select(func.count(column)).where(*conditions).scalar_subquery()
