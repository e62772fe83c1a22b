"""Files that the antivirus stopped, and those that it could not look at: who watches over them, and what may be done.

A moderator sees the files of those who have a place in their communities, and those published there; never their own. A
content in quarantine is deleted for good, or examined again once a signature was corrected.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.attachments.sealed import SEALED
from community.abilities.comments.models import Comment
from community.abilities.reading.scanning import scanner
from community.contributions.models import Contribution
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.outbox import emit
from community.people.accounts.models import Member
from community.people.communities.models import Community, Membership
from community.permissions import visible_to

MOST = 100
_deleted = Blob.facts["deleted_at"].as_string()
IN_QUARANTINE = (Blob.state == "infected") & _deleted.is_(None)
NOT_SCANNED = Blob.scan == "too_large"


def watched_by(user: Any) -> ColumnElement[bool]:
    """The files that this person watches over (on Attachment, whose page, if any, is joined as Contribution).

    A file on a page that one may not see is for those who look after that place, not for moderators of another. So is one
    under a pseudonym: that somebody else is shown it would tell where its owner has a place.
    """
    not_mine = Attachment.uploaded_by_id.not_in(user.own_ids)
    if user.is_administrator:
        return not_mine
    beside = exists().where(
        Membership.member_id == Attachment.uploaded_by_id, Membership.community_id.in_(user.moderated_ids)
    )
    seen = or_(Attachment.contribution_id.is_(None), visible_to(user) & SEALED.is_(False))
    return not_mine & or_(beside & seen, Contribution.community_id.in_(user.moderated_ids))


def files_to_judge(user: Any, which: ColumnElement[bool]) -> list[Any]:
    """These files, the latest first: what was found, who sent them and where they are. One statement.

    The signature of the text comes before the name of the sender: under a pseudonym, it is all that is shown.
    """
    page, signed = aliased(Contribution, flat=True), aliased(Member)
    author_id = func.coalesce(Comment.author_id, Contribution.author_id)
    query = (
        select(
            Attachment.id,
            Attachment.name,
            Attachment.created_at,
            Attachment.contribution_id,
            Blob.sha256,
            Blob.size,
            Blob.media_type,
            Blob.state,
            Blob.state_reason,
            Blob.facts,
            func.coalesce(signed.display_name, Member.display_name).label("sender"),
            func.coalesce(page.title, "").label("page_title"),
            page.kind.label("kind"),
            page.thread_id.label("thread_id"),
            Community.name.label("community_name"),
        )
        .select_from(Attachment)
        .outerjoin(Contribution, Contribution.id == Attachment.contribution_id)
        .join(Member, Member.id == Attachment.uploaded_by_id)
        .outerjoin(Comment, Comment.id == Attachment.comment_id)
        .outerjoin(signed, (signed.id == author_id) & (author_id < 0))
        .outerjoin(page, (page.id == Attachment.contribution_id) & visible_to(user, page))
        .outerjoin(Community, Community.id == page.community_id)
    )
    return list(db.session.execute(_of_these(query, user, which).order_by(Attachment.id.desc()).limit(MOST)))


def to_judge(user: Any) -> Select[Any]:
    """How many files wait in quarantine for this person: a piece of the desk's own statement."""
    return _narrowed(select(func.count(Attachment.id)).select_from(Attachment), user, IN_QUARANTINE)


def file_to_judge(id: int, user: Any) -> Attachment:
    """A file of the quarantine that this person watches over, with its blob; else NotFound."""
    query = _narrowed(select(Attachment), user, IN_QUARANTINE | NOT_SCANNED).where(Attachment.id == id)
    found = db.session.scalars(query.options(joinedload(Attachment.blob))).one_or_none()
    if found is None:
        raise NotFound()
    return found


def delete_for_good(attachment: Attachment, user: Any) -> None:
    """The content goes; what is left says what it was, so that the same file sent again is refused at once."""
    blob = attachment.blob
    if blob.state != "infected":
        raise Conflict(_("Ce fichier n’est pas en quarantaine."))
    blob.facts = {**blob.facts, "deleted_at": now().isoformat(timespec="seconds")}
    record(user, "file.deleted", attachment, reason=blob.facts.get("signature", ""), community_id=_place(attachment))
    emit("file.condemned", attachment, actor=user, sha256=blob.sha256)


def examine_again(attachment: Attachment, user: Any) -> None:
    """The worker sends the content to the antivirus once more; only a clean answer opens it. Asking twice asks once."""
    if not scanner():
        raise Conflict(_("Aucun antivirus n’est réglé : rien ne peut examiner ce fichier."))
    blob = attachment.blob
    record(user, "file.examined_again", attachment, community_id=_place(attachment))
    if blob.state == "infected":
        blob.facts = {**blob.facts, "asked_at": now().isoformat(timespec="seconds")}
    emit("file.examine_asked" if blob.state == "infected" else "file.stored", attachment, actor=user)


def _narrowed(query: Select[Any], user: Any, which: ColumnElement[bool]) -> Select[Any]:
    page = query.outerjoin(Contribution, Contribution.id == Attachment.contribution_id)
    return _of_these(page, user, which)


def _of_these(query: Select[Any], user: Any, which: ColumnElement[bool]) -> Select[Any]:
    return query.join(Blob, Blob.sha256 == Attachment.sha256).where(which, watched_by(user))


def _place(attachment: Attachment) -> int | None:
    """The community whose journal tells of it."""
    query = select(Contribution.community_id).where(Contribution.id == attachment.contribution_id)
    return db.session.scalar(query) if attachment.contribution_id else None
