"""Organisations written twice: suggested, merged, and the merge undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import aliased

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.people.accounts.models import Member
from community.people.accounts.organisation_models import Organisation, OrganisationDomain, OrganisationMerge
from community.people.accounts.organisations import domains_of, prove_members, tell_members_changed

MOST_SUGGESTED = 30


def suggested_doubles() -> Sequence[Any]:
    """Pairs that may be one organisation (same SIRET, or same name but for accents): (first, second, same_siret)."""
    first, second = aliased(Organisation), aliased(Organisation)
    same_siret = and_(first.siret.is_not(None), first.siret == second.siret)
    alone = (first.merged_into_id.is_(None), second.merged_into_id.is_(None))
    query = (
        select(
            first.id.label("first_id"),
            first.name.label("first_name"),
            second.id.label("second_id"),
            second.name.label("second_name"),
            same_siret.label("same_siret"),
        )
        .join(second, and_(first.id < second.id, or_(same_siret, first.name_key == second.name_key)))
        .where(*alone)
        .order_by(same_siret.desc(), first.name, second.id)
    )
    return db.session.execute(query.limit(MOST_SUGGESTED)).all()


def merge_organisations(kept: Organisation, merged: Organisation, user: Any) -> OrganisationMerge:
    """Move the members and domains of one record to the other; the first stays, set aside, so that it can be undone."""
    if kept.id == merged.id or kept.merged_into_id is not None or merged.merged_into_id is not None:
        raise Conflict(_("Ces deux fiches ne peuvent pas être réunies : l’une l’a déjà été."))
    domains = domains_of([kept.id, merged.id])
    added = [name for name in domains.get(merged.id, []) if name not in domains.get(kept.id, [])]
    members = list(db.session.scalars(select(Member.id).where(Member.organisation_id == merged.id)))
    takes_siret = kept.siret is None and merged.siret is not None
    moved = {"members": members, "domains": added, "siret": takes_siret}
    merge = OrganisationMerge(kept_id=kept.id, merged_id=merged.id, moved=moved, by_id=user.id)
    db.session.add(merge)
    _move(members, kept.id)
    db.session.add_all(OrganisationDomain(organisation_id=kept.id, domain=name) for name in added)
    kept.siret = merged.siret if takes_siret else kept.siret
    merged.merged_into_id = kept.id
    db.session.flush()
    prove_members(kept.id)
    tell_members_changed(kept.id, user)
    record(user, "organisation.merged", merge)
    return merge


def undo_merge(merge: OrganisationMerge, user: Any) -> None:
    """Give the moved members back (those who have not moved on since), and the domains and SIRET that came along."""
    if merge.undone_at is not None:
        return
    kept, merged = db.session.get_one(Organisation, merge.kept_id), db.session.get_one(Organisation, merge.merged_id)
    if kept.merged_into_id is not None or merged.merged_into_id != kept.id:
        raise Conflict(_("Cette réunion ne peut plus être défaite : les fiches ont changé depuis."))
    still = (Member.id.in_(merge.moved["members"]), Member.organisation_id == kept.id)
    _move(list(db.session.scalars(select(Member.id).where(*still))), merged.id)
    for name in merge.moved["domains"]:
        row = db.session.get(OrganisationDomain, (kept.id, name))
        if row is not None:
            db.session.delete(row)
    if merge.moved["siret"]:
        kept.siret = None
    merged.merged_into_id, merge.undone_at = None, now()
    db.session.flush()
    prove_members(kept.id)
    prove_members(merged.id)
    tell_members_changed(merged.id, user)
    record(user, "organisation.unmerged", merge)


def get_merge(id: int) -> OrganisationMerge:
    merge = db.session.get(OrganisationMerge, id)
    if merge is None:
        raise NotFound()
    return merge


def merges_of(organisation_id: int) -> Sequence[Any]:
    """What was merged into this record: rows of id, name, at, undone_at."""
    query = (
        select(OrganisationMerge.id, Organisation.name, OrganisationMerge.at, OrganisationMerge.undone_at)
        .join(Organisation, Organisation.id == OrganisationMerge.merged_id)
        .where(OrganisationMerge.kept_id == organisation_id)
        .order_by(OrganisationMerge.id.desc())
    )
    return db.session.execute(query.limit(20)).all()


def _move(member_ids: list[int], organisation_id: int) -> None:
    moving = update(Member).where(Member.id.in_(member_ids)).values(organisation_id=organisation_id)
    db.session.execute(moving.execution_options(synchronize_session="fetch"))
