"""Reads of the desk: what waits, oldest first, where this person moderates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from community.abilities.comments.models import Comment
from community.abilities.flags.models import Flag, FlagCase
from community.abilities.reading.quarantine import to_judge
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.core.errors import NotFound
from community.core.paging import Key, Page, paginate
from community.people.accounts.models import Member
from community.people.communities.models import Community, Membership
from community.services.moderation.decisions import UNDO_WITHIN, undoable
from community.services.moderation.models import Appeal, Decision, Hold

QUEUE = 30
THREAD = aliased(Contribution, flat=True)
#: what the queue says of a text: its own title or its thread's
_TITLE = func.coalesce(func.nullif(Contribution.title, ""), THREAD.title).label("title")


def in_my_desk(user: Any, community_id: Any, author_id: Any) -> ColumnElement[bool]:
    """The SQL twin of can_moderate(), on columns; a member (no community) is for administrators."""
    not_mine = author_id.not_in(user.own_ids)
    if user.is_administrator:
        return not_mine
    return not_mine & community_id.in_(user.moderated_ids)


def mine_to_answer(user: Any) -> ColumnElement[bool]:
    """The SQL twin of can_decide_appeal(), on Decision: a suspension is answered by administrators."""
    may = or_(Decision.decided_by_id.not_in(user.own_ids), nobody_else())
    mine = may & in_my_desk(user, Decision.community_id, Decision.member_id)
    return mine if user.is_administrator else mine & (Decision.action != "suspend")


def nobody_else() -> ColumnElement[bool]:
    """Whether nobody but who took this Decision may answer an appeal: no other administrator, nor moderator of the place.

    A pseudonym is taken for nobody in particular: that its owner is left out of those who may answer would tell who it is.
    """
    other = aliased(Member, flat=True)
    moderates = exists().where(
        Membership.member_id == other.id,
        Membership.community_id == Decision.community_id,
        Membership.role == "moderator",
        Decision.action != "suspend",
    )
    return ~exists().where(
        other.state == "active",
        other.id.not_in((Decision.decided_by_id, Decision.member_id)),
        or_(other.platform_role == "administrator", moderates),
    )


def is_alone(decision: Decision) -> bool:
    """nobody_else(), for one decision."""
    return db.session.scalar(select(nobody_else()).where(Decision.id == decision.id)) or False


def cases_waiting(user: Any, cursor: str | None = None) -> Page:
    """Open cases, oldest first, with how many reported and why. Two statements."""
    query = (
        select(
            FlagCase.id,
            FlagCase.comment_id,
            FlagCase.contribution_id,
            FlagCase.flags_count,
            FlagCase.opened_at,
            Contribution.kind,
            _TITLE,
            Member.display_name.label("author_name"),
            Community.name.label("community_name"),
        )
        .join(Member, Member.id == FlagCase.author_id)
        .outerjoin(Contribution, Contribution.id == FlagCase.contribution_id)
        .outerjoin(THREAD, THREAD.id == Contribution.thread_id)
        .outerjoin(Community, Community.id == Contribution.community_id)
        .where(FlagCase.closed_at.is_(None), in_my_desk(user, Contribution.community_id, FlagCase.author_id))
    )
    keys = (Key(FlagCase.opened_at, "opened_at", False), Key(FlagCase.id, "id", False))
    page = paginate(query, keys, cursor, QUEUE)
    reasons = _reasons([row.id for row in page])
    return Page([{**row._mapping, "reasons": reasons.get(row.id, [])} for row in page], page.older, page.newer)


def holds_waiting(user: Any, cursor: str | None = None) -> Page:
    """Texts that wait before publication, oldest first."""
    author_id = func.coalesce(Comment.author_id, Contribution.author_id)
    query = (
        select(
            Hold.id,
            Hold.comment_id,
            Hold.reasons,
            Hold.held_at,
            Contribution.kind,
            _TITLE,
            Member.display_name.label("author_name"),
            Community.name.label("community_name"),
        )
        .join(Contribution, Contribution.id == Hold.contribution_id)
        .outerjoin(THREAD, THREAD.id == Contribution.thread_id)
        .outerjoin(Comment, Comment.id == Hold.comment_id)
        .join(Member, Member.id == author_id)
        .join(Community, Community.id == Contribution.community_id)
        .where(Hold.state == "waiting", in_my_desk(user, Contribution.community_id, author_id))
    )
    return paginate(query, (Key(Hold.held_at, "held_at", False), Key(Hold.id, "id", False)), cursor, QUEUE)


def appeals_waiting(user: Any, cursor: str | None = None) -> Page:
    """Appeals that this person may answer, oldest first: of one's own decisions when nobody else may."""
    query = (
        select(
            Appeal.id,
            Appeal.created_at,
            Decision.action,
            Contribution.kind,
            Decision.comment_id,
            _TITLE,
            Member.display_name.label("author_name"),
            Community.name.label("community_name"),
        )
        .join(Decision, Decision.id == Appeal.decision_id)
        .join(Member, Member.id == Decision.member_id)
        .outerjoin(Contribution, Contribution.id == Decision.contribution_id)
        .outerjoin(THREAD, THREAD.id == Contribution.thread_id)
        .outerjoin(Community, Community.id == Decision.community_id)
        .where(Appeal.state == "pending", mine_to_answer(user))
    )
    return paginate(query, (Key(Appeal.created_at, "created_at", False), Key(Appeal.id, "id", False)), cursor, QUEUE)


