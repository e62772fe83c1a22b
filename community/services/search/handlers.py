"""What search does when something happened: the page concerned is indexed again, then its links are computed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from community.abilities.links.models import Link
from community.contributions.models import Contribution
from community.core.db import db, reading
from community.core.outbox import Event, on
from community.people.communities.models import Community
from community.services.search.following import tell_followers
from community.services.search.index import index_pages
from community.services.search.linker import link_pages

CONTRIBUTION_EVENTS = (
    "contribution.published",
    "contribution.edited",
    "contribution.removed",
    "contribution.restored",
    "contribution.tagged",
    "answer.accepted",
    "answer.certified",
    "answer.certification_withdrawn",
    "question.closed",
    "question.reopened",
    "document.read",
)
COMMENT_EVENTS = ("comment.published", "comment.edited", "comment.removed", "comment.restored")
LINK_EVENTS = ("link.confirmed", "link.rejected", "link.withdrawn")
MEMBER_EVENTS = ("member.confirmed", "member.edited", "member.suspended", "member.erased")
COMMUNITY_EVENTS = ("community.edited", "community.archived", "community.reopened")


@on(*CONTRIBUTION_EVENTS, *COMMENT_EVENTS, *LINK_EVENTS, *COMMUNITY_EVENTS)
def keep_pages_indexed(events: Sequence[Event]) -> None:
    """Index the pages that these events touched, once each; whatever happened, what counts is how they are now."""
    pages = _pages(events)
    if not pages:
        return
    index_pages(pages | _answering(pages))
    link_pages(_rewritten(events))


@on("contribution.published")
def tell_who_follows_the_search(events: Sequence[Event]) -> None:
    """A page that is new: those who follow a search that it matches are told, once."""
    actors = {event.subject_id: event.actor_id for event in events}
    tell_followers(actors.keys(), events[0].created_at, actors)


@on(*MEMBER_EVENTS)
def keep_members_indexed(events: Sequence[Event]) -> None:
    index_pages((), members={event.subject_id for event in events})


def _pages(events: Sequence[Event]) -> set[int]:
    """The ids of the pages (threads, sheets…) that events are about."""
    touched: set[int] = set()
    communities: set[int] = set()
    for event in events:
        if event.name in COMMENT_EVENTS:
            touched.add(event.payload["contribution_id"])
        elif event.name in LINK_EVENTS:
            touched.add(event.payload["target_id"])
        elif event.name in COMMUNITY_EVENTS:
            communities.add(event.subject_id)
        else:
            touched.add(event.subject_id)
    with reading():
        own = select(Contribution.id, Contribution.thread_id).where(Contribution.id.in_(touched))
        pages = {row.thread_id or row.id for row in db.session.execute(own)}
        if communities:
            theirs = (
                select(Contribution.id)
                .join(Community)
                .where(Community.id.in_(communities), Contribution.thread_id.is_(None))
            )
            pages.update(db.session.scalars(theirs))
        db.session.rollback()
    return pages


def _answering(questions: set[int]) -> set[int]:
    """The pages that people confirmed these answer: they are found by the titles of those that are out."""
    with reading():
        query = select(Link.target_id).where(Link.source_id.in_(questions), Link.verdict == "confirmed")
        found = set(db.session.scalars(query))
        db.session.rollback()
    return found


def _rewritten(events: Sequence[Event]) -> set[int]:
    """The pages whose text or state changed: judging a link or changing a community alone calls for no new links."""
    told = [event for event in events if event.name in (*CONTRIBUTION_EVENTS, *COMMENT_EVENTS)]
    return _pages(told) if told else set()
