"""Reads of links: what a page shows beside a question or a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, or_, select

from community.abilities.links.models import Link, LinkJudgement
from community.contributions.models import Contribution
from community.core.db import db
from community.people.communities.models import Community
from community.permissions import is_out, visible_to

MOST = 5


@dataclass
class Links:
    """Rows by kind, confirmed first, then by score; ``originals`` and ``duplicates`` are marked by people."""

    sheets: list[Any] = field(default_factory=list)
    questions: list[Any] = field(default_factory=list)
    clauses: list[Any] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.sheets or self.questions or self.clauses or self.documents)


def links_of(item: Contribution, user: Any) -> Links:
    """What is linked with this contribution, both ways, as far as ``user`` may see it. One statement.

    Suggested links below the threshold are never stored, rejected ones never shown.
    """
    other = case((Link.source_id == item.id, Link.target_id), else_=Link.source_id)
    query = (
        select(
            Link.id.label("link_id"),
            Link.score,
            Link.reasons,
            Link.origin,
            Link.verdict,
            Link.confirmations,
            LinkJudgement.verdict.label("mine"),
            (Link.source_id == item.id).label("outgoing"),
            Contribution.id,
            Contribution.kind,
            Contribution.title,
            Contribution.state,
            Contribution.replies_count,
            Contribution.published_at,
            Contribution.territory,
            Contribution.thread_id,
            Community.name.label("community_name"),
        )
        .join(Contribution, Contribution.id == other)
        .join(Community, Community.id == Contribution.community_id)
        .outerjoin(LinkJudgement, (LinkJudgement.link_id == Link.id) & (LinkJudgement.member_id == user.id))
        .where(
            or_(Link.source_id == item.id, Link.target_id == item.id),
            Link.verdict != "rejected",
            is_out(),
            visible_to(user),
        )
        .order_by((Link.verdict == "confirmed").desc(), Link.confirmations.desc(), Link.score.desc(), Link.id)
        .limit(60)
    )
    return _by_kind(db.session.execute(query))


def _by_kind(rows: Any) -> Links:
    links = Links()
    seen: set[int] = set()
    for row in rows:
        group = getattr(links, f"{row.kind}s", None)
        if group is not None and row.id not in seen and len(group) < MOST:
            seen.add(row.id)
            group.append(row)
    return links
