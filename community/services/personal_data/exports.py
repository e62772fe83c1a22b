"""Copies of one's data: asked for, made by the worker, kept a few days, downloaded by their owner alone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.options import option
from community.core.storage import MissingFile, storage
from community.people.accounts.models import Member
from community.services.personal_data.models import DataExport

#: a making that says nothing for so long was interrupted: it is taken up again
INTERRUPTED = timedelta(minutes=10)
LAST_TRY = 3
STRAY_SECONDS = 24 * 3600


def ask_export(member_id: int, actor: Any, reason: str = "") -> DataExport:
    """Ask for a copy. One at a time: asking again while it is being made gives the same one."""
    export = DataExport(member_id=member_id, asked_by_id=actor.id if actor.id != member_id else None)
    try:
        with db.session.begin_nested():
            db.session.add(export)
    except IntegrityError:
        return db.session.scalars(_of(member_id).where(DataExport.state.in_(("waiting", "running")))).one()
    record(actor, "export.asked", db.session.get(Member, member_id), reason)
    return export


def exports_of(member_id: int) -> Sequence[DataExport]:
    """The latest copies of one member, those under way and those that may still be downloaded first."""
    return db.session.scalars(_of(member_id).order_by(DataExport.id.desc()).limit(5)).all()


def own_export(user: Any, id: int) -> DataExport:
    """A copy that is ready, to its owner; to anybody else, administrators included, it does not exist."""
    export = db.session.scalars(_of(user.id).where(DataExport.id == id, DataExport.state == "ready")).one_or_none()
    if export is None or export.expires_at is None or export.expires_at < now():
        raise NotFound()
    return export


def claim_export() -> DataExport | None:
    """The next copy to make, marked as being made; None when nothing waits. Two workers never take the same."""
    stale = (DataExport.state == "running") & (DataExport.claimed_at < now() - INTERRUPTED)
    waiting = select(DataExport.id).where(or_(DataExport.state == "waiting", stale)).order_by(DataExport.id).limit(1)
    id = db.session.scalar(waiting)
    if id is None:
        return None
    taken = update(DataExport).where(DataExport.id == id, or_(DataExport.state == "waiting", stale))
    values = {"state": "running", "claimed_at": now(), "tries": DataExport.tries + 1, "progress": 0}
    if db.session.execute(taken.values(values).execution_options(synchronize_session=False)).rowcount != 1:
        return None
    return db.session.get(DataExport, id, populate_existing=True)


def new_key(export: DataExport) -> str:
    return f"exports/{export.id}-{secrets.token_hex(16)}.zip"


def finish_export(export: DataExport, key: str) -> None:
    """The copy is there: its owner may fetch it for some days."""
    export.state, export.progress, export.storage_key = "ready", 100, key
    export.size, export.ready_at = storage().size(key), now()
    export.expires_at = now() + timedelta(days=option("retention.exports"))


def give_up(export: DataExport) -> bool:
    """After a failure: True when it was the last try."""
    export.state = "failed" if export.tries >= LAST_TRY else "waiting"
    return export.state == "failed"


def forget_export(export: DataExport) -> None:
    """Its file goes; the row stays a while, to say that there was one."""
    if export.storage_key:
        storage().delete(export.storage_key)
    export.state, export.storage_key, export.size = "gone", "", 0


def forget_stray_copies() -> None:
    """Archives that no row names (a worker died between keeping one and saying so): somebody's whole life, gone in a day."""
    named = set(db.session.scalars(select(DataExport.storage_key).where(DataExport.storage_key != "")))
    for key in list(storage().keys("exports/")):
        if key not in named and _is_old(key):
            storage().delete(key)


def _is_old(key: str) -> bool:
    try:
        return storage().age(key) > STRAY_SECONDS
    except MissingFile:
        return False


def expired_exports() -> Sequence[DataExport]:
    return db.session.scalars(
        select(DataExport).where(DataExport.state == "ready", DataExport.expires_at < now())
    ).all()


def require_room(member_id: int) -> None:
    """Three copies a day are enough: each reads everything."""
    since = now() - timedelta(days=1)
    recent = db.session.scalars(
        _of(member_id).where(DataExport.asked_at > since, DataExport.state.in_(("ready", "gone")))
    ).all()
    if len(recent) >= 3:
        raise Conflict(_("Vous avez déjà demandé trois copies aujourd’hui. Réessayez demain."))


def _of(member_id: int) -> Any:
    return select(DataExport).where(DataExport.member_id == member_id)
