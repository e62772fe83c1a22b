"""Attach a file to its member, bind it to the text that names it, let it go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.attachments.queries import space_used
from community.abilities.attachments.receiving import Received, TooLarge, clean_name, keep
from community.core.clock import now
from community.core.db import db, reading
from community.core.errors import Conflict
from community.core.filetypes import MEGABYTE, REASONS, WrongFile, judge
from community.core.outbox import emit
from community.people.accounts.models import Member

#: one lock for all who name contents and the task that removes those that nobody names (PostgreSQL; SQLite has one writer)
_LOCK = 5_140_003
_NAMED = re.compile(r"/fichiers/(\d{1,9})/")
MOST_NAMED = 200


def attach(user: Any, name: str, file: Received, limit: int) -> Attachment:
    """Keep a received file as this member's; ``limit`` bytes for all of theirs. Raises WrongFile, TooLarge.

    Sending again the file that one has just sent, under the same name, gives the first one.
    """
    name = clean_name(name)
    judged = judge(file.path, name)
    keep(file)
    share_contents()
    _check_room(user, file.size, limit)
    blob = _blob(file, judged.kind.media_type, judged.facts)
    again = _same_file(user, name, file.sha256)
    if again is not None:
        return again
    attachment = Attachment(sha256=blob.sha256, name=name, uploaded_by_id=user.id, inline=blob.is_image)
    attachment.blob = blob
    db.session.add(attachment)
    emit("file.stored", attachment, actor=user)
    keep(file)  # the night may have removed it just before we held the lock
    return attachment


def share_contents() -> None:
    """Until the end of the transaction, no content is removed under our feet."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _LOCK})


def own_contents() -> None:
    """Until the end of the transaction, nobody else names a content (the task that removes orphans)."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _check_room(user: Any, size: int, limit: int) -> None:
    """The member's row is locked, so that two files sent at once are counted one after the other."""
    db.session.execute(select(Member.id).where(Member.id == user.id).with_for_update())
    left = limit - space_used(user.id)
    if size > left:
        raise no_room(max(left, 0), limit)


def no_room(left: int, limit: int) -> TooLarge:
    return TooLarge(
        _(
            "Il ne vous reste que %(left)s Mo sur %(limit)d : retirez des fichiers devenus inutiles, puis réessayez.",
            left=f"{left / MEGABYTE:.1f}".replace(".", ","),
            limit=limit // MEGABYTE,
        )
    )


def _blob(file: Received, media_type: str, facts: dict[str, Any]) -> Blob:
    blob = db.session.get(Blob, file.sha256)
    if blob is None:
        blob = Blob(sha256=file.sha256, size=file.size, media_type=media_type, facts=facts)
        try:
            with db.session.begin_nested():
                db.session.add(blob)
        except IntegrityError:
            blob = db.session.get_one(Blob, file.sha256)
    _refuse(blob)
    return blob


def refuse_known(sha256: str) -> None:
    """Raise WrongFile for a content already seen as harmful, before it is put back in the store. The caller releases."""
    with reading():
        blob = db.session.get(Blob, sha256)
        if blob is not None:
            _refuse(blob)


def _refuse(blob: Blob) -> None:
    if blob.state in ("refused", "infected") and blob.state_reason != "not_scanned":
        code = blob.state_reason if blob.state_reason in REASONS else blob.state
        raise WrongFile(REASONS.get(code, REASONS["wrong"]), code)


def _same_file(user: Any, name: str, sha256: str) -> Attachment | None:
    query = select(Attachment).where(
        Attachment.uploaded_by_id == user.id,
        Attachment.sha256 == sha256,
        Attachment.name == name,
        Attachment.contribution_id.is_(None),
        Attachment.place == "text",
    )
    return db.session.scalars(query.options(joinedload(Attachment.blob)).limit(1)).one_or_none()


def delete_attachment(attachment: Attachment) -> None:
    """Forget a file that no text names; its content goes with the next night when nobody else has it."""
    if attachment.place == "document":
        raise Conflict(_("Ce fichier est celui d’un document : remplacez-le ou abandonnez-le depuis sa page."))
    if attachment.contribution_id is not None:
        raise Conflict(_("Ce fichier est dans une publication : retirez-le d’abord de son texte."))
    if attachment.blob.state == "infected" and not attachment.blob.facts.get("deleted_at"):
        raise Conflict(_("Ce fichier est en quarantaine : un animateur décide de la suite."))
    db.session.delete(attachment)


def bind_files(
    html: Iterable[str], contribution_id: int, writers: Iterable[int | None], comment_id: int | None = None
) -> None:
    """Bind the files that a text's HTML names, and let go of those that it no longer names.

    Only unbound files of one of the ``writers`` are bound: naming somebody else's file, or one that belongs to another
    text, changes nothing and tells nothing.
    """
    named = {int(id) for one in html for id in _NAMED.findall(one or "")}
    ids = sorted(named)[:MOST_NAMED]
    here = Attachment.contribution_id == contribution_id
    same_text = Attachment.comment_id == comment_id if comment_id else Attachment.comment_id.is_(None)
    left = update(Attachment).where(here, same_text, Attachment.place == "text", Attachment.id.not_in(ids))
    db.session.execute(left.values(contribution_id=None, comment_id=None, loose_since=now()))
    if not ids:
        return
    who = [id for id in writers if id is not None]
    mine = update(Attachment).where(
        Attachment.id.in_(ids),
        Attachment.contribution_id.is_(None),
        Attachment.place == "text",  # the file of a document that is not out yet is not shown through a text
        Attachment.uploaded_by_id.in_(who),
    )
    values = {"contribution_id": contribution_id, "comment_id": comment_id, "place": "text", "loose_since": None}
    bound = list(db.session.scalars(mine.values(**values).returning(Attachment.id)))
    for file in db.session.scalars(select(Attachment).where(Attachment.id.in_(bound))) if bound else ():
        emit("file.bound", file)


def ask_discretion(contribution_id: int, comment_id: int | None) -> None:
    """The worker looks at each file under this text, which a pseudonym signs."""
    same_text = Attachment.comment_id == comment_id if comment_id else Attachment.comment_id.is_(None)
    for file in db.session.scalars(select(Attachment).where(Attachment.contribution_id == contribution_id, same_text)):
        emit("file.bound_discreetly", file)
