"""Sanctions: suspend an account, silence or ban in one community; for a time or until lifted, always with a reason.

Callers pass member ids. That of a pseudonym acts on the person behind it: moderators go on seeing the pseudonym, the log names
the pseudonym, and no list changes in a way that would tell whose it is. Each act is recorded, and told to the person by mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import joinedload

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.outbox import emit
from community.people.accounts.models import Member
from community.people.accounts.pseudonyms import is_pseudonym, owner_of
from community.people.accounts.sessions import close_sessions
from community.people.communities import sanction_mails
from community.people.communities.actions import count_members, count_requests, remove_member
from community.people.communities.models import Community, Invitation, JoinRequest, Membership, Sanction

ACTS = {
    "suspension": ("member.suspended", "member.suspension_lifted"),
    "silence": ("member.silenced", "member.silence_lifted"),
    "ban": ("member.banned", "member.ban_lifted"),
}


def suspend_member(member_id: int, until: datetime | None, reason: str, by: Any) -> Sanction:
    """Close an account until an instant, or until lifted: its sessions end, and signing in says until when and why.

    Raises Conflict for a pseudonym: the profile that leaves the directory would tell whose it is. The seal is opened first,
    with a reason that is logged and told to the author.
    """
    if is_pseudonym(member_id):
        raise Conflict(
            _(
                "Suspendre ce compte dirait qui écrit. Levez d’abord le sceau de sa question, puis suspendez la personne."
            )
        )
    shown, person = _people(member_id)
    if person.state not in ("active", "suspended") or person.platform_role == "administrator":
        raise Conflict(_("Ce compte ne peut pas être suspendu dans son état présent."))
    sanction = _decide("suspension", shown, person, None, until, reason, by)
    person.state = "suspended"
    close_sessions(person.id)
    emit("member.suspended", person)
    return sanction


def silence_in(community: Community, member_id: int, until: datetime | None, reason: str, by: Any) -> Sanction:
    """Let somebody read a community without writing, voting or commenting there. Its moderators are never silenced."""
    shown, person = _people(member_id)
    if shown is person:
        _not_a_moderator(community, person)
    return _decide("silence", shown, person, community, until, reason, by)


def ban_from(community: Community, member_id: int, reason: str, by: Any, until: datetime | None = None) -> Sanction:
    """End somebody's place in a community, and any return: no joining, asking, being invited, or posting there.

    The place of a person known by a pseudonym stays in the list, without effect: its end would tell who it was.
    """
    shown, person = _people(member_id)
    if shown is person:
        _not_a_moderator(community, person)
    sanction = _decide("ban", shown, person, community, until, reason, by)
    if not is_pseudonym(shown.id):  # a request or a place that goes the same minute would tell who it was
        _end_requests(community, person)
        remove_member(community, person.id, by)
    emit("community.member_banned", community, member_id=person.id)
    return sanction


def lift_silence(community: Community, member_id: int, by: Any, reason: str = "") -> None:
    for sanction in _in_force_on(member_id, "silence", community.id):
        lift(sanction, by, reason)


def lift_ban(community: Community, member_id: int, by: Any, reason: str = "") -> None:
    """The door is open again; a place that was taken away is asked for anew."""
    for sanction in _in_force_on(member_id, "ban", community.id):
        lift(sanction, by, reason)


def lift(sanction: Sanction, by: Any, reason: str = "") -> None:
    """End a sanction before its date (``by`` None: its date has come). Repeating it changes nothing."""
    if sanction.lifted_at is not None:
        return
    shown, person = _people(sanction.shown_id, sanction.member_id)
    sanction.lifted_at, sanction.lifted_by_id = now(), getattr(by, "id", None)
    db.session.flush()
    if sanction.kind == "suspension" and person.state == "suspended" and not _still_suspended(person.id):
        person.state = "active"
        emit("member.reinstated", person)
    record(by, ACTS[sanction.kind][1], shown, reason, sanction.community_id)
    community = db.session.get(Community, sanction.community_id) if sanction.community_id else None
    if community is not None:
        emit("community.sanction_lifted", community, member_id=person.id, kind=sanction.kind)
    sanction_mails.send_lifted(sanction, person, community)


def take_back(sanction: Sanction, by: Any) -> None:
    """Undo one sanction and no other: what somebody decided since stays, and what it had replaced is in force again.

    Repeating it changes nothing.
    """
    later, under = sanction.replaced_by_id, Sanction.replaced_by_id == sanction.id
    if sanction.lifted_at is not None:  # lifted, or replaced by a later one, which is not this one's to end
        _pass_on(under, later)
        sanction.replaced_by_id = None
        return
    still = or_(Sanction.until.is_(None), Sanction.until > now())
    former = db.session.scalars(
        select(Sanction).where(under, still).order_by(Sanction.id.desc()).limit(1)
    ).one_or_none()
    if former is None:
        lift(sanction, by)
        return
    sanction.lifted_at, sanction.lifted_by_id = now(), getattr(by, "id", None)
    db.session.flush()
    shown, _person = _people(sanction.shown_id, sanction.member_id)
    record(by, ACTS[sanction.kind][1], shown, "", sanction.community_id)
    _pass_on(and_(under, Sanction.id != former.id), former.id)
    _give_back(former, by)


def lift_ended(limit: int = 200) -> int:
    """Lift what has reached its date. Gives how many."""
    over = select(Sanction).where(Sanction.lifted_at.is_(None), Sanction.until <= now()).order_by(Sanction.id)
    ended = list(db.session.scalars(over.limit(limit)))
    for sanction in ended:
        lift(sanction, None)
    return len(ended)


def suspension_of(member_id: int) -> Sanction | None:
    """The suspension that keeps this account closed, the longest if there are several; None when all are over."""
    found = in_force(select(Sanction).where(Sanction.member_id == member_id, Sanction.kind == "suspension"))
    rows = list(db.session.scalars(found.order_by(Sanction.until.desc(), Sanction.id)))
    return next((row for row in rows if row.until is None), rows[0] if rows else None)


def settle_suspension(member: Member) -> Sanction | None:
    """At sign-in: lift what has ended since the last look; gives the suspension that still holds, if any."""
    ended = select(Sanction).where(
        Sanction.member_id == member.id, Sanction.lifted_at.is_(None), Sanction.until <= now()
    )
    for sanction in db.session.scalars(ended).all():
        lift(sanction, None)
    return suspension_of(member.id)


def contest(sanction: Sanction, message: str) -> None:
    """The person answers, once; those who could lift the sanction are told."""
    if sanction.contested_at is not None:
        raise Conflict(_("Vous avez déjà contesté cette mesure ; votre message est transmis."))
    sanction.contest, sanction.contested_at = message, now()
    emit("sanction.contested", sanction)


def current_sanctions(community_id: int | None) -> Sequence[Any]:
    """What is in force in a community, or every suspension for None: rows that name the person as moderators know them."""
    query = in_force(select(Sanction)).options(joinedload(Sanction.shown), joinedload(Sanction.community))
    place = Sanction.community_id == community_id if community_id else Sanction.community_id.is_(None)
    return db.session.scalars(query.where(place).order_by(Sanction.id.desc()).limit(200)).all()


def sanctions_against(member_id: int) -> Sequence[Sanction]:
    """What is in force against a person, wherever; with the community. For the person alone to read."""
    query = in_force(select(Sanction)).where(Sanction.member_id == member_id)
    return db.session.scalars(query.options(joinedload(Sanction.community)).order_by(Sanction.id.desc())).all()


def get_sanction(id: int) -> Sanction:
    """A sanction with its community; else NotFound."""
    query = select(Sanction).where(Sanction.id == id).options(joinedload(Sanction.community))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound()
    return found


def in_force(query: Any) -> Any:
    return query.where(Sanction.lifted_at.is_(None), or_(Sanction.until.is_(None), Sanction.until > now()))


def _decide(
    kind: str, shown: Member, person: Member, community: Community | None, until: Any, reason: str, by: Any
) -> Sanction:
    """Write a sanction down; one of the same kind that was in force on the same name gives way to it."""
    if until is not None and until <= now():
        raise Conflict(_("La date de fin doit être à venir."))
    former = _in_force_on(shown.id, kind, getattr(community, "id", None))
    for one in former:
        one.lifted_at, one.lifted_by_id = now(), getattr(by, "id", None)
    db.session.flush()
    sanction = Sanction(kind=kind, member_id=person.id, shown_id=shown.id, community_id=getattr(community, "id", None))
    sanction.until, sanction.reason, sanction.by_id = until, reason, getattr(by, "id", None)
    db.session.add(sanction)
    db.session.flush()
    for one in former:
        one.replaced_by_id = sanction.id
    record(by, ACTS[kind][0], shown, reason, sanction.community_id)
    _tell(sanction, person, community, by)
    return sanction


def _tell(sanction: Sanction, person: Member, community: Community | None, by: Any) -> None:
    if community is not None:
        more = {"member_id": person.id, "kind": sanction.kind, "sanction_id": sanction.id}
        emit("community.sanctioned", community, actor=by, **more)
    sanction_mails.send_sanction(sanction, person, community)


def _pass_on(these: Any, later: int | None) -> None:
    """What a sanction had replaced is replaced by another one now."""
    moved = update(Sanction).where(these).values(replaced_by_id=later)
    db.session.execute(moved.execution_options(synchronize_session="fetch"))


def _give_back(former: Sanction, by: Any) -> None:
    """What a sanction had replaced is in force again, with its own date and reason, until then; the person is told."""
    shown, person = _people(former.shown_id, former.member_id)
    former.lifted_at = former.lifted_by_id = former.replaced_by_id = None
    if former.kind == "suspension" and person.state == "active":
        person.state = "suspended"
    db.session.flush()
    record(by, ACTS[former.kind][0], shown, former.reason, former.community_id)
    community = db.session.get(Community, former.community_id) if former.community_id else None
    _tell(former, person, community, by)


def _people(shown_id: int, person_id: int | None = None) -> tuple[Member, Member]:
    """(as whom moderators know the person, the person)."""
    shown = db.session.get(Member, shown_id)
    person = db.session.get(Member, person_id or owner_of(shown_id) or 0)
    if shown is None or person is None:
        raise NotFound()
    return shown, person


def _in_force_on(shown_id: int, kind: str, community_id: int | None) -> Sequence[Sanction]:
    place = Sanction.community_id == community_id if community_id else Sanction.community_id.is_(None)
    query = select(Sanction).where(Sanction.kind == kind, place, Sanction.shown_id == shown_id)
    return db.session.scalars(query.where(Sanction.lifted_at.is_(None))).all()


def _still_suspended(member_id: int) -> bool:
    others = select(Sanction.id).where(Sanction.member_id == member_id, Sanction.kind == "suspension")
    return db.session.scalar(in_force(others).limit(1)) is not None


def _not_a_moderator(community: Community, person: Member) -> None:
    """The role goes first. Not asked of somebody known by a pseudonym: a refusal would tell who they may be."""
    place = and_(Membership.community_id == community.id, Membership.member_id == person.id)
    role = db.session.scalar(select(Membership.role).where(place))
    if role == "moderator" or person.platform_role == "administrator":
        raise Conflict(
            _("Cette personne anime la communauté ou administre la plateforme : retirez-lui d’abord ce rôle.")
        )


def _end_requests(community: Community, person: Member) -> None:
    """What waited at the door waits no more."""
    asked = (
        JoinRequest.community_id == community.id,
        JoinRequest.member_id == person.id,
        JoinRequest.state == "pending",
    )
    db.session.execute(update(JoinRequest).where(*asked).values(state="withdrawn", decided_at=now()))
    sent = (
        Invitation.community_id == community.id,
        Invitation.email == person.email,
        Invitation.state == "pending",
    )
    db.session.execute(update(Invitation).where(*sent).values(state="withdrawn", decided_at=now()))
    count_requests(community.id)
    count_members(community.id)
