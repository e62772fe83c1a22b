"""What notifications do when something happened. Each handler re-reads the world and may run twice without harm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.abilities.comments.models import Comment
from community.abilities.links.models import Link
from community.content.questions.models import Answer
from community.contributions.models import Contribution
from community.core.db import db
from community.core.outbox import Event, on
from community.people.accounts.models import Member
from community.people.communities.models import Community, Invitation, JoinRequest
from community.services.notifications.actions import Cause, recount, settle, tell_about, tell_invited, tell_of_community
from community.services.notifications.models import Notification
from community.services.notifications.recipients import experts_for, followers, mentioned_in, moderators_of

REQUEST_EVENTS = tuple(f"community.request.{verb}" for verb in ("created", "accepted", "refused", "withdrawn"))
#: who hears that something of this kind was published; a kind that is not here tells only those it mentions
AUDIENCE: dict[str, Callable[[Contribution], set[int]]] = {
    "question": experts_for,
    "answer": lambda answer: followers(answer.thread_id or answer.id),
}


@on("contribution.published", "contribution.edited", "contribution.restored")
def tell_publication(events: Sequence[Event]) -> None:
    """A question to the experts of its field, an answer to those who follow, a mention to who is mentioned."""
    for event, item in _items(events):
        mentioned = mentioned_in(item.body_html)
        tell_about(item, mentioned, "mention", f"mention:p{item.id}", event)
        if event.name == "contribution.published" and item.kind in AUDIENCE:
            ids = AUDIENCE[item.kind](item) - mentioned
            tell_about(item, ids, f"{item.kind}.published", f"published:{item.id}", event)


@on("comment.published", "comment.edited")
def tell_comment(events: Sequence[Event]) -> None:
    """A comment to who wrote what it hangs on, and to those it mentions."""
    for event in events:
        comment = db.session.get(Comment, event.subject_id)
        item = _item(comment.contribution_id) if comment else None
        if comment is None or item is None or comment.removed_at is not None:
            continue
        mentioned = mentioned_in(comment.body_html)
        tell_about(item, mentioned, "mention", f"mention:c{comment.id}", event, comment.id)
        if event.name == "comment.published":
            ids = {item.author_id} - mentioned
            tell_about(item, ids, "comment.published", f"comment:{comment.id}", event, comment.id)


@on("answer.accepted", "answer.certified")
def tell_distinction(events: Sequence[Event]) -> None:
    """An answer retained or certified: its author and those who follow the question, unless it was taken back since."""
    marks = {"answer.accepted": "accepted_at", "answer.certified": "certified_at"}
    for event in events:
        answer = _item(event.subject_id, Answer)
        if answer is None or getattr(answer, marks[event.name]) is None:
            continue
        ids = {answer.author_id} | followers(answer.question_id)
        tell_about(answer, ids, event.name, f"{event.name}:{answer.id}", event)


@on("question.closed")
def tell_closing(events: Sequence[Event]) -> None:
    for event, item in _items(events):
        tell_about(item, followers(item.id), event.name, f"{event.name}:{item.id}", event)


@on("link.confirmed")
def tell_confirmed_link(events: Sequence[Event]) -> None:
    """What a member wrote helps with a question: told once a link, if the author may see the question too."""
    for event in events:
        link = db.session.get(Link, event.subject_id)
        source = _item(link.source_id) if link and link.verdict == "confirmed" else None
        written = _item(link.target_id) if link else None
        if source is None or written is None or not written.is_published:
            continue
        tell_about(source, {written.author_id}, event.name, f"{event.name}:{link.id}", event)


@on("sheet.credited")
def tell_credited(events: Sequence[Event]) -> None:
    for event, item in _items(events):
        tell_about(item, event.payload.get("member_ids", ()), event.name, f"{event.name}:{item.id}", event)


@on(*REQUEST_EVENTS)
def tell_request(events: Sequence[Event]) -> None:
    """A request to the moderators; its answer to who asked, and then the moderators need not look any more."""
    for event in events:
        request = _loaded(JoinRequest, event.subject_id, JoinRequest.community)
        if request is None:
            continue
        if request.state == "pending":
            ids = moderators_of(request.community_id)
            name, key = "community.request.created", f"request:{request.id}"
            cause = Cause(request.member_id, request.created_at)
        else:
            settle(f"request:{request.id}")
            ids, name = {request.member_id}, f"community.request.{request.state}"
            key, cause = f"{name}:{request.id}", Cause(request.decided_by_id, request.decided_at or event.created_at)
        if request.state != "withdrawn":
            tell_of_community(request.community, ids, name, key, cause)


@on("community.invited", "member.confirmed")
def tell_invitation(events: Sequence[Event]) -> None:
    """An invitation to the member who has the address; who registers later is told once the address is confirmed."""
    query = select(Invitation, Member.id).join(Member, Member.email == Invitation.email)
    query = query.options(joinedload(Invitation.community))
    waiting = query.where(Invitation.state == "pending", Member.state == "active")
    for event in events:
        which = Member.id if event.name == "member.confirmed" else Invitation.id
        for invitation, member_id in db.session.execute(waiting.where(which == event.subject_id)):
            cause = Cause(invitation.invited_by_id, event.created_at)
            tell_invited(invitation.community, member_id, f"invited:{invitation.id}", cause)


@on("community.role_changed")
def tell_role(events: Sequence[Event]) -> None:
    for event in events:
        community = db.session.get(Community, event.subject_id)
        if community is not None:
            member_id, role = event.payload["member_id"], event.payload["role"]
            key = f"role:{community.id}:{role}:{event.created_at:%y%m%d%H%M%S}"
            tell_of_community(community, {member_id}, event.name, key, event)


@on("contribution.removed", "contribution.restored", "comment.removed", "comment.restored")
def recount_after_removal(events: Sequence[Event]) -> None:
    """What is taken away no longer counts as unread; what comes back does again."""
    comments = {event.subject_id for event in events if event.subject_type == "comment"}
    items = {event.subject_id for event in events if event.subject_type != "comment"}
    about = Notification.contribution_id.in_(items) | Notification.thread_id.in_(items)
    _recount_where(about | Notification.comment_id.in_(comments))


@on(
    "community.left",
    "community.member_removed",
    "community.member_banned",
    "community.sanction_lifted",
    "community.edited",
    "community.joined",
)
def recount_after_move(events: Sequence[Event]) -> None:
    """Losing or gaining sight of a community changes what may be shown, and so the count."""
    moved = [event for event in events if event.name != "community.edited"]
    recount({event.payload["member_id"] for event in moved})
    moves = {"visibility", "barred"}
    opened = {event.subject_id for event in events if moves.intersection(event.payload.get("changed", ()))}
    if opened:
        theirs = select(Contribution.id).where(Contribution.community_id.in_(opened))
        _recount_where(Notification.contribution_id.in_(theirs) | Notification.community_id.in_(opened))


def _recount_where(which: Any) -> None:
    unread = select(Notification.member_id).where(Notification.read_at.is_(None), which).distinct()
    recount(db.session.scalars(unread).all())


def _items(events: Sequence[Event]) -> Iterable[tuple[Event, Contribution]]:
    for event in events:
        item = _item(event.subject_id)
        if item is not None:
            yield event, item


def _item(id: int, model: type = Contribution) -> Any:
    return _loaded(model, id, model.community, model.thread)


def _loaded(model: Any, id: int, *relations: Any) -> Any:
    query = select(model).where(model.id == id).options(*[joinedload(relation) for relation in relations])
    return db.session.scalars(query).unique().one_or_none()
