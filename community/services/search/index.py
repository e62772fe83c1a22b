"""The application's index: one backend per process, opened at its first use; and what is written to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import structlog
from flask import current_app
from sqlalchemy import select

from community.contributions.indexing import all_entries, build_entries, entry_id, index_kind
from community.contributions.models import Contribution
from community.core import ports
from community.core.db import db, reading
from community.core.outbox import pending
from community.people.accounts.index_entry import member_entries
from community.services.search.synonyms import bring_up_to_date
from search_index.backend import Backend, SearchUnavailable, open_backend

log = structlog.get_logger(__name__)
index_kind("member")(member_entries)


def index() -> Backend:
    """This process's backend."""
    backend = current_app.extensions.get("search")
    if backend is None:
        backend = current_app.extensions["search"] = open_backend(current_app.config["SETTINGS"].search_url)
        current_app.extensions.setdefault("forget_for_tests", []).append(forget)
    return backend


@ports.provide("search_healthy")
def healthy() -> bool:
    """Whether this process can search now."""
    return index().healthy()


def reader(version: tuple | None = None) -> Backend:
    """This process's backend for a read that weighs words: with the synonyms of today."""
    backend = index()
    bring_up_to_date(backend, version)
    return backend


def forget() -> None:
    """Close the backend; the next use opens it again."""
    from flask import has_app_context

    if not has_app_context():
        return
    backend = current_app.extensions.pop("search", None)
    if backend is not None:
        backend.close()


def index_pages(ids: Iterable[int], members: Iterable[int] = ()) -> None:
    """Bring these pages' entries up to date: what is out is written, everything else removed. One index commit."""
    with reading():
        kinds = dict(
            db.session.execute(select(Contribution.id, Contribution.kind).where(Contribution.id.in_(list(ids)))).all()
        )
        entries = []
        for kind in sorted(set(kinds.values())):
            entries += build_entries(kind, [id for id, found in kinds.items() if found == kind])
        entries += build_entries("member", list(members))
        db.session.rollback()
    wanted = {entry_id(kind, id) for id, kind in kinds.items()} | {entry_id("member", id) for id in members}
    _apply(entries, wanted - {entry.id for entry in entries})


def _apply(entries: Sequence, deletes: Iterable[str]) -> None:
    """Write to the index; one that is missing, damaged or of another version is built anew, whole."""
    try:
        if not index().healthy():
            raise SearchUnavailable("nothing to add to")
        index().apply(entries, deletes)
    except SearchUnavailable:
        count = rebuild()
        log.info("index_built", reason="there was none that could be read", entries=count)


def rebuild(progress=None) -> int:
    """Build the whole index beside the live one and swap. Returns the number of entries."""
    with reading():
        count = index().rebuild(all_entries(), progress)
        db.session.rollback()
    return count


def repair() -> tuple[int, int]:
    """Compare index and database and mend the differences: (written, removed). Nightly."""
    try:
        present = index().versions()
    except SearchUnavailable:
        return rebuild(), 0
    with reading():
        stale = [entry for entry in all_entries() if present.pop(entry.id, None) != entry.version]
        db.session.rollback()
    if stale or present:
        log.warning("index_repaired", written=len(stale), removed=len(present))
        index().apply(stale, list(present))
    return len(stale), len(present)


def settle() -> None:
    """Merge, step by step, what posts should not wait for; stop as soon as one arrives.

    An index that cannot be read is built anew: nobody may post before the night.
    """
    try:
        if not index().healthy():
            log.info("index_built", reason="it could not be read", entries=rebuild())
        while not pending() and index().settle():
            log.info("index_settled")
    except SearchUnavailable:
        log.warning("index_not_settled", reason="unavailable")


def tidy() -> None:
    """Merge the index into one segment; one that cannot be read is left to the repair."""
    try:
        index().optimize()
    except SearchUnavailable:
        log.warning("index_not_tidied", reason="unavailable")
