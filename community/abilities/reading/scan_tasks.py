"""The antivirus and a stored content: clean, in quarantine, too large to be looked at, or to be asked again later."""

from __future__ import annotations

from sqlalchemy import select, update

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.reading.antivirus import ScannerUnavailable, TooLargeToScan, scan
from community.abilities.reading.keeping import keep_infected
from community.abilities.reading.scanning import quarantine_key, scanner
from community.core.db import commit, db
from community.core.outbox import emit
from community.core.storage import blob_key, local_copy, storage


def look_for_viruses(sha256: str, state: str, before: str) -> str:
    """Send a content to clamd, if there is one; what is known of it then. A clean one is not sent again.

    Raises ScannerUnavailable: the file goes on waiting.
    """
    if not scanner() or before == "clean":
        return before if before == "clean" else "off"
    try:
        found = scan(scanner(), storage().open(blob_key(sha256)))
    except TooLargeToScan:
        _note_too_large(sha256, before)
        return "too_large"
    except ScannerUnavailable:
        if state == "waiting":
            set_scan(sha256, "waiting")
        raise
    if found is None:
        set_scan(sha256, "clean")
        return "clean"
    _quarantine(sha256, found)
    return "infected"


def set_scan(sha256: str, state: str) -> None:
    db.session.execute(update(Blob).where(Blob.sha256 == sha256).values(scan=state))
    commit()


def _quarantine(sha256: str, signature: str) -> None:
    """Out of the reach of every address first; the content is kept apart, for whoever must look into it."""
    with local_copy(blob_key(sha256)) as path:
        storage().put(quarantine_key(sha256), path)
    keep_infected(sha256, signature)
    commit()
    storage().delete(blob_key(sha256))


def _note_too_large(sha256: str, before: str) -> None:
    """Moderators are told the first time: what becomes of the file is the operator's choice, not theirs to discover."""
    if before != "too_large":
        for attachment in db.session.scalars(select(Attachment).where(Attachment.sha256 == sha256)):
            emit("file.not_scanned", attachment, uploader_id=attachment.uploaded_by_id)
    set_scan(sha256, "too_large")
