"""Reads of the administrator's pages about people: registrations, invitations, members, organisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from community.core import vocab
from community.core.clock import now
from community.core.db import db
from community.core.errors import NotFound
from community.core.paging import Key, Page, paginate
from community.core.slugs import slugify
from community.people.accounts.domains import domain_of, is_within
from community.people.accounts.models import Member, Organisation, SignIn
from community.people.accounts.organisation_models import OrganisationDomain
from community.people.accounts.organisations import count_members_of, domains_of
from community.people.accounts.policy import policy
from community.people.accounts.security_models import (
    Application,
    ExternalIdentity,
    PlatformInvitation,
    SecondFactor,
)

#: states of accounts that are somebody's: pseudonyms and erased accounts are not administered here
STATES = ("active", "waiting", "pending", "suspended", "declined")
BY_ARRIVAL = (Key(Application.created_at, "created_at", descending=False), Key(Member.id, "id", descending=False))
BY_NAME = (Key(Member.name_key, "name_key", descending=False), Key(Member.id, "id", descending=False))
BY_ORGANISATION = (
    Key(Organisation.name_key, "name_key", descending=False),
    Key(Organisation.id, "id", descending=False),
)
FACTS = (
    Member.id,
    Member.display_name,
    Member.name_key,
    Member.email,
    Member.quality,
    Member.job,
    Member.state,
    Member.platform_role,
    Member.organisation_proof,
    Member.created_at,
    Organisation.name.label("organisation_name"),
    Organisation.type.label("organisation_type"),
    Organisation.territory,
    Organisation.id.label("organisation_id"),
)


def waiting_registrations(cursor: str | None) -> Page:
    """Who waits, the oldest first, with what they wrote and whether their organisation is a record we look after."""
    looked_after = or_(
        Organisation.siret.is_not(None), exists().where(OrganisationDomain.organisation_id == Organisation.id)
    )
    query = (
        select(*FACTS, Application.reason, Application.created_at, looked_after.label("is_known"))
        .join(Application, Application.member_id == Member.id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.state == "waiting")
    )
    columns = [column for column in query.selected_columns if column is not Member.created_at]
    return paginate(query.with_only_columns(*columns), BY_ARRIVAL, cursor)


def decided_registrations() -> Sequence[Any]:
    """The last answers given."""
    decider = aliased(Member)
    query = (
        select(
            Application.member_id,
            Member.display_name,
            Application.state,
            Application.answer,
            Application.decided_at,
            decider.display_name.label("decided_by"),
        )
        .join(Member, Member.id == Application.member_id)
        .outerjoin(decider, decider.id == Application.decided_by_id)
        .where(Application.decided_at.is_not(None))
        .order_by(Application.decided_at.desc())
    )
    return db.session.execute(query.limit(15)).all()


def waiting_invitations() -> Sequence[Any]:
    """Invitations to the platform that nobody used yet."""
    query = (
        select(PlatformInvitation, Member.display_name.label("invited_by"))
        .outerjoin(Member, Member.id == PlatformInvitation.invited_by_id)
        .where(PlatformInvitation.state == "pending", PlatformInvitation.expires_at > now())
        .order_by(PlatformInvitation.id.desc())
    )
    return db.session.execute(query.limit(100)).all()


@dataclass(frozen=True)
class MemberFilters:
    """What the list of accounts may be narrowed by."""

    text: str = ""
    state: str = ""
    role: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> MemberFilters:
        state, role = args.get("etat", ""), args.get("role", "")
        text = " ".join(args.get("q", "")[:100].split())
        return cls(text, state if state in STATES else "", role if role == "administrator" else "")


def accounts(filters: MemberFilters, cursor: str | None) -> Page:
    """Accounts by name, found by a word of the name or by an address."""
    protected = exists().where(SecondFactor.member_id == Member.id, SecondFactor.confirmed_at.is_not(None))
    query = (
        select(*FACTS, protected.label("protected"))
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.state == filters.state if filters.state else Member.state.in_(STATES))
    )
    if filters.role:
        query = query.where(Member.platform_role == filters.role)
    if "@" in filters.text:
        query = query.where(Member.email.contains(filters.text.lower(), autoescape=True))
    elif filters.text:
        query = query.where(Member.name_key.contains(f"-{slugify(filters.text)}", autoescape=True))
    return paginate(query, BY_NAME, cursor)


def account(id: int) -> Any:
    """Everything that the page of one account shows, in one row; NotFound for what is nobody's account."""
    protected = exists().where(SecondFactor.member_id == Member.id, SecondFactor.confirmed_at.is_not(None))
    sessions = select(func.count(SignIn.id)).where(SignIn.member_id == Member.id, SignIn.expires_at > now())
    identities = select(func.count(ExternalIdentity.id)).where(ExternalIdentity.member_id == Member.id)
    query = (
        select(
            *FACTS,
            Member.email_verified_at,
            Member.organisation_proved_at,
            protected.label("protected"),
            sessions.scalar_subquery().label("sessions"),
            identities.scalar_subquery().label("identities"),
        )
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.id == id, Member.state.in_(STATES))
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def organisations_page(text: str, type: str, cursor: str | None) -> Page:
    """Organisations by name, each with its domains and how many members it has. Three statements."""
    columns = (
        Organisation.id,
        Organisation.name,
        Organisation.name_key,
        Organisation.type,
        Organisation.territory,
        Organisation.siret,
    )
    query = select(*columns).where(Organisation.merged_into_id.is_(None))
    if type in vocab.ORGANISATION_TYPES:
        query = query.where(Organisation.type == type)
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) >= 9:
        query = query.where(Organisation.siret.startswith(digits, autoescape=True))
    elif text:
        query = query.where(Organisation.name_key.contains(slugify(text), autoescape=True))
    page = paginate(query, BY_ORGANISATION, cursor)
    ids = [row.id for row in page]
    domains, members = domains_of(ids), count_members_of(ids)
    rows = [{**row._mapping, "domains": domains.get(row.id, []), "members": members.get(row.id, 0)} for row in page]
    return replace(page, rows=rows)


def suggested_domains(organisation_id: int, known: Sequence[str]) -> list[str]:
    """Domains of its members' confirmed addresses that the record does not have, the most common first."""
    emails = select(Member.email).where(
        Member.organisation_id == organisation_id, Member.email_verified_at.is_not(None), Member.state == "active"
    )
    counts: dict[str, int] = {}
    for email in db.session.scalars(emails.limit(500)):
        domain = domain_of(email)
        counts[domain] = counts.get(domain, 0) + 1
    free = policy().denied
    ordered = sorted(counts, key=lambda name: -counts[name])
    return [name for name in ordered if name and name not in known and not is_within(name, free)][:5]
