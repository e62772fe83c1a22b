"""What nobody names any more: found, and removed without ever touching what somebody names.

A file that no text names stays its uploader's for a week (and as long as a draft of theirs names it). A content without
any file, or without any row, stays a day. Removing takes the lock that naming shares (actions.py), so that a content which
is being sent again at this very moment is either seen here, or put back by who sends it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from sqlalchemy import delete, exists, select, update

from community.abilities.attachments.actions import own_contents
from community.abilities.attachments.models import Attachment, Blob
from community.abilities.drafts.models import Draft
from community.core.clock import now
from community.core.db import db
from community.core.storage import MissingFile, blob_key, storage

LOOSE_DAYS = 7
STRAY_SECONDS = 24 * 3600
BATCH = 100
_NAMED = re.compile(r"/fichiers/(\d{1,9})/")
_SHA = re.compile(r"(?:blobs/[0-9a-f]{2}|previews)/([0-9a-f]{64})(?:/|\Z)")


def forget_loose_files() -> int:
    """Files that nothing has named for a week. Gives how many went."""
    before = now() - timedelta(days=LOOSE_DAYS)
    orphans = update(Attachment).where(
        Attachment.contribution_id.is_(None), Attachment.place == "text", Attachment.loose_since.is_(None)
    )
    db.session.execute(orphans.values(loose_since=now()))  # their text was erased, row and all
    judged = Blob.facts["deleted_at"].as_string().is_not(None)
    over = exists().where(
        Blob.sha256 == Attachment.sha256, (Blob.state != "infected") | judged
    )  # else somebody decides
    loose = select(Attachment.id, Attachment.uploaded_by_id).where(
        Attachment.contribution_id.is_(None), Attachment.place == "text", Attachment.loose_since < before, over
    )
    rows = db.session.execute(loose).all()
    kept = _in_drafts({row.uploaded_by_id for row in rows})
    gone = [row.id for row in rows if row.id not in kept]
    for start in range(0, len(gone), BATCH):
        db.session.execute(delete(Attachment).where(Attachment.id.in_(gone[start : start + BATCH])))
    return len(gone)


def _in_drafts(member_ids: set[int]) -> set[int]:
    """The files that what these members have half written names."""
    if not member_ids:
        return set()
    drafts = db.session.scalars(select(Draft.data).where(Draft.member_id.in_(member_ids)))
    return {int(id) for data in drafts for id in _NAMED.findall(json.dumps(data))}


def forget_unused_blobs() -> int:
    """One batch of contents that no file has had for a day, and the contents of what was refused. Gives how many."""
    own_contents()
    before = now() - timedelta(seconds=STRAY_SECONDS)
    used = exists().where(Attachment.sha256 == Blob.sha256)
    unused = list(db.session.scalars(select(Blob.sha256).where(~used, Blob.created_at < before).limit(BATCH)))
    for sha256 in unused:
        _remove_content(sha256)
    db.session.execute(delete(Blob).where(Blob.sha256.in_(unused)))
    return len(unused)


def _remove_content(sha256: str) -> None:
    store = storage()
    for key in [*store.keys(f"previews/{sha256}/"), blob_key(sha256), f"quarantine/{sha256}"]:
        store.delete(key)


def batches_of_keys() -> Iterator[list[str]]:
    """What is in the store, a batch at a time; no lock is held while it is listed."""
    keys = (key for prefix in ("blobs/", "previews/") for key in storage().keys(prefix))
    while batch := list(islice(keys, BATCH)):
        yield batch


def remove_strays(keys: list[str]) -> int:
    """Among these contents, remove those that no row names and that have been there for a day; and what nobody may get."""
    own_contents()
    shas = {key: found.group(1) for key in keys if (found := _SHA.match(key))}
    open_to_some = Blob.state.not_in(("refused", "infected")) | (Blob.state_reason == "not_scanned")
    query = select(Blob.sha256).where(Blob.sha256.in_(set(shas.values())), open_to_some)
    known = set(db.session.scalars(query))
    strays = [key for key in keys if shas.get(key) not in known and _is_old(key)]
    for key in strays:
        storage().delete(key)
    return len(strays)


def _is_old(key: str) -> bool:
    try:
        return storage().age(key) > STRAY_SECONDS
    except MissingFile:
        return False
