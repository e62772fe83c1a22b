"""The worker's part: images drawn again without metadata; every night, what nobody names any more goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog

from community.abilities.attachments.leftovers import (
    STRAY_SECONDS,
    batches_of_keys,
    forget_loose_files,
    forget_unused_blobs,
    remove_strays,
)
from community.abilities.attachments.models import Attachment, Blob
from community.core import sandbox
from community.core.db import commit, db, reading
from community.core.filetypes import extension_of
from community.core.jobs import periodic
from community.core.storage import MissingFile, blob_key, local_copy, new_scratch, storage

log = structlog.get_logger(__name__)
SECONDS, MEGABYTES = 90, 1024


@periodic("sweep_files", hour="3", minute="25")
def sweep_files() -> None:
    """Loose files of a week, contents of a day that nobody names, halves of transfers. What is named stays."""
    removed = {"loose": forget_loose_files(), "blobs": 0, "strays": 0}
    commit()
    while count := forget_unused_blobs():
        removed["blobs"] += count
        commit()  # the lock is held for a batch, never for the whole night
    commit()
    for keys in batches_of_keys():
        removed["strays"] += remove_strays(keys)
        commit()
    removed["halves"] = storage().tidy(STRAY_SECONDS)
    log.info("files_swept", **removed)


def clean_picture(attachment_id: int) -> None:
    """Put an image drawn again in the place of what was received. Once done there is nothing more to do.

    A kill between the two steps leaves an image without metadata that is not yet known as such: it is drawn once more.
    """
    found = _to_clean(attachment_id)
    if found is None:
        return
    sha256, media_type = found
    out = new_scratch()
    try:
        with local_copy(blob_key(sha256)) as path:
            answer = _draw(path, out, extension_of(media_type))
        if "refused" not in answer:
            answer["size"] = out.stat().st_size
            storage().put(blob_key(sha256), out, media_type)
    except MissingFile:
        return  # in quarantine, or removed meanwhile
    finally:
        out.unlink(missing_ok=True)
    _note(sha256, answer)
    commit()


def _to_clean(attachment_id: int) -> tuple[str, str] | None:
    with reading():
        attachment = db.session.get(Attachment, attachment_id)
        blob = db.session.get(Blob, attachment.sha256) if attachment else None
        waits = blob is not None and blob.is_image and not blob.cleaned and blob.state not in ("refused", "infected")
        found = (blob.sha256, blob.media_type) if blob is not None and waits else None
        db.session.rollback()
    return found


def _draw(path: Path, out: Path, extension: str) -> dict[str, Any]:
    arguments = {"path": str(path), "out": str(out), "extension": extension}
    try:
        return sandbox.run("community.core.pictures:draw_again", arguments, seconds=SECONDS, megabytes=MEGABYTES)
    except sandbox.SandboxFailure as failure:
        log.warning("picture_not_drawn", kind=failure.kind)
        return {"refused": "broken_image"}


def _note(sha256: str, answer: dict[str, Any]) -> None:
    blob = db.session.get(Blob, sha256)
    if blob is None:
        return
    if "refused" in answer:
        blob.state, blob.state_reason = "refused", answer["refused"]
    else:
        blob.cleaned, blob.size = True, answer["size"]
        if "reduced_from" in answer:
            blob.facts = {**blob.facts, "reduced_from": answer["reduced_from"]}
