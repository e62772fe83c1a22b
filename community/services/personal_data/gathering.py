"""Everything that the platform holds about one member, as plain values: the account, and the rows of every table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Table, and_, or_, select

from community.contributions.models import Contribution
from community.core.db import db
from community.core.mail import MailMessage
from community.people.accounts.identity import Visitor, identity_of
from community.people.accounts.models import Member, Organisation
from community.people.accounts.pseudonyms import aliases_of
from community.people.communities.models import Community, Invitation
from community.permissions import community_visible_to, visible_to
from community.services.personal_data.catalogue import member_columns, told_columns

ACCOUNT_FIELDS = (
    "id", "email", "display_name", "job", "bio", "can_help", "digest", "platform_role", "state", "locale", "quality",
    "email_verified_at", "created_at", "organisation_proof", "organisation_proved_at", "useful_count",
)  # fmt: skip


def own_ids(member_id: int) -> list[int]:
    """The ids this person writes under: their own, and those of their pseudonyms."""
    return [member_id, *aliases_of(member_id)]


def account(member_id: int) -> dict[str, Any]:
    """The account's own row, with the organisation's name."""
    member = db.session.get(Member, member_id)
    assert member is not None
    organisation = db.session.get(Organisation, member.organisation_id) if member.organisation_id else None
    told = {name: plain(getattr(member, name)) for name in ACCOUNT_FIELDS}
    return told | {"organisation": organisation.name if organisation else None}


def tables(member_id: int) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """(section, table, rows) for every table that holds something of this member's; a list at a time, to bound memory."""
    ids = own_ids(member_id)
    for table, column, use in member_columns():
        if use is None or not use.title:
            continue
        query = select(*told_columns(table, column.name)).where(column.in_(ids)).order_by(*table.primary_key.columns)
        rows = [_plain_row(row) for row in db.session.execute(query)]
        if rows:
            yield str(use.title), table.name, rows


def reader(member_id: int) -> Any:
    """As whom a copy is read: places that the member may not know any more are not named in it."""
    return identity_of(member_id) or Visitor()


def contributions(ids: Collection[int], user: Any) -> Iterator[dict[str, Any]]:
    """What this person wrote, drafts and removed texts included: spine and kind together, with the name of its place."""
    kinds = {mapper.polymorphic_identity: mapper.local_table for mapper in Contribution.__mapper__.self_and_descendants}
    query = (
        select(Contribution.__table__, Community.name.label("community_name"))
        .outerjoin(
            Community,
            and_(Community.id == Contribution.__table__.c.community_id, community_visible_to(user)),
        )
        .where(Contribution.__table__.c.author_id.in_(list(ids)))
        .order_by(Contribution.__table__.c.id)
    )
    for row in db.session.execute(query).all():
        told = {
            column.name: plain(row._mapping[column]) for column in told_columns(Contribution.__table__, "author_id")
        }
        told["community_name"] = row.community_name or ""
        yield told | _kind_fields(kinds.get(row.kind), row.id)


def _kind_fields(table: Table | None, id: int) -> dict[str, Any]:
    if table is None or table is Contribution.__table__:
        return {}
    row = db.session.execute(select(*told_columns(table, "id")).where(table.c.id == id)).one_or_none()
    return _plain_row(row) if row else {}


def written_to(email: str) -> dict[str, list[dict[str, Any]]]:
    """What names this person by address alone: mails sent, invitations received."""
    mails = select(MailMessage.subject, MailMessage.text, MailMessage.created_at, MailMessage.sent_at).where(
        MailMessage.recipient == email
    )
    invitations = (
        select(Community.name, Invitation.role, Invitation.message, Invitation.state, Invitation.created_at)
        .join(Community, Community.id == Invitation.community_id)
        .where(Invitation.email == email)
    )
    found = {"mail_message": mails, "invitation": invitations}
    return {name: [_plain_row(row) for row in db.session.execute(query)] for name, query in found.items()}


def threads(ids: Collection[int], user: Any) -> dict[int, str]:
    """Titles of the pages that these contributions stand on, as far as one sees them, to say where something was written."""
    seen = (Contribution.id.in_(list(ids)), visible_to(user))
    rows = db.session.execute(select(Contribution.id, Contribution.title).where(*seen))
    return {row.id: row.title for row in rows}


def names_in_texts(member_id: int, name: str) -> list[tuple[int, int | None]]:
    """(contribution, comment) of others' texts that name this member, in « @ » or in plain words."""
    from community.abilities.comments.models import Comment

    marks = [f"(member:{member_id})"] + ([name] if len(name) >= 6 else [])
    ids = own_ids(member_id)
    texts = or_(*[Contribution.body.contains(mark, autoescape=True) for mark in marks])
    remarks = or_(*[Comment.body.contains(mark, autoescape=True) for mark in marks])
    posts = select(Contribution.id).where(texts, Contribution.author_id.not_in(ids)).order_by(Contribution.id)
    comments = select(Comment.contribution_id, Comment.id).where(remarks, Comment.author_id.not_in(ids))
    found: list[tuple[int, int | None]] = [(id, None) for id in db.session.scalars(posts)]
    return found + [(row.contribution_id, row.id) for row in db.session.execute(comments.order_by(Comment.id))]


def plain(value: Any) -> Any:
    """A value as JSON holds it: instants and days in ISO 8601."""
    return value.isoformat() if isinstance(value, dt.datetime | dt.date) else value


def _plain_row(row: Any) -> dict[str, Any]:
    return {str(name): plain(value) for name, value in row._mapping.items()}
