"""What an examination leaves in the database, in one transaction: state, facts, pages, and the word that it is done."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select

from community.abilities.attachments.models import Attachment, Blob, BlobPage
from community.abilities.reading.examine import Outcome
from community.contributions.models import Contribution
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.outbox import emit

ROWS = 200
#: facts that the upload noted and that an examination does not take away
OLDER_FACTS = ("encoding", "width", "height", "reduced_from", "clean", "bare")


def keep_outcome(sha256: str, outcome: Outcome) -> None:
    """Replace what was known of a content by what was found. Doing it twice leaves the same rows."""
    blob = db.session.get_one(Blob, sha256, with_for_update=True)
    blob.state, blob.state_reason = outcome.state
    blob.text_state = outcome.text_state
    blob.facts = {name: blob.facts[name] for name in OLDER_FACTS if name in blob.facts} | outcome.facts
    db.session.execute(delete(BlobPage).where(BlobPage.sha256 == sha256))
    if blob.state != "refused":
        _keep_pages(sha256, outcome.each_page())
    for attachment in _attachments(sha256):
        emit("file.examined", attachment)


def keep_infected(sha256: str, signature: str) -> None:
    """A hit: nobody gets the file any more, its words leave the index, moderators and the log are told."""
    blob = db.session.get_one(Blob, sha256, with_for_update=True)
    blob.state, blob.state_reason, blob.scan, blob.text_state = "infected", "infected", "infected", "none"
    blob.facts = {"signature": signature, "found_at": now().isoformat(timespec="seconds")}
    db.session.execute(delete(BlobPage).where(BlobPage.sha256 == sha256))
    for attachment in _attachments(sha256):
        record(None, "file.quarantined", attachment, reason=signature, community_id=_community_of(attachment))
        emit("file.quarantined", attachment, uploader_id=attachment.uploaded_by_id)
        emit("file.examined", attachment)


def _community_of(attachment: Attachment) -> int | None:
    """Where the file was published, if it was: that community's journal tells of it."""
    if attachment.contribution_id is None:
        return None
    return db.session.scalar(select(Contribution.community_id).where(Contribution.id == attachment.contribution_id))


def _keep_pages(sha256: str, pages: Iterator[dict[str, str]]) -> None:
    """Row by row from the file they were read into, so that a book is never whole in memory."""
    numbered = enumerate(pages, start=1)
    while rows := [_row(sha256, number, page) for number, page in islice(numbered, ROWS)]:
        db.session.execute(insert(BlobPage), rows)


def _row(sha256: str, number: int, page: dict[str, str]) -> dict[str, Any]:
    return {"sha256": sha256, "number": number, "label": page["label"], "text": page["text"]}


def _attachments(sha256: str) -> list[Attachment]:
    return list(db.session.scalars(select(Attachment).where(Attachment.sha256 == sha256).order_by(Attachment.id)))
