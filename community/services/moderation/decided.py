"""Decisions as the person concerned reads them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, select

from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.core.db import db
from community.core.paging import Key, Page, paginate
from community.people.communities.models import Community
from community.permissions import community_visible_to
from community.services.moderation.models import Appeal, Decision
from community.services.moderation.queries import THREAD


def my_decisions(user: Any, cursor: str | None = None) -> Page:
    """What was decided of this person, latest first; places that one may not know any more are not named."""
    query = (
        select(
            Decision.id,
            Decision.action,
            Decision.decided_at,
            Decision.undone_at,
            Appeal.state.label("appeal_state"),
            Decision.contribution_id,
            _seen_title(),
            Community.name.label("community_name"),
        )
        .outerjoin(Appeal, Appeal.decision_id == Decision.id)
        .outerjoin(Contribution, Contribution.id == Decision.contribution_id)
        .outerjoin(THREAD, THREAD.id == Contribution.thread_id)
        .outerjoin(Community, _known(user, Decision.community_id))
        .where(Decision.member_id.in_(user.own_ids), Decision.action != "keep")
    )
    return paginate(query, (Key(Decision.id, "id"),), cursor)


def appeal_of(decision_id: int) -> Appeal | None:
    return db.session.scalars(select(Appeal).where(Appeal.decision_id == decision_id)).one_or_none()


def text_and_title(decision: Decision, user: Any) -> tuple[str, str, str]:
    """The title of the page and the community's name as far as this person may know them, and their own text in any case."""
    query = (
        select(_seen_title(), Contribution.body_html, Community.name.label("community_name"))
        .select_from(Contribution)
        .outerjoin(THREAD, THREAD.id == Contribution.thread_id)
        .outerjoin(Community, _known(user, Contribution.community_id))
        .where(Contribution.id == decision.contribution_id)
    )
    row = db.session.execute(query).one_or_none() if decision.contribution_id else None
    if row is None:
        return "", "", ""
    comment = db.session.get(Comment, decision.comment_id) if decision.comment_id else None
    return row.title, comment.body_html if comment else row.body_html, row.community_name or ""


def _known(user: Any, community_id: Any) -> Any:
    return and_(Community.id == community_id, community_visible_to(user))


def _seen_title() -> Any:
    """The title of the page, where the community (joined by _known()) may be known."""
    words = func.coalesce(func.nullif(Contribution.title, ""), THREAD.title, "")
    return case((Community.id.is_(None), ""), else_=words).label("title")
