"""What may be decided here: the actions that make sense for a text, and the places it may be moved to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from community.abilities.flags.models import FlagCase
from community.contributions.models import PAGES, Contribution
from community.core.db import db
from community.people.accounts.pseudonyms import is_pseudonym
from community.people.communities.models import Community, Membership
from community.permissions import community_visible_to
from community.services.moderation.around import Around
from community.services.moderation.vocabulary import ACTIONS


def actions_on(case: FlagCase, seen: Around, user: Any) -> list[str]:
    """The actions offered, in the desk's order."""
    allowed = {"keep", "warn"}
    if user.is_administrator and not is_pseudonym(case.author_id):
        allowed.add("suspend")
    item, comment = seen.item, seen.comment
    if item is not None:
        allowed |= {"silence", "ban"}
        out = comment.removed_at is None if comment else item.is_published
        if out:
            allowed |= {"hide", "remove"}
        if out and (comment is not None or item.reworded):
            allowed.add("edit")
        if out and comment is None and item.kind in PAGES:
            allowed.add("move")
    return [action for action in ACTIONS if action in allowed]


def places_for(item: Contribution, user: Any) -> list[tuple[str, str]]:
    """Communities where a text may go: known to the moderator, and still known to its author once there.

    A pseudonym has no place anywhere: what it wrote goes only where everybody of the platform may read.
    """
    theirs = select(Membership.community_id).where(Membership.member_id == item.author_id)
    known_to_author = Community.visibility.in_(("public", "platform"))
    if not is_pseudonym(item.author_id):
        known_to_author = or_(known_to_author, Community.id.in_(theirs))
    query = select(Community.id, Community.name).where(
        Community.id != item.community_id, Community.archived_at.is_(None), community_visible_to(user), known_to_author
    )
    return [(str(row.id), row.name) for row in db.session.execute(query.order_by(Community.name))]
