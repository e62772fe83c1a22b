"""Reads of links: what a page shows beside a question or a sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, Select, case, cast, func, null, or_, select, union_all
from sqlalchemy.orm import aliased

from community.abilities.citations.queries import pages_citing
from community.abilities.links.models import Link, LinkJudgement
from community.contributions.kinds import kept_beside
from community.contributions.models import Contribution
from community.core.db import db
from community.people.communities.models import Community
from community.permissions import is_out, visible_to

MOST = 5
MOST_CITED_BY = 10


@dataclass
class Links:
    """Rows by kind, confirmed first, then by score.

    ``cited_by``: the pages whose texts, answers or comments cite this one, latest active first, linked or not.
    """

    by_kind: dict[str, list[Any]] = field(default_factory=dict)
    cited_by: list[Any] = field(default_factory=list)

    def of(self, kind: str) -> list[Any]:
        return self.by_kind.get(kind, [])

    def beside(self, kind: str) -> list[tuple[Any, list[Any]]]:
        """(heading, rows) of every kind, in the order in which a page of this kind shows them."""
        return [(model.linked_as, self.of(name)) for name, model in kept_beside(kind).items()]

    def __bool__(self) -> bool:
        return bool(self.by_kind or self.cited_by)


def links_of(item: Contribution, user: Any) -> Links:
    """What is linked with this contribution, both ways, and what cites it, as far as ``user`` may see it. One statement.

    Suggested links below the threshold are never stored, rejected ones never shown.
    """
    places = _places(item.id).subquery()
    by_citation = places.c.link_id.is_(None)
    best_links = ((Link.verdict == "confirmed").desc(), Link.confirmations.desc(), Link.score.desc(), Link.id)
    # Links and citations have each their own places in the limit: many of the ones never hide the others.
    place = func.row_number().over(
        partition_by=by_citation, order_by=(*best_links, Contribution.last_activity_at.desc(), Contribution.id)
    )
    query = (
        select(
            places.c.link_id,
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
        .join_from(places, Contribution, Contribution.id == places.c.id)
        .join(Community, Community.id == Contribution.community_id)
        .outerjoin(Link, Link.id == places.c.link_id)
        .outerjoin(LinkJudgement, (LinkJudgement.link_id == Link.id) & (LinkJudgement.member_id == user.id))
        .where(places.c.id != item.id, is_out(), visible_to(user))
        .order_by(place)
        .limit(80)
    )
    return _by_kind(db.session.execute(query))


def confirmed_titles(ids: Iterable[int]) -> dict[int, list[str]]:
    """The titles of the questions that people confirmed each of these pages answers: it is found by their words too.

    Only of questions that everyone who reads the page may read: nobody finds a public page by the words of a closed room.
    """
    found: dict[int, list[str]] = defaultdict(list)
    page = aliased(Contribution)
    there, here = aliased(Community), aliased(Community)
    query = (
        select(Link.target_id, Contribution.title)
        .join(Contribution, Contribution.id == Link.source_id)
        .join(there, there.id == Contribution.community_id)
        .join(page, page.id == Link.target_id)
        .join(here, here.id == page.community_id)
        .where(
            Link.target_id.in_(list(ids)),
            Link.verdict == "confirmed",
            Contribution.kind == "question",
            is_out(),
            or_(
                there.id == here.id,
                there.visibility == "public",
                (there.visibility == "platform") & (here.visibility != "public"),
            ),
        )
        .order_by(Link.target_id, Link.confirmations.desc(), Link.id)
    )
    for row in db.session.execute(query):
        found[row.target_id].append(row.title)
    return found


def _places(id: int) -> Any:
    """(link_id, id) of every page that is linked with this one, and without a link_id of every page that cites it."""
    other = case((Link.source_id == id, Link.target_id), else_=Link.source_id)
    linked: Select[Any] = select(Link.id.label("link_id"), other.label("id")).where(
        or_(Link.source_id == id, Link.target_id == id), Link.verdict != "rejected"
    )
    citing = pages_citing(id).subquery()
    return union_all(linked, select(cast(null(), Integer), citing.c.id).distinct())


def _by_kind(rows: Any) -> Links:
    links = Links()
    seen: set[int] = set()
    for row in rows:
        if row.link_id is None:
            if len(links.cited_by) < MOST_CITED_BY:
                links.cited_by.append(row)
            continue
        group = links.by_kind.setdefault(row.kind, [])
        if row.id not in seen and len(group) < MOST:
            seen.add(row.id)
            group.append(row)
    return links
