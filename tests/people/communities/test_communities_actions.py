"""Communities: opened, changed, joined, left; roles; counters kept in the same transaction."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from community.core.db import db
from community.core.errors import Conflict, Forbidden
from community.core.outbox import Event
from community.people.accounts.identity import identity_of
from community.people.communities.actions import (
    archive_community,
    create_community,
    edit_community,
    join_by_posting,
    leave_community,
    remove_member,
    set_role,
)
from community.people.communities.models import Community, Membership
from community.permissions import can_join, can_post_in

FIELDS = {
    "name": "Énergie et fluides",
    "kind": "purchase_family",
    "access": "open",
    "visibility": "public",
    "purpose": "Acheter l’énergie sans se faire surprendre.",
    "charter": "- **Chiffres** avec leur source",
    "answer_target_days": 4,
}


def community(slug: str) -> Community:
    return db.session.scalars(select(Community).where(Community.slug == slug)).one()


def role(slug: str, member_id: int) -> str | None:
    query = select(Membership.role).join(Community, Community.id == Membership.community_id)
    return db.session.scalar(query.where(Community.slug == slug, Membership.member_id == member_id))


def events() -> list[str]:
    return [name for name in db.session.scalars(select(Event.name).order_by(Event.id)) if name.startswith("community.")]


def test_a_new_community_has_an_address_and_a_rendered_charter(make, context):
    admin = identity_of(make.member(platform_role="administrator"))
    made = create_community(admin, **FIELDS)
    assert made.slug == "energie-et-fluides"
    assert "<strong>Chiffres</strong>" in made.charter_html, made.charter_html
    assert events() == ["community.created"]


@pytest.mark.parametrize("name", ["Énergie et fluides", "energie et  fluides", "Nouvelle"])
def test_two_communities_never_share_an_address(make, context, name):
    admin = identity_of(make.member(platform_role="administrator"))
    create_community(admin, **FIELDS)
    with pytest.raises(Conflict):
        create_community(admin, **FIELDS | {"name": name})


def test_an_edit_says_what_moved_and_keeps_the_address(make, context):
    admin = identity_of(make.member(platform_role="administrator"))
    made = create_community(admin, **FIELDS)
    edit_community(made, admin, **FIELDS | {"name": "Énergies", "visibility": "platform", "charter": "*Autre*"})
    edit_community(made, admin, **FIELDS | {"name": "Énergies", "visibility": "platform", "charter": "*Autre*"})
    assert made.slug == "energie-et-fluides"
    assert made.charter_html == "<p><em>Autre</em></p>"
    edits = db.session.scalars(select(Event).where(Event.name == "community.edited")).all()
    assert [sorted(edit.payload["changed"]) for edit in edits] == [["charter", "name", "visibility"]]


def test_joining_counts_once(make, context):
    make.community("cantines")
    paul = identity_of(make.member())
    join_by_posting(paul, community("cantines"))
    join_by_posting(paul, community("cantines"))
    db.session.expire_all()
    assert community("cantines").members_count == 1
    assert events() == ["community.joined"]


def test_a_closed_door_is_not_walked_through(make, context):
    make.community("atelier", access="request")
    with pytest.raises(Forbidden):
        join_by_posting(identity_of(make.member()), community("atelier"))


def test_leaving_counts_and_may_be_repeated(make, context):
    make.member(communities={"cantines": "moderator"})
    paul = identity_of(make.member(communities={"cantines": "member"}))
    leave_community(paul, community("cantines"))
    leave_community(paul, community("cantines"))
    db.session.expire_all()
    assert role("cantines", paul.id) is None
    assert community("cantines").members_count == 1
    assert events() == ["community.left"]


def test_the_last_moderator_stays(make, context):
    alice = identity_of(make.member(communities={"cantines": "moderator"}))
    paul = identity_of(make.member(communities={"cantines": "expert"}))
    cantines = community("cantines")
    for attempt in (
        lambda: leave_community(alice, cantines),
        lambda: remove_member(cantines, alice.id, alice),
        lambda: set_role(cantines, alice.id, "member", alice),
    ):
        with pytest.raises(Conflict):
            attempt()
    set_role(cantines, paul.id, "moderator", alice)
    leave_community(alice, cantines)
    assert role("cantines", alice.id) is None


def test_roles_go_up_and_down(make, context):
    alice = identity_of(make.member(communities={"cantines": "moderator"}))
    paul = make.member(communities={"cantines": "member"})
    for new in ("expert", "moderator", "member", "member"):
        set_role(community("cantines"), paul, new, alice)
        assert role("cantines", paul) == new
    assert events() == ["community.role_changed"] * 3


def test_a_removed_member_no_longer_counts(make, context):
    alice = identity_of(make.member(communities={"cantines": "moderator"}))
    paul = make.member(communities={"cantines": "member"})
    remove_member(community("cantines"), paul, alice)
    remove_member(community("cantines"), paul, alice)
    db.session.expire_all()
    assert community("cantines").members_count == 1
    assert events() == ["community.member_removed"]


def test_an_archived_community_is_read_and_no_longer_written(make, context):
    admin = identity_of(make.member(platform_role="administrator"))
    make.community("cantines", visibility="members")
    paul = make.member(communities={"cantines": "member"})
    archive_community(community("cantines"), admin)
    db.session.flush()
    member = identity_of(paul)
    assert member.is_member_of(community("cantines").id)
    assert member.communities == []
    assert not can_post_in(member, community("cantines"))
    assert not can_join(identity_of(make.member()), community("cantines"))
