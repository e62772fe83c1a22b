"""Keep what is being typed, give it back, drop it once it is published."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from community.abilities.drafts.models import Draft
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.permissions import mine

LARGEST = 60_000


#: a draft's fields: one text each, or the several choices that were made
Fields = dict[str, str | list[str]]


def save_draft(user: Any, target: str, data: Fields) -> Draft | None:
    """Keep these fields for this form; an empty form drops the draft. Beyond LARGEST characters the last one is left."""
    data = {name: value for name, value in data.items() if "".join(value).strip()}
    if not data:
        drop_draft(user, target)
    if not data or sum(len("".join(value)) for value in data.values()) > LARGEST:
        return None
    draft = Draft(member_id=user.id, target=target[:60], data=data, updated_at=now())
    return db.session.merge(draft)


def draft_for(user: Any, target: str) -> dict[str, Any]:
    """The fields kept for this form; empty when there are none."""
    if not user.is_authenticated:
        return {}
    return db.session.scalar(select(Draft.data).where(Draft.member_id == user.id, Draft.target == target)) or {}


def is_published(user: Any, once: str) -> bool:
    """The form with this mark was already sent: what a browser still saves of it, late, is no draft any more."""
    sent = select(Contribution.id).where(mine(user), Contribution.once == once[:40])
    return bool(once) and db.session.scalar(sent) is not None


def drop_draft(user: Any, target: str) -> None:
    db.session.execute(delete(Draft).where(Draft.member_id == user.id, Draft.target == target))
