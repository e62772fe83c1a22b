"""Telling what was decided for safety: a seal opened, a sanction, its contest, a community that no longer welcomes a quality."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.contributions.models import Contribution
from community.core.db import db
from community.core.mail import absolute_url
from community.core.outbox import Event, on
from community.people.accounts.models import Member
from community.people.communities.models import Community, Membership, Sanction
from community.people.communities.sanction_mails import send_barred, send_contest
from community.services.notifications.actions import Cause, tell_about, tell_of_community
from community.services.notifications.recipients import moderators_of


@on("seal.opened")
def tell_author(events: Sequence[Event]) -> None:
    """The person behind the pseudonym, each time somebody looks."""
    for event in events:
        loaded = (joinedload(Contribution.community), joinedload(Contribution.thread))
        item = db.session.scalars(
            select(Contribution).where(Contribution.id == event.subject_id).options(*loaded)
        ).one()
        tell_about(item, {item.author_id}, event.name, f"seal:{item.id}:{event.created_at:%y%m%d%H%M%S%f}", event)


@on("community.sanctioned", "community.sanction_lifted")
def tell_sanction(events: Sequence[Event]) -> None:
    """The person concerned, wherever they still see the community; the mail went with the decision. Nobody is named."""
    for event in events:
        community = db.session.get(Community, event.subject_id)
        if community is not None:
            key = f"{event.name.removeprefix('community.')}:{event.created_at:%y%m%d%H%M%S%f}"
            tell_of_community(community, {event.payload["member_id"]}, event.name, key, _nobody(event))


@on("sanction.contested")
def tell_contest(events: Sequence[Event]) -> None:
    """Those who may lift it: the community's moderators, else the administrators; but not who is sanctioned."""
    for event in events:
        loaded = (joinedload(Sanction.shown), joinedload(Sanction.community))
        sanction = db.session.scalars(select(Sanction).where(Sanction.id == event.subject_id).options(*loaded)).one()
        community = sanction.community
        readers = select(Member).where(Member.state == "active", Member.id != sanction.member_id)
        if community is None:
            readers = readers.where(Member.platform_role == "administrator")
            link = absolute_url("communities.suspensions")
        else:
            ids = moderators_of(community.id)
            readers = readers.where(Member.id.in_(ids))
            link = absolute_url("communities.sanctions", slug=community.slug)
            tell_of_community(
                community, ids - {sanction.member_id}, event.name, f"contest:{sanction.id}", _nobody(event)
            )
        send_contest(sanction, sanction.shown.display_name, db.session.scalars(readers.order_by(Member.id)).all(), link)


@on("community.barred")
def tell_barred(events: Sequence[Event]) -> None:
    """The members whose quality is no longer welcome: their place is kept, without effect, as long as that holds."""
    for event in events:
        community = db.session.get(Community, event.subject_id)
        qualities = set(event.payload["qualities"]) & set(community.barred if community else ())
        if community is None or not qualities:
            continue
        place = (Membership.community_id == community.id, Member.platform_role != "administrator")
        query = select(Member).join(Membership, Membership.member_id == Member.id).where(*place)
        people = db.session.scalars(query.where(Member.quality.in_(qualities), Member.state == "active")).all()
        for person in people:
            send_barred(person, community)
        key = f"barred:{community.id}:{event.created_at:%y%m%d%H%M%S}"
        tell_of_community(community, {person.id for person in people}, event.name, key, _nobody(event))


def _nobody(event: Event) -> Cause:
    """What is told without saying who did it."""
    return Cause(None, event.created_at)
