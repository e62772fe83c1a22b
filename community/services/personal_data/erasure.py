"""Leaving: asked with one's password, done after a delay during which it can be called off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.options import option
from community.people.accounts.models import Member
from community.services.personal_data import mails
from community.services.personal_data.models import ErasureRequest

OPEN = ("waiting", "blocked")
#: what an account that was emptied is called
GONE = "Membre parti"


def ask_erasure(member_id: int, own_texts: str, actor: Any, reason: str = "") -> ErasureRequest:
    """Ask that an account be emptied once the delay is over. Asking twice changes nothing.

    Raises Conflict for the last administrator, who names another one first.
    """
    member = _present(member_id)
    if is_last_administrator(member):
        raise Conflict(
            _("Vous êtes la dernière personne à administrer la plateforme : nommez d’abord quelqu’un d’autre.")
        )
    due = now() + timedelta(days=option("erasure.delay"))
    asked_by = actor.id if actor is not None and actor.id != member_id else None
    request = ErasureRequest(member_id=member_id, own_texts=own_texts, due_at=due, asked_by_id=asked_by)
    try:
        with db.session.begin_nested():
            db.session.add(request)
    except IntegrityError:
        found = erasure_of(member_id)
        assert found is not None
        return found
    record(actor, "erasure.asked", member, reason)
    mails.erasure_asked(member, request)
    return request


def cancel_erasure(request: ErasureRequest, actor: Any, reason: str = "") -> None:
    """Call it off while nothing was done. Repeating it changes nothing; afterwards it is too late (Conflict)."""
    if request.state == "cancelled":
        return
    if request.state not in OPEN:
        raise Conflict(_("Il est trop tard : l’effacement a commencé."))
    member = _present(request.member_id)
    request.state, request.ended_at = "cancelled", now()
    record(actor, "erasure.cancelled", member, reason)
    mails.erasure_cancelled(member)


def erasure_of(member_id: int) -> ErasureRequest | None:
    """The request of this member that is open or being carried out, if any."""
    under_way = (*OPEN, "running")
    query = select(ErasureRequest).where(ErasureRequest.member_id == member_id, ErasureRequest.state.in_(under_way))
    return db.session.scalars(query).one_or_none()


def get_erasure(id: int) -> ErasureRequest:
    request = db.session.get(ErasureRequest, id)
    if request is None:
        raise NotFound()
    return request


def due_erasures() -> Sequence[ErasureRequest]:
    """What is due, and what was interrupted."""
    due = ErasureRequest.state.in_(OPEN) & (ErasureRequest.due_at <= now())
    query = select(ErasureRequest).where(due | (ErasureRequest.state == "running")).order_by(ErasureRequest.id)
    return db.session.scalars(query).all()


def is_last_administrator(member: Member) -> bool:
    """Nobody else runs the platform: it would be left without a hand."""
    others = select(func.count()).where(
        Member.platform_role == "administrator", Member.state == "active", Member.id != member.id
    )
    return member.platform_role == "administrator" and not db.session.scalar(others)


def _present(member_id: int) -> Member:
    member = db.session.get(Member, member_id)
    if member is None or member.state in ("erased", "pseudonym"):
        raise NotFound()
    return member
