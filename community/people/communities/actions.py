"""Use cases of communities: made, changed, archived; coming in, leaving, roles, counting."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Forbidden, NotFound
from community.core.outbox import emit
from community.core.slugs import slugify
from community.core.text import render_markdown
from community.people.accounts.models import Member
from community.people.accounts.second_factors import come_in_again
from community.people.communities.models import Community, JoinRequest, Membership

#: Words that are addresses of their own under /communautes/.
RESERVED = frozenset({"nouvelle", "invitations"})
FIELDS = ("name", "kind", "access", "visibility", "purpose", "answer_target_days", "two_person_review", "barred")


def create_community(user: Any, **fields: Any) -> Community:
    """Open a community; its address comes from its name and never changes. Raises Conflict when the name is taken."""
    slug = slugify(fields["name"])
    if slug in RESERVED:
        raise Conflict(_("Ce nom est réservé."))
    community = Community(slug=slug, **{name: fields[name] for name in FIELDS if name in fields})
    _write_charter(community, fields.get("charter", ""))
    try:
        with db.session.begin_nested():
            db.session.add(community)
    except IntegrityError as error:
        raise Conflict(_("Une communauté porte déjà ce nom, ou un nom très proche.")) from error
    emit("community.created", community, actor=user)
    record(user, "community.created", community, community_id=community.id)
    return community


def edit_community(community: Community, user: Any, **fields: Any) -> None:
    """Change what is given. The event says which fields moved: whoever keeps copies of the visibility must follow."""
    before = {name: getattr(community, name) for name in (*FIELDS, "charter")}
    try:
        with db.session.begin_nested():
            for name in FIELDS:
                setattr(community, name, fields.get(name, before[name]))
            if fields.get("charter", community.charter) != community.charter:
                _write_charter(community, fields["charter"])
    except IntegrityError as error:
        raise Conflict(_("Une communauté porte déjà ce nom, ou un nom très proche.")) from error
    changed = [name for name, value in before.items() if getattr(community, name) != value]
    newly_barred = sorted(set(community.barred) - set(before["barred"]))
    if newly_barred:
        emit("community.barred", community, actor=user, qualities=newly_barred)
    if "barred" in changed:
        record(user, "community.bars_changed", community, ", ".join(community.barred))
    if changed:
        emit("community.edited", community, actor=user, changed=changed)
        record(user, "community.edited", community, ", ".join(changed), community.id)


def archive_community(community: Community, user: Any) -> None:
    """Nothing more is written there; what was written stays readable. Repeating it changes nothing."""
    if community.archived_at is None:
        community.archived_at = now()
        emit("community.archived", community, actor=user)
        record(user, "community.archived", community, community_id=community.id)


def reopen_community(community: Community, user: Any) -> None:
    if community.archived_at is not None:
        community.archived_at = None
        emit("community.reopened", community, actor=user)
        record(user, "community.reopened", community, community_id=community.id)


def join_by_posting(user: Any, community: Community) -> None:
    """Posting in an open community makes one a member of it; elsewhere one must already be."""
    if user.is_member_of(community.id):
        return
    if community.access != "open":
        raise Forbidden()
    add_member(community, user.id)


def add_member(community: Community, member_id: int, role: str = "member") -> None:
    """Give a member a place; who already has one keeps it as it is. A request that waited is thereby granted."""
    try:
        with db.session.begin_nested():
            db.session.add(Membership(community_id=community.id, member_id=member_id, role=role))
    except IntegrityError:
        return
    _settle_request(community.id, member_id)
    count_members(community.id)
    emit("community.joined", community, member_id=member_id)


def leave_community(user: Any, community: Community) -> None:
    """Give up one's place; the last moderator passes the role on first. Repeating it changes nothing."""
    membership = _place(community.id, user.id)
    if membership is None:
        return
    _keep_a_moderator(community.id, membership)
    _drop(community, membership)
    emit("community.left", community, actor=user, member_id=user.id)


def remove_member(community: Community, member_id: int, user: Any) -> None:
    """Take a member's place away; what the person wrote stays. Repeating it changes nothing."""
    membership = _place(community.id, member_id)
    if membership is None:
        return
    _keep_a_moderator(community.id, membership)
    _drop(community, membership)
    emit("community.member_removed", community, actor=user, member_id=member_id)
    record(user, "community.member_removed", db.session.get(Member, member_id), community_id=community.id)


def set_role(community: Community, member_id: int, role: str, user: Any) -> None:
    """Make a member an expert, a moderator, or a member again."""
    membership = _place(community.id, member_id)
    if membership is None:
        raise NotFound()
    if membership.role == role:
        return
    if role != "moderator":
        _keep_a_moderator(community.id, membership)
    membership.role = role
    if role == "moderator":
        come_in_again(member_id, user)
    emit("community.role_changed", community, actor=user, member_id=member_id, role=role)
    record(user, "community.role_changed", db.session.get(Member, member_id), role, community.id)


def count_members(community_id: int) -> None:
    """Keep members_count: derived again after every change, in the same transaction."""
    db.session.flush()
    count = select(func.count()).select_from(Membership).where(Membership.community_id == community_id)
    statement = update(Community).where(Community.id == community_id).values(members_count=count.scalar_subquery())
    db.session.execute(statement.execution_options(synchronize_session=False))


def count_requests(community_id: int) -> None:
    """Keep requests_count: the requests that wait for a moderator."""
    db.session.flush()
    waiting = (JoinRequest.community_id == community_id, JoinRequest.state == "pending")
    count = select(func.count()).select_from(JoinRequest).where(*waiting)
    statement = update(Community).where(Community.id == community_id).values(requests_count=count.scalar_subquery())
    db.session.execute(statement.execution_options(synchronize_session=False))


def _place(community_id: int, member_id: int) -> Membership | None:
    """A member's place, read after taking the community's lock: the two last moderators cannot both leave."""
    db.session.execute(select(Community.id).where(Community.id == community_id).with_for_update())
    place = (Membership.community_id == community_id, Membership.member_id == member_id)
    return db.session.scalars(select(Membership).where(*place).execution_options(populate_existing=True)).one_or_none()


def _keep_a_moderator(community_id: int, leaving: Membership) -> None:
    """Raise Conflict when this place is the last moderator's."""
    if leaving.role != "moderator":
        return
    others = select(func.count()).where(
        Membership.community_id == community_id,
        Membership.role == "moderator",
        Membership.member_id != leaving.member_id,
    )
    if not db.session.scalar(others):
        raise Conflict(
            _("C’est la dernière personne à animer cette communauté : confiez d’abord ce rôle à quelqu’un d’autre.")
        )


def _drop(community: Community, membership: Membership) -> None:
    place = (Membership.community_id == community.id, Membership.member_id == membership.member_id)
    db.session.execute(delete(Membership).where(*place))
    count_members(community.id)


def _settle_request(community_id: int, member_id: int) -> None:
    waiting = (
        JoinRequest.community_id == community_id,
        JoinRequest.member_id == member_id,
        JoinRequest.state == "pending",
    )
    db.session.execute(update(JoinRequest).where(*waiting).values(state="accepted", decided_at=now()))
    count_requests(community_id)


def _write_charter(community: Community, charter: str) -> None:
    community.charter = charter
    community.charter_html = render_markdown(charter, "charte-").html if charter else ""
