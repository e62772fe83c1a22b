"""Ask, once, that somebody else look at a decision; the answer is told, and final."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from community.abilities.flags.models import FlagCase
from community.contributions.actions import publish
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict
from community.core.outbox import emit
from community.services.moderation.around import item_of
from community.services.moderation.decisions import reverse
from community.services.moderation.holds import author_of, digest_of, publish_comment_of
from community.services.moderation.locks import take
from community.services.moderation.models import Appeal, Decision, Hold


def appeal(decision: Decision, words: str) -> Appeal:
    """Contest a decision. The database keeps one appeal for each; sending it twice gives the first one.

    Whoever contests does so as the decision knows them: a pseudonym stays one, in the log too.
    """
    row = Appeal(decision_id=decision.id, words=words)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return db.session.scalars(select(Appeal).where(Appeal.decision_id == decision.id)).one()
    author = SimpleNamespace(id=decision.member_id)
    record(author, "appeal.made", target=decision, community_id=decision.community_id)
    emit("appeal.made", row, actor=author)
    return row


def settle_appeal(row: Appeal, user: Any, state: str, answer: str) -> None:
    """Confirm the decision ("upheld"), or annul it ("reversed") and put everything back."""
    take(row, "state")
    if row.state != "pending":
        raise Conflict(_("Quelqu’un a déjà répondu à cette contestation."))
    row.state, row.answer, row.decided_at, row.decided_by_id = state, answer, now(), user.id
    decision = row.decision
    if state == "reversed":
        _publish_refused(decision, user) if decision.action == "refuse" else reverse(decision, user)
        _tell_reporters_otherwise(decision)
        record(user, "appeal.granted", target=decision, reason=decision.action, community_id=decision.community_id)
    else:
        record(user, "appeal.rejected", target=decision, reason=decision.action, community_id=decision.community_id)
    emit("appeal.settled", row, actor=user)


def _tell_reporters_otherwise(decision: Decision) -> None:
    """What reporters read of the outcome is what holds now: the text stays."""
    if decision.case_id is not None:
        db.session.get(FlagCase, decision.case_id).outcome = "keep"  # type: ignore[union-attr]


def _publish_refused(decision: Decision, user: Any) -> None:
    """What a moderator would not let out is published after all."""
    decision.undone_at, decision.undone_by_id = now(), user.id
    hold = db.session.get(Hold, decision.hold_id) if decision.hold_id else None
    if hold is not None:
        hold.state, hold.read = "released", digest_of(hold)
        db.session.flush()
    item = item_of(decision.contribution_id)
    if decision.comment_id is not None:
        publish_comment_of(decision.comment_id, item)
    else:
        publish(item, author_of(item.author_id))
