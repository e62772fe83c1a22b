"""Follow a contribution, or stop; both may be repeated without harm."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from community.abilities.follows.models import Follow
from community.contributions.models import Contribution
from community.core.db import db


def follow(item: Contribution, user: Any) -> None:
    """Tell this person of what happens to the contribution."""
    try:
        with db.session.begin_nested():
            db.session.add(Follow(contribution_id=item.id, member_id=user.id))
    except IntegrityError:
        return


def unfollow(item: Contribution, user: Any) -> None:
    """Stop telling this person."""
    db.session.execute(delete(Follow).where(Follow.contribution_id == item.id, Follow.member_id == user.id))
