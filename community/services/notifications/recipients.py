"""Who is told: recipients come from follows, authorship, expertise and roles; never from whoever caused the event."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import exists, select

from community.abilities.follows.models import Follow
from community.abilities.tags.models import Tag, Tagging
from community.contributions.models import Contribution
from community.core.db import db
from community.people.accounts.models import Expertise, Member
from community.people.accounts.pseudonyms import owners_of
from community.people.communities.models import Community, Membership
from community.permissions import sees_community

_MENTION = re.compile(r'<a [^>]*class="mention"[^>]*>')
_MEMBER = re.compile(r'href="/membres/(\d{1,10})[-"]')


def followers(thread_id: int) -> set[int]:
    return set(db.session.scalars(select(Follow.member_id).where(Follow.contribution_id == thread_id)))


def experts_for(question: Contribution) -> set[int]:
    """Experts of the community whose fields meet the question's tags; all its experts when nobody's do."""
    experts = select(Membership.member_id).where(
        Membership.community_id == question.community_id, Membership.role == "expert"
    )
    in_their_field = exists().where(
        Expertise.member_id == Membership.member_id,
        Expertise.slug == Tag.slug,
        Tag.id == Tagging.tag_id,
        Tagging.contribution_id == question.id,
    )
    return set(db.session.scalars(experts.where(in_their_field))) or set(db.session.scalars(experts))


def moderators_of(community_id: int) -> set[int]:
    query = select(Membership.member_id).where(Membership.community_id == community_id, Membership.role == "moderator")
    return set(db.session.scalars(query))


def mentioned_in(html: str) -> set[int]:
    """The members whom a stored text names: read from its HTML, where code and quotes were already told apart."""
    found = (_MEMBER.search(tag) for tag in _MENTION.findall(html or ""))
    return {int(match.group(1)) for match in found if match and int(match.group(1)) < 2**31}


def allowed(ids: Iterable[int], community: Community, actor_id: int | None) -> list[int]:
    """Among these, the active members who may know of the community, and who did not do the thing themselves.

    A pseudonym stands for the person behind it, who alone learns it.
    """
    wanted = owners_of(set(ids)) - owners_of({actor_id})
    if not wanted:
        return []
    query = select(Member.id).where(Member.id.in_(wanted), sees_community(community))
    return sorted(db.session.scalars(query))
