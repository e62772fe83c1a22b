"""Communities that do not welcome a quality: the door, the wall, and those who were already inside."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from community.core.db import db
from community.core.mail import MailMessage
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.communities.models import Community, Invitation, Membership
from community.permissions import (
    can_join,
    can_post_in,
    can_request_to_join,
    can_see_community,
    community_visible_to,
    sees_community,
)

FORM = {
    "kind": "thematic",
    "access": "open",
    "purpose": "Un objet assez long pour être accepté.",
    "answer_target_days": "3",
}


@pytest.mark.parametrize("quality", ["agent", "elected", "firm", "other"])
@pytest.mark.parametrize("visibility", ["public", "members"])
def test_a_barred_quality_comes_in_nowhere(make, context, quality, visibility):
    for access in ("open", "request"):
        make.community(access, access=access, visibility=visibility, barred=["firm", "elected"])
    outside = identity_of(make.member(quality=quality))
    inside = identity_of(make.member(quality=quality, communities={"open": "expert", "request": "member"}))
    welcome = quality in ("agent", "other")
    known = {community.slug: community for community in db.session.scalars(select(Community))}
    assert can_join(outside, known["open"]) == welcome
    assert can_request_to_join(outside, known["request"]) == welcome
    assert can_post_in(inside, known["open"]) == can_post_in(inside, known["request"]) == welcome
    assert inside.is_expert_in(known["open"].id) == welcome
    seen = set(db.session.scalars(select(Community.slug).where(community_visible_to(inside))))
    for slug, community in known.items():
        assert can_see_community(inside, community) == (welcome or visibility == "public") == (slug in seen)
        told = db.session.scalars(select(Member.id).where(sees_community(community))).all()
        assert (inside.id in told) == (welcome or visibility == "public")


def test_a_moderator_bars_firms_and_those_inside_are_told(app, make, client_of, drain):
    make.community("cantines")
    moderator = make.member(communities={"cantines": "moderator"})
    firm = make.member("Paul Fournit", email="paul@firme.example", quality="firm", communities={"cantines": "member"})
    question = make.question(firm)
    client = client_of(moderator)
    page = "/communautes/cantines/modifier"
    everybody = client.post(page, FORM | {"barred": ["agent", "elected", "firm", "other"]})
    assert everybody.status_code == 422 and "au moins quelqu" in everybody.text
    assert client.post(page, FORM | {"barred": ["agent"]}).status_code == 422, "not one’s own quality"
    assert client.post(page, FORM | {"barred": ["firm", "elected"]}).status_code == 303
    drain()
    shown = client.get("/communautes/cantines").text
    assert (
        "n’accueille pas les élus ni les entreprises" in shown or "n’accueille pas les entreprises ni les élus" in shown
    )
    inside = client_of(firm)
    assert inside.post(f"/contributions/{question}/commentaires", {"body": "Encore moi."}).status_code == 403
    assert "n’accueille plus votre qualité" in inside.get("/notifications").text
    assert "Vous ne pouvez pas participer" in inside.get("/communautes/cantines").text
    assert "n’accueille pas votre qualité" in inside.get("/compte/droits").text
    assert inside.post("/communautes/cantines/adhesion/retrait").status_code == 303
    with app.app_context():
        assert list(db.session.scalars(select(MailMessage.recipient))) == ["paul@firme.example"]
        assert db.session.scalar(select(Membership.role).where(Membership.member_id == firm)) is None
        db.session.remove()


def test_somebody_barred_is_not_invited_and_an_older_invitation_opens_nothing(app, make, client_of):
    make.community("cantines", visibility="members", access="invitation", name="Cercle fermé")
    moderator = client_of(make.member(communities={"cantines": "moderator"}))
    firm = client_of(make.member(email="paul@firme.example", quality="firm"))
    invitations = "/communautes/cantines/invitations"
    assert moderator.post(invitations, {"addresses": "paul@firme.example"}).status_code == 303
    assert "Cercle fermé" in firm.get("/communautes").text
    assert moderator.post("/communautes/cantines/modifier", FORM | {"barred": ["firm"]}).status_code == 303
    assert "Cercle fermé" not in firm.get("/communautes").text
    assert firm.post("/invitations/1/acceptation").status_code == 403
    make.member(email="luc@firme.example", quality="firm")
    assert moderator.post(invitations, {"addresses": "luc@firme.example"}).status_code == 303
    with app.app_context():
        assert list(db.session.scalars(select(Invitation.email))) == ["paul@firme.example"]
        db.session.remove()
