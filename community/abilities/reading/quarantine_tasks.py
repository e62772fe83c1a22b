"""The worker's part of the quarantine: examine a content again, and delete one for good."""

from __future__ import annotations

from sqlalchemy import select

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.reading.antivirus import TooLargeToScan, scan
from community.abilities.reading.scanning import quarantine_key, scanner
from community.core.audit import record
from community.core.clock import now
from community.core.db import commit, db, reading
from community.core.outbox import emit
from community.core.storage import MissingFile, blob_key, local_copy, storage

A_DAY = 24 * 3600


def look_at_quarantined(attachment_id: int, asked_by: int | None) -> None:
    """Send a content in quarantine to the antivirus again. Clean: it comes out and is examined like one just received.

    Raises ScannerUnavailable: the event is tried again later.
    """
    sha256 = _quarantined(attachment_id)
    if sha256 is None or not scanner():
        return
    try:
        found = scan(scanner(), storage().open(quarantine_key(sha256)))
    except (MissingFile, TooLargeToScan):
        _not_looked_at(sha256)
        return
    if found is not None:
        _still_infected(sha256, attachment_id, found, asked_by)
        return
    with local_copy(quarantine_key(sha256)) as path:
        storage().put(blob_key(sha256), path)
    _let_out(sha256)
    commit()
    storage().delete(quarantine_key(sha256))


def delete_condemned(sha256: str) -> None:
    """What a moderator deleted leaves the store. Once more does no harm."""
    storage().delete(quarantine_key(sha256))


def sweep_quarantine() -> int:
    """Contents a day old that no file in quarantine has any more (a kill between two steps). Gives how many went."""
    gone = 0
    for key in list(storage().keys("quarantine/")):
        blob = db.session.get(Blob, key.rpartition("/")[2])
        waits = blob is not None and blob.state == "infected" and not blob.facts.get("deleted_at")
        if not waits and _age(key) > A_DAY:
            storage().delete(key)
            gone += 1
    db.session.rollback()
    return gone


def _age(key: str) -> float:
    try:
        return storage().age(key)
    except MissingFile:
        return 0.0


def _quarantined(attachment_id: int) -> str | None:
    with reading():
        attachment = db.session.get(Attachment, attachment_id)
        blob = db.session.get(Blob, attachment.sha256) if attachment else None
        waits = blob is not None and blob.state == "infected" and not blob.facts.get("deleted_at")
        sha256 = blob.sha256 if blob is not None and waits else None
        db.session.rollback()
    return sha256


def _not_looked_at(sha256: str) -> None:
    """Nobody waits any more for what could not be looked at: it may be asked again."""
    blob = db.session.get_one(Blob, sha256, with_for_update=True)
    blob.facts = {name: value for name, value in blob.facts.items() if name != "asked_at"}
    commit()


def _still_infected(sha256: str, attachment_id: int, signature: str, asked_by: int | None) -> None:
    blob = db.session.get_one(Blob, sha256, with_for_update=True)
    kept = {name: value for name, value in blob.facts.items() if name != "asked_at"}
    blob.facts = kept | {"signature": signature, "looked_at": now().isoformat(timespec="seconds")}
    emit("file.still_infected", db.session.get_one(Attachment, attachment_id), asked_by=asked_by)
    commit()


def _let_out(sha256: str) -> None:
    blob = db.session.get_one(Blob, sha256, with_for_update=True)
    blob.state, blob.state_reason, blob.scan, blob.text_state = "waiting", "", "clean", "waiting"
    blob.facts, blob.cleaned = {}, False
    for attachment in db.session.scalars(select(Attachment).where(Attachment.sha256 == sha256)):
        record(None, "file.released", attachment)
        emit("file.cleared", attachment)
        emit("file.stored", attachment)
