"""Reads of files: the one that an address names, those under a text, those of a member and the room they take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.attachments.sealed import SEALED, is_sealed
from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.core import ports
from community.core.db import db
from community.core.errors import NotFound
from community.permissions import visible_to


def get_attachment(id: int, user: Any) -> Attachment:
    """The file with this id, with its blob, if this person may know of it; else NotFound."""
    query = select(Attachment).where(Attachment.id == id, attachment_visible_to(user))
    found = db.session.scalars(query.options(joinedload(Attachment.blob))).one_or_none()
    if found is None or (found.uploaded_by_id != getattr(user, "id", None) and is_sealed(found)):
        raise NotFound()
    return found


def attachment_visible_to(user: Any) -> ColumnElement[bool]:
    """Who may know of a file: whoever sees the text that it is bound to; its uploader alone while it is bound to none.

    A comment's file goes with the comment: once it is removed or held, its uploader and the moderators alone see it. So
    does what was closed to readers (``withheld_at``).
    """
    mine = Attachment.uploaded_by_id == user.id if user.is_authenticated else false()
    spine = aliased(Contribution, flat=True)
    seen = exists().where(spine.id == Attachment.contribution_id, visible_to(user, spine))
    moderated = true() if user.is_administrator else spine.community_id.in_(user.moderated_ids)
    looked_after = exists().where(spine.id == Attachment.contribution_id, moderated)
    standing = exists().where(Comment.id == Attachment.comment_id, Comment.removed_at.is_(None))
    open_to_readers = and_(Attachment.withheld_at.is_(None), or_(Attachment.comment_id.is_(None), standing))
    bound = and_(seen, or_(open_to_readers, mine, looked_after))
    return or_(and_(Attachment.contribution_id.is_(None), mine), bound)


def attachments_of(contribution_ids: Iterable[int]) -> dict[int, list[Any]]:
    """The files bound to these contributions (and not to their comments), in the order they came, in one statement."""
    query = (
        select(*_ROW)
        .join(Blob, Blob.sha256 == Attachment.sha256)
        .where(Attachment.contribution_id.in_(list(contribution_ids)), Attachment.comment_id.is_(None))
        .order_by(Attachment.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row.contribution_id].append(row)
    return found


def files_named(texts: Mapping[int, Iterable[str | None]]) -> dict[int, list[Any]]:
    """The files under these texts (contribution id → its pieces of HTML); no statement when none names a file."""
    named = [id for id, pieces in texts.items() if any("/fichiers/" in (piece or "") for piece in pieces)]
    return attachments_of(named) if named else {}


_ROW = (
    Attachment.id,
    Attachment.name,
    Attachment.contribution_id,
    Attachment.inline,
    Attachment.place,
    Attachment.created_at,
    Attachment.uploaded_by_id,
    Attachment.withheld_at,
    Attachment.to_answer,
    Blob.sha256,
    Blob.size,
    Blob.media_type,
    Blob.state,
    Blob.state_reason,
    Blob.scan,
    Blob.cleaned,
    Blob.facts,
    SEALED.label("sealed"),
)


def files_of(user: Any, limit: int = 200) -> list[Any]:
    """A member's files, the newest first, with the page that each is on (title, kind, ids; NULL while it is on none)."""
    page = aliased(Contribution, flat=True)
    query = (
        select(*_ROW, page.title.label("page_title"), page.kind.label("kind"), page.thread_id.label("thread_id"))
        .join(Blob, Blob.sha256 == Attachment.sha256)
        .outerjoin(page, and_(page.id == Attachment.contribution_id, visible_to(user, page)))
        .where(Attachment.uploaded_by_id == user.id)
        .order_by(Attachment.id.desc())
        .limit(limit)
    )
    return list(db.session.execute(query))


def page_of(attachment: Attachment, user: Any) -> Any:
    """What file_place() needs to name and address the page that a file is on; None when this person sees none."""
    query = select(
        Contribution.id.label("contribution_id"),
        Contribution.kind,
        Contribution.title.label("page_title"),
        Contribution.thread_id,
    ).where(Contribution.id == attachment.contribution_id, visible_to(user))
    return db.session.execute(query).one_or_none()


def space_used(member_id: int) -> int:
    """Bytes of a member's files; a content that others have too counts for each."""
    query = select(func.coalesce(func.sum(Blob.size), 0)).select_from(Attachment)
    query = query.join(Blob, Blob.sha256 == Attachment.sha256).where(Attachment.uploaded_by_id == member_id)
    return int(db.session.scalar(query) or 0)


@ports.provide("uploads_since")
def uploads_since(user: Any, since: datetime) -> int:
    """How many files a member sent since then (new members may send a few a day)."""
    query = select(func.count()).select_from(Attachment)
    return db.session.scalar(query.where(Attachment.uploaded_by_id == user.id, Attachment.created_at >= since)) or 0
