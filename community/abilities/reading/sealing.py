"""The copy without traces that takes the place of a file under a text signed by a pseudonym."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.attachments.sealed import is_sealed, naming
from community.abilities.reading.cleaned import digest_of
from community.abilities.reading.cleaning import KINDS
from community.abilities.reading.examine import clean_copy
from community.core.db import db
from community.core.outbox import emit
from community.core.storage import MissingFile, blob_key, new_scratch, storage


def seal(attachment_id: int) -> bool:
    """Replace the file by its copy without traces. Says whether anything was written; once done there is nothing to do."""
    query = select(Attachment).options(joinedload(Attachment.blob)).where(Attachment.id == attachment_id)
    file = db.session.scalars(query).one_or_none()
    due = file is not None and file.blob.is_open and file.blob.extension in KINDS and is_sealed(file)
    sha256, extension, media_type = (file.sha256, file.blob.extension, file.blob.media_type) if file else ("", "", "")
    db.session.rollback()
    if not due:
        return False
    out = new_scratch()
    try:
        found = clean_copy(sha256, extension, storage(), out)
        if "failed" in found or not out.is_file() or naming(found["traces"]):
            return False
        clean, size = digest_of(out), out.stat().st_size
        storage().put(blob_key(clean), out, media_type)
    except MissingFile:
        return False
    finally:
        out.unlink(missing_ok=True)
    if clean == sha256:
        return False
    if db.session.get(Blob, clean) is None:
        db.session.add(Blob(sha256=clean, size=size, media_type=media_type))
        db.session.flush()
    attachment = db.session.get_one(Attachment, attachment_id)
    attachment.sha256 = clean
    emit("file.stored", attachment)
    return True
