"""Reads of what examination found: the words of pages, how many previews there are, copies without traces."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, func, select

from community.abilities.attachments.models import Attachment, Blob, BlobPage
from community.abilities.reading.examine import previews_prefix
from community.core.db import db
from community.core.outbox import Event


def pages_of(sha256: str, first: int = 1, most: int = 2_000) -> list[Any]:
    """The pages of a content in order: rows with number, label, text."""
    query = select(BlobPage.number, BlobPage.label, BlobPage.text)
    query = query.where(BlobPage.sha256 == sha256, BlobPage.number >= first)
    return list(db.session.execute(query.order_by(BlobPage.number).limit(most)))


def previews_of(blob: Any) -> list[int]:
    """The numbers of the pages that have an image (any row with ``facts``)."""
    return list(range(1, int((blob.facts or {}).get("previews") or 0) + 1))


def has_thumbnail(blob: Any) -> bool:
    """Whether preview 0, the small one, was made (any row with ``facts``)."""
    return bool((blob.facts or {}).get("previews"))


def preview_key(sha256: str, number: int) -> str:
    """Where an image is stored: 0 is the thumbnail, 1 the first page."""
    return f"{previews_prefix(sha256)}{number}.webp"


#: the copies that can be made: without personal traces; without what is hidden either
COPIES = ("clean", "bare")


def copies_of(facts: dict[str, Any], user: Any) -> dict[str, Attachment]:
    """This person's own copies of a content, by which they are (COPIES)."""
    found = {which: clean_copy_of(facts, user, which) for which in COPIES} if user.is_authenticated else {}
    return {which: copy for which, copy in found.items() if copy is not None}


def clean_copy_of(facts: dict[str, Any], user: Any, which: str = "clean") -> Attachment | None:
    """This person's own copy without traces of a content, by its facts; None (and no statement) when none was made."""
    made = (facts or {}).get(which) or {}
    if made.get("state") != "made":
        return None
    mine = select(Attachment).where(Attachment.sha256 == made["sha256"], Attachment.uploaded_by_id.in_(user.own_ids))
    return db.session.scalars(mine.order_by(Attachment.id.desc()).limit(1)).one_or_none()


def copy_is_asked(attachment: Attachment, user: Any, which: str) -> bool:
    """Whether the worker still has this person's request before it."""
    same = (Event.subject_id == attachment.id, Event.actor_id == user.id, Event.payload["which"].as_string() == which)
    return db.session.scalar(select(exists().where(Event.name == "file.copy_asked", *same))) or False


def waiting_files() -> int:
    """How many contents wait to be examined (health, the administrator's page)."""
    return db.session.scalar(select(func.count()).select_from(Blob).where(Blob.state == "waiting")) or 0
