"""Take away all that a spammer published, as one act, and put it all back within the hour if it was a mistake.

Where the sweeper moderates: an administrator everywhere, a moderator in their communities. What was removed by somebody else,
or touched since, is left as it is. The account's pseudonyms are not part of it: their going together would tell whose they are.

The request only writes the sweep down; the worker does it, a few pieces a transaction (sweep_pieces.py), and goes on where it
was when it is killed. Whoever undoes one that is not over stops it there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict
from community.people.accounts.models import Member
from community.people.communities.models import Sanction
from community.people.communities.sanctions import suspend_member, take_back
from community.services.moderation.locks import take
from community.services.moderation.models import Sweep, SweepItem
from community.services.moderation.sweep_pieces import KINDS, left_to_take, put_back_some, take_some

UNDO_WITHIN = timedelta(hours=1)
SUSPENDED_FOR = timedelta(days=7)
UNDER_WAY = ("running", "undoing")


def begin_sweep(member: Member, user: Any, since: datetime | None, reason: str, suspend: bool = False) -> Sweep:
    """Ask that texts, comments, votes and notifications of this member go; the account is suspended at once if wanted.

    Raises Conflict while another sweep of this member is being done.
    """
    db.session.execute(select(Member.id).where(Member.id == member.id).with_for_update())
    under_way = select(Sweep.id).where(Sweep.member_id == member.id, Sweep.state.in_(UNDER_WAY))
    if db.session.scalar(under_way.limit(1)) is not None:
        raise Conflict(_("Un retrait de ce que ce membre a publié est déjà en cours."))
    reach = None if user.is_administrator else sorted(user.moderated_ids)
    row = Sweep(member_id=member.id, by_id=user.id, reason=reason[:1000], since=since, reach=reach, before={})
    db.session.add(row)
    if suspend:
        row.sanction_id = suspend_member(member.id, now() + SUSPENDED_FOR, reason, user).id
    db.session.flush()
    row.total = left_to_take(row)
    record(user, "member.swept", target=member, reason=reason)
    return row


def undo_sweep(row: Sweep, user: Any) -> None:
    """Ask that what was taken be put back, as long as nobody changed it since. Repeating it changes nothing."""
    take(row, "state", "undone_at")
    if row.state in ("undoing", "undone"):
        return
    if not may_undo(row):
        raise Conflict(_("Passé une heure, remettez les textes un par un, depuis leur page."))
    row.state, row.undone_by_id = "undoing", user.id
    sanction = db.session.get(Sanction, row.sanction_id) if row.sanction_id else None
    if sanction is not None:
        take_back(sanction, user)
    record(user, "member.sweep_undone", target=db.session.get(Member, row.member_id), reason=_figures(row))


def may_undo(row: Sweep) -> bool:
    """Within the hour that follows its end; while it is being done, at any time."""
    return row.state == "running" or (row.state == "done" and (row.ended_at or row.created_at) > now() - UNDO_WITHIN)


def sweeps_under_way() -> list[int]:
    return list(db.session.scalars(select(Sweep.id).where(Sweep.state.in_(UNDER_WAY)).order_by(Sweep.id)))


def go_on(id: int) -> bool:
    """Do a few pieces more of a sweep, or of its undoing. Gives whether something is left. The caller commits."""
    row = db.session.get(Sweep, id)
    if row is None:
        return False
    take(row, "state", "before")
    if row.state == "running":
        if taken := take_some(row):
            kind, count = taken
            row.before = {**row.before, kind: row.before.get(kind, 0) + count}
            return True
        row.state, row.ended_at = "done", now()
        asker = SimpleNamespace(id=row.by_id)
        record(asker, "member.sweep_ended", target=db.session.get(Member, row.member_id), reason=_figures(row))
    elif row.state == "undoing":
        if put_back_some(row):
            return True
        row.state, row.undone_at = "undone", now()
    return False


def done_so_far(row: Sweep) -> int:
    """How many pieces of the whole are settled, taken or put back: for the page."""
    if row.state == "undoing":
        left = db.session.scalar(select(func.count()).select_from(SweepItem).where(SweepItem.sweep_id == row.id)) or 0
        return max(0, sum(row.before.values()) - left)
    return sum(row.before.values())


def sweeps_of(member_id: int) -> list[Sweep]:
    query = select(Sweep).where(Sweep.member_id == member_id).order_by(Sweep.id.desc()).limit(5)
    return list(db.session.scalars(query))


def forget_pieces() -> int:
    """What a sweep took is listed for as long as it may be put back, and no longer. Gives how many rows went."""
    over = select(Sweep.id).where(Sweep.state == "done", Sweep.ended_at < now() - UNDO_WITHIN)
    gone = delete(SweepItem).where(SweepItem.sweep_id.in_(over)).execution_options(synchronize_session=False)
    return int(db.session.execute(gone).rowcount)


def _figures(row: Sweep) -> str:
    return ", ".join(f"{kind} {row.before.get(kind, 0)}" for kind in KINDS)
