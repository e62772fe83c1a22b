"""External identities: the accounts that identity providers open, by issuer and subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from community.core.audit import record
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.people.accounts import mails
from community.people.accounts.models import Member
from community.people.accounts.security_models import ExternalIdentity
from community.people.accounts.sessions import password_is_set


def member_known_as(issuer: str, subject: str) -> Member | None:
    """Whose account this identity opens. The address plays no part: providers let people change it."""
    query = (
        select(Member)
        .join(ExternalIdentity, ExternalIdentity.member_id == Member.id)
        .where(ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject)
    )
    return db.session.scalars(query).one_or_none()


def member_at(email: str) -> Member | None:
    return db.session.scalars(select(Member).where(Member.email == email)).one_or_none()


def link_identity(member: Member, issuer: str, subject: str, provider: str) -> None:
    """From now on this identity opens this account; its owner is told. Repeating it changes nothing."""
    identity = ExternalIdentity(issuer=issuer, subject=subject, member_id=member.id)
    try:
        with db.session.begin_nested():
            db.session.add(identity)
    except IntegrityError:
        known = member_known_as(issuer, subject)
        if known is None or known.id != member.id:
            raise Conflict() from None
        return
    mails.identity_linked(member, provider)
    record(member, "identity.linked", member)


def unlink_identity(id: int, user: Any) -> None:
    """The identity opens nothing here any more; gone already, nothing changes."""
    identity = db.session.get(ExternalIdentity, id)
    if identity is None or identity.member_id != user.id:
        raise NotFound()
    others = [row for row in identities_of(user.id) if row.id != id]
    if not others and not password_is_set(user):
        raise Conflict(_("Choisissez d’abord un mot de passe : sans lui, plus rien n’ouvrirait votre compte."))
    db.session.delete(identity)
    record(user, "identity.unlinked")


def identities_of(member_id: int) -> Sequence[Any]:
    query = select(ExternalIdentity.id, ExternalIdentity.issuer, ExternalIdentity.created_at)
    return db.session.execute(query.where(ExternalIdentity.member_id == member_id).order_by(ExternalIdentity.id)).all()