def counts_waiting(user: Any) -> dict[str, int]:
    """How many cases, holds, appeals and files in quarantine wait for this person, in one statement."""
    author_id = func.coalesce(Comment.author_id, Contribution.author_id)
    cases = (
        select(func.count(FlagCase.id))
        .outerjoin(Contribution, Contribution.id == FlagCase.contribution_id)
        .where(FlagCase.closed_at.is_(None), in_my_desk(user, Contribution.community_id, FlagCase.author_id))
    )
    holds = (
        select(func.count(Hold.id))
        .join(Contribution, Contribution.id == Hold.contribution_id)
        .outerjoin(Comment, Comment.id == Hold.comment_id)
        .where(Hold.state == "waiting", in_my_desk(user, Contribution.community_id, author_id))
    )
    appeals = (
        select(func.count(Appeal.id))
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(Appeal.state == "pending", mine_to_answer(user))
    )
    row = db.session.execute(
        select(
            cases.scalar_subquery().label("cases"),
            holds.scalar_subquery().label("holds"),
            appeals.scalar_subquery().label("appeals"),
            to_judge(user).scalar_subquery().label("files"),
        )
    ).one()
    return dict(row._mapping)


def case_for(id: int, user: Any) -> FlagCase:
    """A case of one's desk, decided or not; else NotFound. One statement, whether it exists or not."""
    query = (
        select(FlagCase)
        .outerjoin(Contribution, Contribution.id == FlagCase.contribution_id)
        .where(FlagCase.id == id, in_my_desk(user, Contribution.community_id, FlagCase.author_id))
        .options(joinedload(FlagCase.author))
    )
    return _found(query)


def hold_for(id: int, user: Any) -> Hold:
    author_id = func.coalesce(Comment.author_id, Contribution.author_id)
    query = (
        select(Hold)
        .join(Contribution, Contribution.id == Hold.contribution_id)
        .outerjoin(Comment, Comment.id == Hold.comment_id)
        .where(Hold.id == id, in_my_desk(user, Contribution.community_id, author_id))
    )
    return _found(query)


def appeal_for(id: int, user: Any) -> Appeal:
    """An appeal that this person may answer."""
    query = (
        select(Appeal)
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(Appeal.id == id, mine_to_answer(user))
        .options(joinedload(Appeal.decision).joinedload(Decision.member))
    )
    return _found(query)


def decision_for(id: int, user: Any) -> Decision:
    query = select(Decision).where(Decision.id == id, in_my_desk(user, Decision.community_id, Decision.member_id))
    return _found(query)


def _found(query: Any) -> Any:
    row = db.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def flags_of(case_id: int) -> list[Any]:
    """Who reported, why, in which words; a visitor's address is not shown."""
    query = (
        select(Flag.reason, Flag.words, Flag.created_at, Member.display_name.label("reporter_name"))
        .outerjoin(Member, Member.id == Flag.reporter_id)
        .where(Flag.case_id == case_id)
    )
    return list(db.session.execute(query.order_by(Flag.id)))


def decisions_about(member_id: int, user: Any, but: int = 0) -> list[Any]:
    """What was decided before of the same person, where this one moderates."""
    query = (
        select(Decision.id, Decision.action, Decision.decided_at, Community.name.label("community_name"))
        .outerjoin(Community, Community.id == Decision.community_id)
        .where(Decision.member_id == member_id, Decision.undone_at.is_(None), Decision.id != but)
        .where(Decision.action != "keep", in_my_desk(user, Decision.community_id, Decision.member_id))
    )
    return list(db.session.execute(query.order_by(Decision.id.desc()).limit(10)))


def undoable_by(user: Any) -> list[Any]:
    """What this moderator decided within the day and may still take back."""
    title = func.coalesce(func.nullif(Contribution.title, ""), THREAD.title, "").label("title")
    query = (
        select(Decision.id, Decision.action, Decision.decided_at, Decision.undone_at, title)
        .outerjoin(Contribution, Contribution.id == Decision.contribution_id)
        .outerjoin(THREAD, THREAD.id == Contribution.thread_id)
        .outerjoin(Appeal, Appeal.decision_id == Decision.id)
        .where(Decision.decided_by_id == user.id, Decision.decided_at > now() - UNDO_WITHIN, Appeal.id.is_(None))
    )
    rows = db.session.execute(query.order_by(Decision.id.desc()).limit(5))
    return [row for row in rows if undoable(row)]


def _reasons(ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    if ids:
        query = select(Flag.case_id, Flag.reason).where(Flag.case_id.in_(ids)).distinct().order_by(Flag.reason)
        for row in db.session.execute(query):
            found.setdefault(row.case_id, []).append(row.reason)
    return found
