"""Asking to come in and being answered; being invited, registered or not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.mail import MailMessage
from community.people.accounts.identity import identity_of
from community.people.communities.admissions import (
    accept_invitation,
    accept_request,
    decline_invitation,
    invite,
    refuse_request,
    request_to_join,
    withdraw_invitation,
    withdraw_request,
)
from community.people.communities.models import Community, Invitation, JoinRequest, Membership
from community.people.communities.queries import invitation_by_token, my_invitations, request_in


@pytest.fixture
def atelier(make, context):
    """A community where one asks, its moderator, and somebody outside."""
    make.community("ailleurs")
    make.community("atelier", name="Atelier", access="request", visibility="platform")
    alice = make.member("Alice Martin", communities={"atelier": "moderator"})
    make.member(email="dedans@ville.example", communities={"atelier": "member"})
    paul = make.member("Paul Rey", email="paul@ville.example")
    community = db.session.scalars(select(Community).where(Community.slug == "atelier")).one()
    return community, identity_of(alice), identity_of(paul)


def role_of(community: Community, member_id: int) -> str | None:
    query = select(Membership.role).where(Membership.community_id == community.id, Membership.member_id == member_id)
    return db.session.scalar(query)


def waiting(community: Community) -> int:
    db.session.flush()
    return db.session.scalar(select(Community.requests_count).where(Community.id == community.id))


def mails() -> list[MailMessage]:
    return list(db.session.scalars(select(MailMessage).order_by(MailMessage.id)))


def token_in(mail: MailMessage) -> str:
    found = re.search(r"/invitations/([\w-]+)", mail.text)
    assert found, mail.text
    return found.group(1)


def test_asking_twice_waits_once(atelier):
    community, _alice, paul = atelier
    first = request_to_join(paul, community, "Je suis acheteur en région.")
    assert request_to_join(paul, community, "Encore moi.").id == first.id
    assert waiting(community) == 1


def test_an_accepted_request_opens_the_door_and_is_told_by_mail(atelier):
    community, alice, paul = atelier
    request = request_in(community, request_to_join(paul, community, "Je suis acheteur.").id)
    accept_request(request, alice)
    accept_request(request, alice)
    assert role_of(community, paul.id) == "member"
    assert waiting(community) == 0
    (mail,) = mails()
    assert mail.recipient == "paul@ville.example"
    assert "acceptée" in mail.text and "/communautes/atelier" in mail.text and "acceptée" in mail.html


def test_a_refusal_carries_its_reason(atelier):
    community, alice, paul = atelier
    request = request_in(community, request_to_join(paul, community, "Je suis fournisseur.").id)
    refuse_request(request, alice, "Réservée aux <acheteurs> publics.")
    assert role_of(community, paul.id) is None and waiting(community) == 0
    (mail,) = mails()
    assert "Réservée aux <acheteurs> publics." in mail.text
    assert "Réservée aux &lt;acheteurs&gt; publics." in mail.html
    with pytest.raises(Conflict):
        accept_request(request, alice)
    request_to_join(paul, community, "J’ai changé de métier.")
    assert waiting(community) == 1


def test_a_request_can_be_taken_back(atelier):
    community, _alice, paul = atelier
    request = request_to_join(paul, community, "Je suis acheteur.")
    withdraw_request(paul, community)
    withdraw_request(paul, community)
    assert request.state == "withdrawn" and waiting(community) == 0


def test_an_invited_member_comes_in_even_while_a_request_waits(atelier):
    community, alice, paul = atelier
    request = request_to_join(paul, community, "Je suis acheteur.")
    invitation = invite(community, alice, " Paul@Ville.example ", message="Viens !")
    accept_invitation(invitation, paul)
    accept_invitation(invitation, paul)
    db.session.refresh(request)
    assert role_of(community, paul.id) == "member"
    assert request.state == "accepted" and waiting(community) == 0


def test_only_the_hash_of_the_link_is_kept(atelier):
    community, alice, _paul = atelier
    invitation = invite(community, alice, "nouveau@ville.example")
    (mail,) = mails()
    token = token_in(mail)
    assert mail.recipient == "nouveau@ville.example" and "Alice Martin" in mail.subject
    assert token not in invitation.token_hash
    assert invitation_by_token(token).id == invitation.id


def test_who_registers_with_the_address_finds_the_invitation(make, atelier):
    community, alice, _paul = atelier
    invite(community, alice, "nouveau@ville.example")
    db.session.commit()
    newcomer = identity_of(make.member(email="nouveau@ville.example"))
    other = identity_of(make.member())
    assert [row.name for row in my_invitations(newcomer)] == ["Atelier"]
    assert my_invitations(other) == []


def test_inviting_again_renews_the_one_link(atelier):
    community, alice, _paul = atelier
    invite(community, alice, "nouveau@ville.example")
    invite(community, alice, "nouveau@ville.example")
    first, second = (token_in(mail) for mail in mails())
    with pytest.raises(NotFound):
        invitation_by_token(first)
    assert invitation_by_token(second)
    assert len(db.session.scalars(select(Invitation)).all()) == 1


def test_a_member_is_not_invited(atelier):
    community, alice, _paul = atelier
    assert invite(community, alice, "dedans@ville.example") is None
    assert mails() == []


@pytest.mark.parametrize("end", ["declined", "withdrawn", "expired", "archived"])
def test_a_dead_invitation_opens_nothing(atelier, end):
    community, alice, paul = atelier
    invitation = invite(community, alice, "paul@ville.example")
    if end == "declined":
        decline_invitation(invitation, paul)
    elif end == "withdrawn":
        withdraw_invitation(invitation, alice)
    elif end == "expired":
        invitation.expires_at = now() - timedelta(seconds=1)
    else:
        community.archived_at = now()
    db.session.flush()
    with pytest.raises(NotFound):
        invitation_by_token(token_in(mails()[0]))
    with pytest.raises(Conflict):
        accept_invitation(invitation, paul)
    assert role_of(community, paul.id) is None
    assert my_invitations(paul) == []


def test_an_answered_invitation_is_not_taken_back(atelier):
    community, alice, paul = atelier
    invitation = invite(community, alice, "paul@ville.example")
    accept_invitation(invitation, paul)
    with pytest.raises(Conflict):
        withdraw_invitation(invitation, alice)


def test_requests_are_found_in_their_own_community_only(atelier):
    community, _alice, paul = atelier
    request = request_to_join(paul, community, "Je suis acheteur.")
    elsewhere = db.session.scalars(select(Community).where(Community.slug == "ailleurs")).one()
    with pytest.raises(NotFound):
        request_in(elsewhere, request.id)
    assert isinstance(request_in(community, request.id), JoinRequest)
