"""Who is told what: moderators of what waits, authors of what was decided, reporters of what became of their report.

A reporter is never named to the author, nor the moderator to anybody: these notifications have no actor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.abilities.comments.models import Comment
from community.abilities.flags.actions import forget_addresses
from community.abilities.flags.models import Flag, FlagCase
from community.contributions.models import Contribution
from community.core.db import db
from community.core.outbox import Event, on
from community.people.accounts.models import Member
from community.people.accounts.pseudonyms import owner_of
from community.people.communities.models import Community, Sanction
from community.services.moderation import mails
from community.services.moderation.appeals import appeal
from community.services.moderation.models import Appeal, Decision, Hold
from community.services.moderation.queries import is_alone
from community.services.moderation.vocabulary import BY_MAIL
from community.services.notifications.actions import (
    Cause,
    recount,
    settle,
    tell_about,
    tell_of_community,
    tell_person,
)
from community.services.notifications.models import Notification
from community.services.notifications.recipients import moderators_of


@on("flag.raised")
def tell_flag(events: Sequence[Event]) -> None:
    """Moderators hear of a case once, however many report it."""
    for event in events:
        case = _one(FlagCase, event.subject_id, FlagCase.contribution)
        if case is not None and case.closed_at is None:
            community_id = case.contribution.community_id if case.contribution else None
            _tell_desk(community_id, {case.author_id}, "flag.raised", f"flag:{case.id}", event)


@on("hold.made")
def tell_hold(events: Sequence[Event]) -> None:
    for event in events:
        hold = db.session.get(Hold, event.subject_id)
        item = db.session.get(Contribution, hold.contribution_id) if hold else None
        if hold is not None and item is not None and hold.state == "waiting":
            _tell_desk(item.community_id, {_author_of(hold, item)}, "hold.made", f"hold:{hold.id}", event)


@on("hold.released")
def tell_release(events: Sequence[Event]) -> None:
    for event in events:
        hold = db.session.get(Hold, event.subject_id)
        if hold is None:
            continue
        settle(f"hold:{hold.id}")
        item = _one(Contribution, hold.contribution_id, Contribution.community, Contribution.thread)
        if item is not None:
            cause, author = Cause(None, event.created_at), {_author_of(hold, item)}
            tell_about(item, author, "hold.released", f"hold.released:{hold.id}", cause, hold.comment_id)


@on("moderation.decided")
def tell_decision(events: Sequence[Event]) -> None:
    """The author on the site, and by mail when the text or the account goes; then those who reported."""
    for event in events:
        decision = _one(Decision, event.subject_id)
        if decision is None:
            continue
        cause = Cause(None, event.created_at)
        settle(f"flag:{decision.case_id}")
        settle(f"hold:{decision.hold_id}")
        if decision.action != "keep" and decision.undone_at is None:
            tell_person({decision.member_id}, "moderation.decided", f"decision:{decision.id}", cause)
            person = _person(decision.member_id)
            if decision.action == "remove" and person is not None:
                mails.send_decision(decision, person)
        if decision.case_id is not None:
            _tell_reporters(decision.case_id, cause)


@on("moderation.undone")
def tell_undoing(events: Sequence[Event]) -> None:
    for event in events:
        decision = _one(Decision, event.subject_id)
        if decision is not None and decision.action != "keep":
            settle(f"decision:{decision.id}")
            cause = Cause(None, event.created_at)
            tell_person({decision.member_id}, "moderation.undone", f"undone:{decision.id}", cause)


@on("appeal.made")
def tell_appeal(events: Sequence[Event]) -> None:
    """The other moderators; administrators where there is no other; whoever decided when there is nobody at all."""
    for event in events:
        row = _one(Appeal, event.subject_id, Appeal.decision)
        if row is not None and row.state == "pending":
            decision = row.decision
            out = {decision.member_id, decision.decided_by_id}
            place = decision.community_id if decision.action != "suspend" else None
            if is_alone(decision):
                tell_person({decision.decided_by_id}, "appeal.made", f"appeal:{row.id}", Cause(None, event.created_at))
            else:
                _tell_desk(place, out, "appeal.made", f"appeal:{row.id}", event)


@on("appeal.settled")
def tell_appeal_settled(events: Sequence[Event]) -> None:
    for event in events:
        row = _one(Appeal, event.subject_id, Appeal.decision)
        if row is None:
            continue
        settle(f"appeal:{row.id}")
        cause, decision = Cause(None, event.created_at), row.decision
        tell_person({decision.member_id}, "appeal.settled", f"appeal.settled:{row.id}", cause)
        if row.decided_by_id != decision.decided_by_id:
            tell_person({decision.decided_by_id}, "appeal.answered", f"appeal.answered:{row.id}", cause)
        person = _person(decision.member_id)
        if person is not None and decision.action in BY_MAIL:
            mails.send_appeal_answer(row, person)


@on("sanction.contested")
def take_contest(events: Sequence[Event]) -> None:
    """A sanction decided at the desk is contested from its own mail: the desk examines it like any appeal."""
    for event in events:
        sanction = db.session.get(Sanction, event.subject_id)
        if sanction is None:
            continue
        made = select(Decision).where(Decision.sanction_id == sanction.id, Decision.undone_at.is_(None))
        decision = db.session.scalars(made.limit(1)).one_or_none()
        if decision is not None:
            appeal(decision, sanction.contest)


@on("contribution.moved")
def recount_after_move(events: Sequence[Event]) -> None:
    """Who could see the page where it was may not where it is."""
    ids = {event.subject_id for event in events}
    unread = select(Notification.member_id).where(Notification.read_at.is_(None), Notification.thread_id.in_(ids))
    recount(db.session.scalars(unread.distinct()).all())


def _tell_desk(community_id: int | None, but: set[int], name: str, key: str, event: Event) -> None:
    """The community's moderators, or the administrators where there is none left, save those whom it concerns."""
    concerned = {owner_of(id) for id in but}
    ids = moderators_of(community_id) - concerned if community_id is not None else set()
    cause = Cause(None, event.created_at)
    if not ids:
        administrators = select(Member.id).where(Member.platform_role == "administrator", Member.state == "active")
        tell_person(set(db.session.scalars(administrators)) - concerned, name, key, cause)
    else:
        tell_of_community(db.session.get(Community, community_id), ids, name, key, cause)


def _tell_reporters(case_id: int, cause: Cause) -> None:
    case = db.session.get(FlagCase, case_id)
    flags = list(db.session.scalars(select(Flag).where(Flag.case_id == case_id)))
    members = {flag.reporter_id for flag in flags if flag.reporter_id is not None}
    tell_person(members, "flag.settled", f"flag.settled:{case_id}", cause)
    for address in sorted({flag.email for flag in flags if flag.email}):
        mails.send_outcome(case, address)
    forget_addresses(case_id)


def _author_of(hold: Hold, item: Contribution) -> int:
    comment = db.session.get(Comment, hold.comment_id) if hold.comment_id else None
    return (comment or item).author_id


def _person(member_id: int) -> Member | None:
    id = owner_of(member_id)
    return db.session.get(Member, id) if id is not None else None


def _one(model: Any, id: int, *relations: Any) -> Any:
    query = select(model).where(model.id == id).options(*[joinedload(relation) for relation in relations])
    return db.session.scalars(query).unique().one_or_none()
