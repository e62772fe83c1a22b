"""Use cases of coming in: register, confirm one's address, be examined, be invited."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from community.core import ports
from community.core.audit import record
from community.core.clock import now
from community.core.db import db, release
from community.core.errors import Conflict, NotFound
from community.core.outbox import emit
from community.people.accounts import mails
from community.people.accounts.identity import hash_key
from community.people.accounts.models import Member
from community.people.accounts.organisations import find_or_add_organisation, prove_by_domain
from community.people.accounts.passwords import hash_password
from community.people.accounts.policy import is_examined
from community.people.accounts.security_models import Application, PlatformInvitation
from community.people.accounts.sessions import close_sessions
from community.people.accounts.tokens import cancel_tokens, use_token
from community.people.communities.models import Invitation

INVITED_FOR = timedelta(days=21)


@dataclass(frozen=True)
class Registration:
    """What a person gives to register, already checked. Without a password: somebody whom a provider vouches for."""

    display_name: str
    email: str
    password: str
    organisation: str
    organisation_type: str
    territory: str
    job: str
    quality: str = "agent"
    reason: str = ""
    locale: str = "fr"


def register(given: Registration) -> None:
    """Open an account that waits for its address to be confirmed; of a known address, only its owner is told."""
    release()
    password_hash = hash_password(given.password)
    purpose = "confirm" if add_member(given, password_hash) is not None else "again"
    mails.ask_for(purpose, given.email)


def add_member(given: Registration, password_hash: str) -> Member | None:
    """Write the account down, waiting for its address; None when the address is already somebody's."""
    member = Member(
        email=given.email,
        password_hash=password_hash,
        display_name=given.display_name,
        job=given.job,
        quality=given.quality,
        organisation=find_or_add_organisation(given.organisation, given.organisation_type, given.territory),
        locale=given.locale,
    )
    try:
        with db.session.begin_nested():
            db.session.add(member)
    except IntegrityError:
        return None
    ports.call("accept_texts", member.id)
    if given.reason:
        db.session.add(Application(member_id=member.id, reason=given.reason))
        db.session.flush()
    return member


def confirm_address(token: str) -> Member:
    """The link sent at registration. The account opens or is examined; no session opens: the password is still asked."""
    row = use_token(token, "confirm")
    member = db.session.get(Member, row.member_id)
    if member is None or member.state != "pending" or member.email != row.email:
        raise NotFound()
    return admit(member)


def admit(member: Member) -> Member:
    """The address is proved: by the rules in force now, the account opens, or waits for an administrator."""
    member.email_verified_at = now()
    cancel_tokens(member.id, "confirm")
    prove_by_domain(member)
    if is_examined(member.email):
        member.state = "waiting"
        if db.session.get(Application, member.id) is None:
            db.session.add(Application(member_id=member.id))
        emit("member.waiting", member, actor=member)
        return member
    return _open_account(member)


def _open_account(member: Member) -> Member:
    member.state = "active"
    unread = delete(Application).where(Application.member_id == member.id, Application.state == "pending")
    db.session.execute(unread)
    used = update(PlatformInvitation).where(
        PlatformInvitation.email == member.email, PlatformInvitation.state == "pending"
    )
    db.session.execute(used.values(state="accepted", decided_at=now()).execution_options(synchronize_session=False))
    emit("member.confirmed", member, actor=member)
    return member


# --- examination ------------------------------------------------------------------------------------------------------


def application_of(member_id: int) -> Application:
    """The registration of somebody who waits or was refused, with the member; NotFound for anybody else."""
    query = (
        select(Application)
        .join(Member, Member.id == Application.member_id)
        .where(Application.member_id == member_id, Member.state.in_(("waiting", "declined")))
        .options(joinedload(Application.member).joinedload(Member.organisation))
    )
    application = db.session.scalars(query).one_or_none()
    if application is None:
        raise NotFound()
    return application


def accept_application(application: Application, user: Any, answer: str = "") -> None:
    """Open the account, who is told by mail. Somebody who was refused may be accepted later."""
    _decide(application, "accepted", user, answer)
    _open_account(application.member)
    mails.registration_accepted(application.member, answer)
    record(user, "registration.accepted", application.member)


def refuse_application(application: Application, user: Any, answer: str) -> None:
    """Say no, and why: the reason goes to the person as it is. What was left open of the account closes."""
    if application.state == "refused":
        return
    _decide(application, "refused", user, answer)
    application.member.state = "declined"
    close_sessions(application.member_id)
    mails.registration_refused(application.member, answer)
    record(user, "registration.refused", application.member)


def _decide(application: Application, state: str, user: Any, answer: str) -> None:
    application.state, application.answer = state, answer
    application.decided_at, application.decided_by_id = now(), user.id


# --- invitations to the platform --------------------------------------------------------------------------------------


def invite_to_platform(user: Any, email: str, message: str = "") -> bool:
    """Send an address a link to register; inviting again renews it. False when the address has an account already."""
    if db.session.scalar(select(Member.id).where(Member.email == email)) is not None:
        return False
    token = secrets.token_urlsafe(32)
    waiting = (PlatformInvitation.email == email, PlatformInvitation.state == "pending")
    invitation = db.session.scalars(select(PlatformInvitation).where(*waiting)).one_or_none()
    if invitation is None:
        invitation = PlatformInvitation(email=email)
        db.session.add(invitation)
    invitation.token_hash, invitation.expires_at = hash_key(token), now() + INVITED_FOR
    invitation.message, invitation.invited_by_id = message, user.id
    db.session.flush()
    mails.platform_invitation(email, user.display_name, message, token)
    record(user, "registration.invited", invitation)
    return True


def withdraw_platform_invitation(id: int, user: Any) -> None:
    """Make the link useless; repeating it changes nothing."""
    invitation = db.session.get(PlatformInvitation, id)
    if invitation is None:
        raise NotFound()
    if invitation.state == "accepted":
        raise Conflict(_("Cette invitation a déjà servi."))
    if invitation.state == "pending":
        invitation.state, invitation.decided_at = "withdrawn", now()
        record(user, "registration.invitation_withdrawn", invitation)


def invited_address(token: str) -> str | None:
    """The address that received this link (an invitation to the platform or to a community), while it may be used."""
    if not token or len(token) > 100:
        return None
    for model in (PlatformInvitation, Invitation):
        valid = (model.token_hash == hash_key(token), model.state == "pending", model.expires_at > now())
        email = db.session.scalar(select(model.email).where(*valid))
        if email is not None:
            return email
    return None
