"""Decide on what was reported, take a decision back, and reverse one on appeal. Callers ask permissions.py first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from community.abilities.comments.models import Comment
from community.abilities.flags.actions import close_case, reopen_case
from community.abilities.flags.models import Flag, FlagCase
from community.contributions.models import Contribution
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.i18n import speaking
from community.core.outbox import emit
from community.core.vocab import label
from community.people.accounts.models import Member
from community.people.communities import sanctions
from community.people.communities.models import Community, Sanction
from community.services.moderation import measures
from community.services.moderation.around import item_of
from community.services.moderation.locks import take
from community.services.moderation.models import Appeal, Decision

#: how long whoever decided may simply take it back
UNDO_WITHIN = timedelta(hours=24)
#: what is written in the log, and when it is undone
ACTS = {
    "keep": "content.kept",
    "edit": "content.corrected",
    "move": "content.moved",
    "hide": "content.hidden",
    "remove": "content.removed",
    "warn": "member.warned",
    "silence": "content.author_silenced",
    "ban": "content.author_banned",
    "suspend": "content.author_suspended",
    "refuse": "hold.refused",
}
ON_TEXT = frozenset({"edit", "move", "hide", "remove"})
SANCTIONS = frozenset({"silence", "ban", "suspend"})


@dataclass(frozen=True)
class Wanted:
    """What the moderator chose: an action, the words for the author, and what the action needs."""

    action: str
    message: str = ""
    until: datetime | None = None
    target: Community | None = None
    title: str = ""
    body: str = ""


def decide(case: FlagCase, wanted: Wanted, user: Any) -> Decision:
    """Settle a case: do it, write it down, tell the author and the reporters (see handlers.py)."""
    take(case, "closed_at")
    if case.closed_at is not None:
        raise Conflict(_("Quelqu’un a déjà décidé entre-temps."))
    item, comment = subject_of(case)
    community_id = item.community_id if item else None
    sanction = _sanction(wanted, case.author_id, item, user) if wanted.action in SANCTIONS else None
    before = _apply(wanted, case, item, comment, user)
    decision = Decision(
        sanction_id=sanction.id if sanction else None,
        case_id=case.id,
        contribution_id=case.contribution_id,
        comment_id=case.comment_id,
        member_id=case.author_id,
        community_id=community_id,
        action=wanted.action,
        message=wanted.message if wanted.action != "keep" else "",
        before=before,
        decided_by_id=user.id,
    )
    db.session.add(decision)
    close_case(case, wanted.action)
    if wanted.action != "remove":  # removing records itself, from wherever it is done
        target = comment or item or db.session.get(Member, case.author_id)
        record(user, ACTS[wanted.action], target, motives(case.id), community_id)
    emit("moderation.decided", decision, actor=user)
    return decision


def undo(decision: Decision, user: Any) -> None:
    """Whoever decided takes it back within the day: the text is as before, and the case waits again."""
    take(decision, "undone_at")
    appealed = db.session.scalar(select(Appeal.id).where(Appeal.decision_id == decision.id))
    if appealed is not None or not undoable(decision):
        raise Conflict(_("Cette décision ne s’annule plus : elle a plus d’un jour, ou elle est contestée."))
    reverse(decision, user)
    case = db.session.get(FlagCase, decision.case_id) if decision.case_id else None
    if case is not None:
        reopen_case(case)
    record(user, "moderation.undone", decision, decision.action, decision.community_id)
    emit("moderation.undone", decision, actor=user)


def undoable(decision: Decision) -> bool:
    """Within a day; a warning was read already, and cannot be unread."""
    recent = decision.decided_at > now() - UNDO_WITHIN
    return recent and decision.undone_at is None and decision.action not in ("warn", "refuse")


def reverse(decision: Decision, user: Any) -> None:
    """Put back what a decision changed. Reversing twice changes nothing."""
    if decision.undone_at is not None:
        return
    decision.undone_at, decision.undone_by_id = now(), user.id
    db.session.flush()
    item, comment = subject_of(decision)
    if decision.action in SANCTIONS:
        _take_back_sanction(decision, user)
    elif item is not None and decision.action in measures.REVERSES:
        measures.REVERSES[decision.action](item, comment, user, decision.before)


def subject_of(row: Any) -> tuple[Contribution | None, Comment | None]:
    """The contribution and the comment that a case or a decision is about."""
    item = item_of(row.contribution_id)
    comment = db.session.get(Comment, row.comment_id) if row.comment_id else None
    return item, comment


def motives(case_id: int) -> str:
    """Why it was reported, for the log: the words of the vocabulary, never the reporters'."""
    codes = db.session.scalars(select(Flag.reason).where(Flag.case_id == case_id).distinct().order_by(Flag.reason))
    with speaking("fr"):
        return ", ".join(label("flag_reason", code) for code in codes)


def _apply(wanted: Wanted, case: FlagCase, item: Any, comment: Any, user: Any) -> dict[str, Any]:
    action = wanted.action
    if action in ON_TEXT and item is None:
        raise Invalid(_("Cette décision concerne un texte, pas un membre."))
    if action == "hide":
        return measures.hide(item, comment, user)
    if action == "remove":
        return measures.take_away(item, comment, user, motives(case.id))
    if action == "edit":
        return measures.reword(item, comment, user, wanted.body, wanted.title)
    if action == "move":
        if wanted.target is None or comment is not None:
            raise Invalid(_("Choisissez la communauté où déplacer ce texte."))
        return measures.move(item, wanted.target, user)
    return {}


def _sanction(wanted: Wanted, author_id: int, item: Contribution | None, user: Any) -> Sanction:
    if wanted.action == "suspend":
        return sanctions.suspend_member(author_id, wanted.until, wanted.message, user)
    if item is None:
        raise Invalid(_("Choisissez une communauté."))
    community = db.session.get_one(Community, item.community_id)
    if wanted.action == "silence":
        return sanctions.silence_in(community, author_id, wanted.until, wanted.message, user)
    return sanctions.ban_from(community, author_id, wanted.message, user)


def _take_back_sanction(decision: Decision, user: Any) -> None:
    """The one that this decision made. What another moderator decided since is theirs, and stays."""
    sanction = db.session.get(Sanction, decision.sanction_id) if decision.sanction_id else None
    if sanction is not None:
        sanctions.take_back(sanction, user)
