"""Use cases of coming in where the door is not open: asking and being answered, being invited and answering."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, false, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict
from community.core.outbox import emit
from community.people.accounts.identity import hash_key
from community.people.accounts.models import Member
from community.people.accounts.second_factors import come_in_again
from community.people.communities import mails
from community.people.communities.actions import add_member, count_requests
from community.people.communities.models import Community, Invitation, JoinRequest, Membership, Sanction

VALID_FOR = timedelta(days=21)


# --- requests ---------------------------------------------------------------------------------------------------------


def request_to_join(user: Any, community: Community, message: str) -> JoinRequest:
    """Ask a community's moderators; asking again while one waits gives the first request back."""
    request = JoinRequest(community_id=community.id, member_id=user.id, message=message)
    try:
        with db.session.begin_nested():
            db.session.add(request)
    except IntegrityError:
        return _waiting_request(community.id, user.id)
    count_requests(community.id)
    emit("community.request.created", request, actor=user)
    return request


def withdraw_request(user: Any, community: Community) -> None:
    """Take one's own request back; repeating it changes nothing."""
    request = _waiting_request(community.id, user.id)
    if request is not None:
        request.state, request.decided_at = "withdrawn", now()
        count_requests(community.id)
        emit("community.request.withdrawn", request, actor=user)


def accept_request(request: JoinRequest, user: Any) -> None:
    """Let the asker in, who is told by notification and mail. ``community`` and ``member`` are loaded."""
    if not _decide(request, "accepted", user):
        return
    add_member(request.community, request.member_id)
    emit("community.request.accepted", request, actor=user)
    record(user, "community.request_accepted", request.member, community_id=request.community_id)
    mails.send_decision(request)


def refuse_request(request: JoinRequest, user: Any, reason: str) -> None:
    """Say no, and why: the reason goes to the asker as it is."""
    request.reason = reason if request.state == "pending" else request.reason
    if not _decide(request, "refused", user):
        return
    emit("community.request.refused", request, actor=user)
    record(user, "community.request_refused", request.member, community_id=request.community_id)
    mails.send_decision(request)


def _decide(request: JoinRequest, state: str, user: Any) -> bool:
    """Settle a waiting request. False when it already is as wanted; Conflict when it was decided otherwise."""
    if request.state == state:
        return False
    if request.state != "pending":
        raise Conflict(_("Cette demande a déjà reçu une réponse."))
    request.state, request.decided_at, request.decided_by_id = state, now(), user.id
    count_requests(request.community_id)
    return True


def _waiting_request(community_id: int, member_id: int) -> JoinRequest | None:
    waiting = (
        JoinRequest.community_id == community_id,
        JoinRequest.member_id == member_id,
        JoinRequest.state == "pending",
    )
    return db.session.scalars(select(JoinRequest).where(*waiting)).one_or_none()


# --- invitations ------------------------------------------------------------------------------------------------------


def invite(community: Community, user: Any, email: str, role: str = "member", message: str = "") -> Invitation | None:
    """Send an address a link that opens this community, member of the platform or not.

    Inviting again while an invitation waits renews it, with a new link. None when the address belongs to a member
    of the community already, or to somebody whom it keeps out.
    """
    email = email.strip().lower()
    if _is_inside(community.id, email) or _is_kept_out(community, email):
        return None
    token = secrets.token_urlsafe(32)
    invitation = _new_or_waiting(community, email, user.id)
    invitation.role, invitation.message, invitation.invited_by_id = role, message, user.id
    invitation.token_hash, invitation.expires_at = hash_key(token), now() + VALID_FOR
    db.session.flush()
    emit("community.invited", invitation, actor=user)
    record(user, "community.invited", invitation, role, community.id)
    mails.send_invitation(invitation, community, user.display_name, token)
    return invitation


def accept_invitation(invitation: Invitation, user: Any) -> None:
    """Come in with the role that was offered. Repeating it changes nothing. ``community`` is loaded."""
    if invitation.state == "accepted":
        return
    _must_be_open(invitation)
    invitation.state, invitation.decided_at = "accepted", now()
    add_member(invitation.community, user.id, invitation.role)
    if invitation.role == "moderator":
        come_in_again(user.id, user)
    emit("community.invitation.accepted", invitation, actor=user)


def decline_invitation(invitation: Invitation, user: Any) -> None:
    if invitation.state == "declined":
        return
    _must_be_open(invitation)
    invitation.state, invitation.decided_at = "declined", now()
    emit("community.invitation.declined", invitation, actor=user)


def withdraw_invitation(invitation: Invitation, user: Any) -> None:
    """Make the link useless; repeating it changes nothing."""
    if invitation.state == "withdrawn":
        return
    if invitation.state != "pending":
        raise Conflict(_("Cette invitation a déjà reçu une réponse."))
    invitation.state, invitation.decided_at = "withdrawn", now()
    emit("community.invitation.withdrawn", invitation, actor=user)
    record(user, "community.invitation_withdrawn", invitation)


def _must_be_open(invitation: Invitation) -> None:
    if invitation.state != "pending" or invitation.expires_at <= now() or invitation.community.archived_at is not None:
        raise Conflict(
            _("Cette invitation n’est plus valable. Demandez-en une nouvelle à la personne qui vous a invité.")
        )


def _is_inside(community_id: int, email: str) -> bool:
    place = select(Membership.member_id).join(Member, Member.id == Membership.member_id)
    return db.session.scalar(place.where(Membership.community_id == community_id, Member.email == email)) is not None


def _is_kept_out(community: Community, email: str) -> bool:
    """The member who has this address is banned from the community, or of a quality that it does not welcome.

    A ban through a pseudonym does not count here: an invitation that is not sent would tell whose it is. It still holds.
    """
    banned = exists().where(
        Sanction.member_id == Member.id,
        Sanction.shown_id == Member.id,
        Sanction.community_id == community.id,
        Sanction.kind == "ban",
        Sanction.lifted_at.is_(None),
    )
    barred = Member.quality.in_(community.barred) if community.barred else false()
    return db.session.scalar(select(Member.id).where(Member.email == email, or_(banned, barred))) is not None


def _new_or_waiting(community: Community, email: str, inviter_id: int) -> Invitation:
    fresh = Invitation(
        community=community,
        email=email,
        invited_by_id=inviter_id,
        token_hash=hash_key(secrets.token_urlsafe(32)),
        expires_at=now() + VALID_FOR,
    )
    try:
        with db.session.begin_nested():
            db.session.add(fresh)
    except IntegrityError:
        waiting = (Invitation.community_id == community.id, Invitation.email == email, Invitation.state == "pending")
        loaded = select(Invitation).options(joinedload(Invitation.community))
        return db.session.scalars(loaded.where(*waiting)).one()
    return fresh
