"""What erasure does, step by step. Each step may be run again: what it did once it finds done.

The order matters: the account closes first; texts are looked through while the name is still known; what is kept under
the address goes before the address does; the name and the address go last.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Text, cast, delete, select, update

from community.abilities.attachments.models import Attachment
from community.content.documents.models import DocumentVersion
from community.core.db import db
from community.core.outbox import Event, emit
from community.people.accounts.models import Expertise, Member
from community.people.accounts.pseudonyms import aliases_of, break_seals
from community.people.accounts.sessions import close_sessions
from community.people.accounts.tokens import cancel_tokens
from community.people.communities.actions import count_members, count_requests
from community.people.communities.models import JoinRequest, Membership
from community.services.personal_data import mails
from community.services.personal_data.catalogue import ADDRESSES, DELETE, FORGET, UNLESS, member_columns
from community.services.personal_data.erasure import GONE
from community.services.personal_data.erasure_texts import published_by, settle_texts
from community.services.personal_data.exports import forget_export
from community.services.personal_data.gathering import names_in_texts, own_ids
from community.services.personal_data.late_farewells import put_off
from community.services.personal_data.models import DataExport, ErasureMention, ErasureRequest

Step = Callable[[ErasureRequest, Member], None]


def close_account(_request: ErasureRequest, member: Member) -> None:
    """Nobody comes in any more, and nobody is mentioned, found or written to under this name."""
    member.state = "erased"
    close_sessions(member.id)
    cancel_tokens(member.id, "confirm", "email", "reset", "notice")
    emit("member.erased", member)


def note_mentions(request: ErasureRequest, member: Member) -> None:
    """Others' texts that name the member: listed for administrators, since nobody rewrites somebody else's words."""
    db.session.execute(delete(ErasureMention).where(ErasureMention.erasure_id == request.id))
    for contribution_id, comment_id in names_in_texts(member.id, member.display_name):
        db.session.add(ErasureMention(erasure_id=request.id, contribution_id=contribution_id, comment_id=comment_id))


def take_texts_away(request: ErasureRequest, member: Member) -> None:
    """What was never published goes; what was published stays, unless the member asked that their own texts go too.

    What a pseudonym signed goes later, each page on a day of its own: gone together, they would tell whose they were.
    """
    remove_own, aliases = request.own_texts == "remove", aliases_of(member.id)
    settle_texts([member.id], remove_own)
    if aliases:
        settle_texts(aliases, remove_own=False)
    if aliases and remove_own:
        put_off(aliases)


def leave_places(_request: ErasureRequest, member: Member) -> None:
    """Places in communities, requests to come in: given up, and counted again."""
    for model, count in ((Membership, count_members), (JoinRequest, count_requests)):
        places = db.session.scalars(select(model.community_id).where(model.member_id == member.id)).all()
        db.session.execute(delete(model).where(model.member_id == member.id))
        for community_id in set(places):
            count(community_id)


def forget_rows(_request: ErasureRequest, member: Member) -> None:
    """Every table, as the catalogue says: rows that were the member's own go, others forget who it was."""
    _forget_exports(member.id)
    for table, column, use in member_columns():
        if use is None or use.erasure not in (DELETE, FORGET) or table.name == "pseudonym":
            continue
        mine = column == member.id
        if kept := UNLESS.get((table.name, column.name)):
            mine &= table.c[kept].is_(None)
        change = delete(table) if use.erasure == DELETE else update(table).values({column.name: None})
        db.session.execute(change.where(mine))
    member.unread_count = 0


def forget_files(_request: ErasureRequest, member: Member) -> None:
    """Files that no text names, and versions that wait: their contents go with the next night's sweep of storage."""
    loose = (Attachment.uploaded_by_id.in_(own_ids(member.id)), Attachment.contribution_id.is_(None))
    waiting = DocumentVersion.attachment_id.in_(select(Attachment.id).where(*loose))
    db.session.execute(
        delete(DocumentVersion).where(waiting, DocumentVersion.published_at.is_(None)),
        execution_options={"synchronize_session": False},
    )
    db.session.execute(delete(Attachment).where(*loose))


def break_secrets(_request: ErasureRequest, member: Member) -> None:
    """Nobody can say any more whose pseudonyms these were: not even with a reason."""
    break_seals(member.id)


def forget_address(_request: ErasureRequest, member: Member) -> None:
    """Mails, invitations and events that hold the address."""
    email = member.email
    for table_name, column in ADDRESSES:
        table = db.metadata.tables.get(table_name)
        if table is None:
            continue
        found = table.c[column] == email
        nullable = table.c[column].nullable
        db.session.execute(
            update(table).where(found).values({column: None}) if nullable else delete(table).where(found)
        )
    events = select(Event).where(cast(Event.payload, Text).contains(email, autoescape=True))
    for event in db.session.scalars(events).all():
        if event.name.startswith("account."):
            db.session.delete(event)


def forget_identity(request: ErasureRequest, member: Member) -> None:
    """The last mail is written, then the name and the address go. Pages that showed the name are indexed again."""
    request.farewell_id = mails.farewell(member, request).id
    member.email = f"parti-{member.id}@efface.invalid"
    member.password_hash = "!"  # noqa: S105 - not a hash: nothing opens this account
    member.display_name = GONE
    member.job = member.bio = ""
    member.can_help, member.digest, member.quality = False, "never", "other"
    member.organisation_id = member.organisation_proved_at = member.email_verified_at = None
    member.organisation_proof, member.platform_role = "", "member"
    db.session.execute(delete(Expertise).where(Expertise.member_id == member.id))
    for item in db.session.scalars(published_by([member.id])).all():
        emit("contribution.tagged", item)  # whoever keeps a copy of the page (the index) writes it again


STEPS: tuple[tuple[str, Step], ...] = (
    ("close", close_account),
    ("mentions", note_mentions),
    ("texts", take_texts_away),
    ("places", leave_places),
    ("rows", forget_rows),
    ("files", forget_files),
    ("seals", break_secrets),
    ("address", forget_address),
    ("identity", forget_identity),
)


def _forget_exports(member_id: int) -> None:
    for export in db.session.scalars(select(DataExport).where(DataExport.member_id == member_id)).all():
        forget_export(export)
