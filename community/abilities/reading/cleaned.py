"""The copy of a file without personal traces: made in the worker, kept as a file of whoever asked for it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.reading.cleaning import KINDS
from community.abilities.reading.examine import clean_copy
from community.core.db import db
from community.core.filetypes import extension, stem
from community.core.outbox import emit
from community.core.storage import blob_key, new_scratch, storage
from community.people.accounts.identity import identity_of

#: what is said of a copy in its name, by the fact of the original that names it (queries.COPIES)
SUFFIXES = {"clean": " (sans traces)", "bare": " (sans traces ni contenu masqué)"}


def clean_again(attachment_id: int, member_id: int | None, which: str = "clean") -> bool:
    """Make the copy that this member asked for. Says whether anything was written; asking twice makes one."""
    user = identity_of(member_id) if member_id else None
    original = _original(attachment_id)
    db.session.rollback()
    if user is None or original is None or original.extension not in KINDS:
        return False
    out = new_scratch()
    try:
        found = clean_copy(original.sha256, original.extension, storage(), out, hidden=which == "bare")
        return _keep(original, user, out, found, which)
    finally:
        out.unlink(missing_ok=True)


def copy_name(name: str, which: str = "clean") -> str:
    """« cctp.docx » → « cctp (sans traces).docx »."""
    return f"{stem(name)[:80]}{SUFFIXES[which]}.{extension(name)}"


class _Original:
    def __init__(self, attachment: Attachment) -> None:
        self.id, self.sha256, self.name = attachment.id, attachment.sha256, attachment.name
        self.extension, self.media_type = attachment.blob.extension, attachment.blob.media_type


def _original(attachment_id: int) -> _Original | None:
    query = select(Attachment).options(joinedload(Attachment.blob)).where(Attachment.id == attachment_id)
    attachment = db.session.scalars(query).one_or_none()
    return _Original(attachment) if attachment is not None and attachment.blob.is_open else None


def _keep(original: _Original, user: Any, out: Path, found: dict[str, Any], which: str) -> bool:
    """The content is in the store before any row names it; the original's facts say which content it is."""
    if "failed" in found or not out.is_file():
        _note(original.sha256, which, {"state": "failed"})
        return True
    sha256 = digest_of(out)
    storage().put(blob_key(sha256), out, original.media_type)
    if db.session.get(Blob, sha256) is None:
        db.session.add(Blob(sha256=sha256, size=out.stat().st_size, media_type=original.media_type))
        db.session.flush()
    _note(original.sha256, which, {"state": "made", "sha256": sha256, "traces": found["traces"]})
    if _has_copy(user.id, sha256):
        return True
    attachment = Attachment(sha256=sha256, name=copy_name(original.name, which), uploaded_by_id=user.id)
    db.session.add(attachment)
    emit("file.stored", attachment, actor=user)
    return True


def _note(sha256: str, which: str, made: dict[str, Any]) -> None:
    blob = db.session.get_one(Blob, sha256)
    blob.facts = {**blob.facts, which: made}


def _has_copy(member_id: int, sha256: str) -> bool:
    query = select(Attachment.id).where(Attachment.uploaded_by_id == member_id, Attachment.sha256 == sha256)
    return db.session.scalar(query.limit(1)) is not None


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
