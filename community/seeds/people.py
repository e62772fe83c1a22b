"""The demo's communities and members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher

from community.core.clock import at
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

FIELDS = ("slug", "name", "kind", "access", "visibility", "answer_target_days")


def tell_communities(story: Story) -> None:
    for record in story.read("communities"):
        community = Community(
            **{name: record[name] for name in FIELDS},
            purpose=record["purpose"].strip(),
            charter=record["charter"].strip(),
            charter_html=render_markdown(record["charter"].strip(), "charter-").html,
            created_at=story.days_ago(300),
        )
        db.session.add(community)
        db.session.flush()
        story.communities[record["slug"]] = community.id


def tell_members(story: Story) -> None:
    """Every member of the demo has the demo's password, hashed once."""
    password = PasswordHasher().hash(DEMO_PASSWORD)
    for number, record in enumerate(story.read("members")):
        with at(story.days_ago(280 - 5 * number)):
            member = _member(story, record, password, number)
            story.members[record["key"]] = member.id
            emit("member.confirmed", member, actor=member)
    for id in story.communities.values():
        count_members(id)


def _member(story: Story, record: dict[str, Any], password: str, number: int) -> Member:
    since = story.days_ago(280 - 5 * number)
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
        db.session.add(
            Membership(community_id=community_id, member_id=member.id, role=place["role"], joined_at=since)
        )
    db.session.flush()
    return member
