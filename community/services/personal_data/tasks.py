"""What the worker does about personal data: copies, erasures, and every night what retention forgets."""

from __future__ import annotations

from pathlib import Path

import structlog

from community.core.audit import record
from community.core.clock import now
from community.core.db import commit, db, reading, rollback
from community.core.i18n import speaking
from community.core.jobs import job, periodic
from community.core.storage import new_scratch, storage
from community.people.accounts.models import Member
from community.services.notifications.actions import Cause, tell_person
from community.services.personal_data import mails, retention
from community.services.personal_data.archive import write_archive
from community.services.personal_data.erasure import due_erasures, get_erasure, is_last_administrator
from community.services.personal_data.erasure_steps import STEPS
from community.services.personal_data.exports import claim_export, finish_export, give_up, new_key
from community.services.personal_data.late_farewells import due_farewells, say_farewell
from community.services.personal_data.models import DataExport, RetentionRun

log = structlog.get_logger("personal_data")


@job("make_exports")
def make_exports() -> None:
    """Make every copy that waits. Asked for by the page, and looked at every minute in case that asking was lost."""
    while (export := claim_export()) is not None:
        commit()
        _make(export.id)
    rollback()


@periodic("exports_every_minute", minute="*")
def make_waiting_exports() -> None:
    make_exports()


def _make(id: int) -> None:
    export = _get(id)
    path = new_scratch()
    try:
        member = db.session.get(Member, export.member_id)
        assert member is not None
        key = new_key(export)
        with speaking(member.locale):
            _write(id, member.id, path)
        storage().put(key, path, "application/zip")
        _announce(id, key)
    except Exception:
        rollback()
        log.exception("export_failed", export_id=id)
        give_up(_get(id))
        commit()
    finally:
        path.unlink(missing_ok=True)


def _write(id: int, member_id: int, path: Path) -> None:
    """Part by part, reading only: no write lock is held while everything is read; how far it is shows on the page."""
    parts = write_archive(member_id, path)
    while True:
        with reading():
            done = next(parts, None)
            rollback()
        if done is None:
            return
        export = _get(id)
        export.progress, export.claimed_at = done, now()
        commit()


def _announce(id: int, key: str) -> None:
    """Ready: said in the notifications and by mail."""
    export = _get(id)
    finish_export(export, key)
    member = db.session.get(Member, export.member_id)
    assert member is not None
    tell_person([member.id], "export.ready", f"export:{id}", Cause(None, now()))
    mails.export_ready(member, export)
    commit()


def _get(id: int) -> DataExport:
    export = db.session.get(DataExport, id, populate_existing=True)
    assert export is not None
    return export


@periodic("erase_accounts", minute="*/10")
def erase_accounts() -> None:
    """Carry out what is due, and go on with what was interrupted: each step is kept with the word that it was done."""
    for id in [request.id for request in due_erasures()]:
        try:
            erase(id)
        except Exception:
            rollback()
            log.exception("erasure_failed", erasure_id=id)
    rollback()


@periodic("late_farewells", minute="35")
def take_late_farewells() -> None:
    """Each page in a transaction of its own; one that fails is tried again the next hour, and stops no other."""
    ids = due_farewells()
    rollback()
    for id in ids:
        try:
            say_farewell(id)
            commit()
        except Exception:
            rollback()
            log.exception("late_farewell_failed", contribution_id=id)


def erase(id: int) -> None:
    """Every step that is not done yet, each in a transaction of its own."""
    if not _may_begin(id):
        return
    for name, step in STEPS:
        request = get_erasure(id)
        if name in request.steps:
            continue
        member = db.session.get(Member, request.member_id)
        assert member is not None
        step(request, member)
        request.steps = [*request.steps, name]
        commit()
    request = get_erasure(id)
    request.state, request.ended_at = "done", now()
    record(None, "member.erased", db.session.get(Member, request.member_id))
    commit()


def _may_begin(id: int) -> bool:
    """The platform is not left without an administrator: the request then waits, and the page says so."""
    request = get_erasure(id)
    member = db.session.get(Member, request.member_id)
    if request.state == "running":
        return True
    request.state = "blocked" if member is None or is_last_administrator(member) else "running"
    commit()
    return request.state == "running"


@periodic("retention", hour="3", minute="10")
def apply_retention() -> None:
    """One rule after the other; one that fails stops no other, and is told."""
    counts, failed = {}, []
    for name, _label, rule in retention.RULES:
        try:
            counts[name] = rule()
            commit()
        except Exception:
            rollback()
            log.exception("retention_failed", rule=name)
            failed.append(name)
    told = {name: count for name, count in counts.items() if count}
    db.session.add(RetentionRun(counts=told, failed=", ".join(failed)[:200]))
    commit()
