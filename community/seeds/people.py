"""The demo's communities and members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from sqlalchemy import select

from community.core.clock import at, now
from community.core.db import db
from community.core.outbox import emit
from community.core.slugs import slugify
from community.core.text import render_markdown
from community.people.accounts.models import Expertise, Member, Organisation
from community.people.communities.actions import count_members
from community.people.communities.models import Community, Membership
from community.seeds import DEMO_PASSWORD

if TYPE_CHECKING:
    from community.seeds.tell import Story

#: days ago: when the communities opened, when the first and the last member came
OPENED, EARLIEST, LATEST = 1600, 1590, 400
FIELDS = ("slug", "name", "kind", "access", "visibility", "answer_target_days")


def tell_communities(story: Story) -> None:
    for record in story.read("communities"):
        community = Community(
            **{name: record[name] for name in FIELDS},
            purpose=record["purpose"].strip(),
            charter=record["charter"].strip(),
            charter_html=render_markdown(record["charter"].strip(), "charter-").html,
            barred=record.get("barred", []),
            created_at=story.days_ago(OPENED),
        )
        db.session.add(community)
        db.session.flush()
        story.communities[record["slug"]] = community.id


def tell_members(story: Story) -> None:
    """Every member of the demo has the demo's password, hashed once, and joined well before saying anything."""
    password = PasswordHasher().hash(DEMO_PASSWORD)
    records = story.read("members")
    first = _first_deeds(story, {record["key"] for record in records})
    for number, record in enumerate(records):
        spread = EARLIEST - number * (EARLIEST - LATEST) / (len(records) - 1)
        with at(story.days_ago(min(EARLIEST, max(spread, first.get(record["key"], 0) + 45)))):
            member = _member(story, record, password)
            story.members[record["key"]] = member.id
            emit("member.confirmed", member, actor=member)
    _tell_endorsements(story, records)
    for id in story.communities.values():
        count_members(id)


def _first_deeds(story: Story, keys: set[str]) -> dict[str, float]:
    """By member: how many days ago the oldest record was written in which the member appears."""
    first: dict[str, float] = {}
    for record in [record for kind in ("questions", "sheets", "clauses", "documents") for record in story.read(kind)]:
        leaves = list(_leaves(record))
        age = max(value for name, value in leaves if name.endswith("days_ago"))
        for _name, value in leaves:
            if isinstance(value, str) and value in keys:
                first[value] = max(first.get(value, 0), age)
    return first


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every (field, value) of a record, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value


def _tell_endorsements(story: Story, records: list[dict[str, Any]]) -> None:
    """What a community says that somebody knows: endorsed by one of its moderators, another person."""
    moderators: dict[str, list[int]] = {}
    for record in records:
        for place in record.get("memberships", ()):
            if place["role"] == "moderator":
                moderators.setdefault(place["community"], []).append(story.members[record["key"]])
    for record in records:
        id = story.members[record["key"]]
        for place in record.get("memberships", ()):
            peers = [peer for peer in moderators.get(place["community"], ()) if peer != id]
            for label in place.get("endorsed", ()):
                _endorse(id, label, peers[0] if peers else None)


def _endorse(id: int, label: str, peer_id: int | None) -> None:
    known = select(Expertise).where(Expertise.member_id == id, Expertise.slug == slugify(label))
    expertise = db.session.scalars(known).one_or_none()
    if expertise is None:
        expertise = Expertise(member_id=id, label=label, slug=slugify(label))
        db.session.add(expertise)
    expertise.endorsed_by_id = expertise.endorsed_by_id or peer_id
    db.session.flush()


def _member(story: Story, record: dict[str, Any], password: str) -> Member:
    since = now()
    member = Member(
        email=record["email"].lower(),
        display_name=record["display_name"],
        password_hash=password,
        organisation=Organisation(
            name=record["organisation"],
            type=record["organisation_type"],
            territory=record["territory"],
            population_band=record.get("population_band"),
        ),
        job=record["job"],
        bio=record.get("bio", "").strip(),
        can_help=record.get("can_help", False),
        platform_role=record.get("platform_role", "member"),
        state="active",
        email_verified_at=since,
        created_at=since,
    )
    db.session.add(member)
    db.session.flush()
    for label in record.get("expertise", ()):
        db.session.add(Expertise(member_id=member.id, label=label, slug=slugify(label)))
    for place in record.get("memberships", ()):
        community_id = story.communities[place["community"]]
        db.session.add(Membership(community_id=community_id, member_id=member.id, role=place["role"], joined_at=since))
    db.session.flush()
    return member
