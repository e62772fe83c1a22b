"""Organisations: found or written down, proved by a mail domain or by somebody, merged when they were written twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.exc import IntegrityError

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.outbox import emit
from community.people.accounts.domains import domain_of, parents
from community.people.accounts.models import Member
from community.people.accounts.organisation_models import Organisation, OrganisationDomain, name_key

MOST_PROPOSED = 400


def get_organisation(id: int) -> Organisation:
    organisation = db.session.get(Organisation, id)
    if organisation is None:
        raise NotFound()
    return organisation


def find_or_add_organisation(name: str, type: str, territory: str) -> Organisation:
    """The organisation of this name, type and territory; written down when it is the first time.

    Capitals and accents make no difference; one that was merged gives the one that was kept. Without a type, the only
    organisation of that name is meant.
    """
    same = select(Organisation).where(Organisation.name_key == name_key(name))
    if type:
        same = same.where(Organisation.type == type, Organisation.territory == territory)
    known = db.session.scalars(same.order_by(Organisation.merged_into_id.is_not(None), Organisation.id)).first()
    if known is not None:
        return _kept(known)
    organisation = Organisation(name=name, type=type, territory=territory)
    try:
        with db.session.begin_nested():
            db.session.add(organisation)
    except IntegrityError:
        return _kept(db.session.scalars(same.where(Organisation.name == name)).one())
    return organisation


def only_organisation_named(name: str) -> Organisation | None:
    """The organisation of this name when there is exactly one; so its type and territory need not be typed."""
    same = (Organisation.name_key == name_key(name), Organisation.merged_into_id.is_(None))
    found = db.session.scalars(select(Organisation).where(*same).limit(2)).all()
    return found[0] if len(found) == 1 else None


def organisation_of_siret(siret: str) -> Organisation | None:
    """The record that holds this SIRET, if exactly one does."""
    same = (Organisation.siret == siret, Organisation.merged_into_id.is_(None))
    found = db.session.scalars(select(Organisation).where(*same).limit(2)).all() if siret else []
    return found[0] if len(found) == 1 else None


def proposed_names() -> Sequence[str]:
    """Names that the form proposes while one types: the records that somebody looked after (SIRET or domains)."""
    looked_after = or_(
        Organisation.siret.is_not(None), exists().where(OrganisationDomain.organisation_id == Organisation.id)
    )
    query = select(Organisation.name).where(looked_after, Organisation.merged_into_id.is_(None))
    return db.session.scalars(query.distinct().order_by(Organisation.name).limit(MOST_PROPOSED)).all()


def domains_of(ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = select(OrganisationDomain).where(OrganisationDomain.organisation_id.in_(ids))
    for row in db.session.scalars(query.order_by(OrganisationDomain.domain)):
        found[row.organisation_id].append(row.domain)
    return found


# --- proofs -----------------------------------------------------------------------------------------------------------


def prove_by_domain(member: Member) -> None:
    """Compare the confirmed address with the organisation's domains: proved, or no longer so. A person's word stays."""
    proved = member.email_verified_at is not None and _has_domain(member.organisation_id, member.email)
    if member.organisation_proof == "moderator" and not proved:
        return
    _set_proof(member, "domain" if proved else "")


def drop_proof(member: Member) -> None:
    """The address or the organisation changed: what was proved is not any more; then the domain is looked at again."""
    _set_proof(member, "")
    prove_by_domain(member)


def vouch_for(member: Member, user: Any) -> None:
    """A moderator or administrator knows that this person works there."""
    if member.organisation_id is None:
        raise Conflict()
    if member.organisation_proof:
        return
    _set_proof(member, "moderator")
    record(user, "organisation.vouched", member)
    emit("member.edited", member, actor=user)


def withdraw_voucher(member: Member, user: Any) -> None:
    """It was a mistake, or no longer true; what the address proves by itself stays."""
    if member.organisation_proof != "moderator":
        return
    drop_proof(member)
    record(user, "organisation.unvouched", member)


def _set_proof(member: Member, proof: str) -> None:
    if member.organisation_proof != proof:
        member.organisation_proof = proof
        member.organisation_proved_at = now() if proof else None


def _has_domain(organisation_id: int | None, email: str) -> bool:
    names = parents(domain_of(email))
    query = select(OrganisationDomain.domain).where(
        OrganisationDomain.organisation_id == organisation_id, OrganisationDomain.domain.in_(names)
    )
    return organisation_id is not None and db.session.scalar(query.limit(1)) is not None


# --- administration ---------------------------------------------------------------------------------------------------


def add_organisation(user: Any, domains: Sequence[str], **values: Any) -> Organisation:
    """Write a record down before anybody comes from there; Conflict when there is one already."""
    organisation = Organisation(**values)
    try:
        with db.session.begin_nested():
            db.session.add(organisation)
    except IntegrityError as error:
        raise Conflict() from error
    set_domains(organisation.id, domains)
    record(user, "organisation.added", organisation)
    return organisation


def edit_organisation(organisation: Organisation, user: Any, domains: Sequence[str], **values: Any) -> None:
    """Change a record; the members whose address is at one of its domains are proved again, the others no longer."""
    shown = (organisation.name, organisation.type, organisation.territory)
    try:
        with db.session.begin_nested():
            for name, value in values.items():
                setattr(organisation, name, value)
    except IntegrityError as error:
        raise Conflict() from error
    set_domains(organisation.id, domains)
    prove_members(organisation.id)
    if shown != (organisation.name, organisation.type, organisation.territory):
        tell_members_changed(organisation.id, user)
    record(user, "organisation.edited", organisation)


def set_domains(organisation_id: int, domains: Sequence[str]) -> None:
    db.session.execute(delete(OrganisationDomain).where(OrganisationDomain.organisation_id == organisation_id))
    db.session.add_all(OrganisationDomain(organisation_id=organisation_id, domain=name) for name in domains)
    db.session.flush()


def prove_members(organisation_id: int) -> None:
    members = select(Member).where(Member.organisation_id == organisation_id)
    for member in db.session.scalars(members.order_by(Member.id)):
        prove_by_domain(member)


def tell_members_changed(organisation_id: int, user: Any) -> None:
    """What is shown of these members changed with their organisation: the search finds them by it."""
    for member in db.session.scalars(select(Member).where(Member.organisation_id == organisation_id)):
        if member.state == "active":
            emit("member.edited", member, actor=user)


def count_members_of(ids: Collection[int]) -> dict[int, int]:
    query = select(Member.organisation_id, func.count()).where(
        Member.organisation_id.in_(ids), Member.state.in_(("active", "waiting", "suspended"))
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Member.organisation_id))}


def _kept(organisation: Organisation) -> Organisation:
    """Follow merges to the record that was kept."""
    for _step in range(20):
        if organisation.merged_into_id is None:
            break
        organisation = get_organisation(organisation.merged_into_id)
    return organisation
