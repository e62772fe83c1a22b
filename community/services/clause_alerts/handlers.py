"""Who hears of a clause: a new version, a withdrawal or a passed review date to all who rely on it; a proposal to its reviewers.

Each thing is told once a member: the key names the version, the withdrawal or the date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select, union
from sqlalchemy.orm import joinedload

from community.abilities.citations.queries import authors_citing
from community.abilities.follows.models import Follow
from community.content.baskets.models import Basket, BasketItem, ClauseExport
from community.content.clauses.models import Clause, ClauseRemark, ClauseVersion
from community.core.clock import now
from community.core.db import db
from community.core.outbox import Event, on
from community.people.accounts.identity import identity_of
from community.permissions import can_see_proposal
from community.services.notifications.actions import settle, tell_about, tell_of_community
from community.services.notifications.recipients import moderators_of


@on("clause.validated")
def tell_new_version(events: Sequence[Event]) -> None:
    """Whoever relies on the clause, and who proposed the version, hear of it; the link shows what changed."""
    for event, clause in _clauses(events):
        version = db.session.get(ClauseVersion, event.payload["version_id"])
        settle(_proposed(event))
        if version is None or version.number is None:
            continue
        people = relying_on(clause) if version.number > 1 else set()
        tell_about(
            clause, people | {version.proposed_by_id}, event.name, f"clause:{clause.id}:v{version.number}", event
        )


@on("clause.retired")
def tell_withdrawal(events: Sequence[Event]) -> None:
    for event, clause in _clauses(events):
        if clause.retired_at is not None:
            key = f"clause:{clause.id}:retired:{clause.retired_at:%y%m%d%H%M%S}"
            tell_about(clause, relying_on(clause), event.name, key, event)


@on("clause.put_back")
def tell_put_back(events: Sequence[Event]) -> None:
    for event, clause in _clauses(events):
        if clause.retired_at is None:
            key = f"clause:{clause.id}:back:{event.created_at:%y%m%d%H%M%S}"
            tell_about(clause, relying_on(clause), event.name, key, event)


@on("clause.review_passed")
def tell_review_passed(events: Sequence[Event]) -> None:
    """Told once a date: a clause that was looked at again meanwhile is left alone."""
    for event, clause in _clauses(events):
        due = clause.review_due
        if clause.retired_at is None and due is not None and due < now().date():
            tell_about(clause, relying_on(clause), event.name, f"clause:{clause.id}:due:{due:%y%m%d}", event)


@on("clause.article_changed")
def tell_article_changed(events: Sequence[Event]) -> None:
    """Its curator and those who rely on the clause are warned that its legal basis moved."""
    for event, clause in _clauses(events):
        if clause.flagged_article:
            key = f"clause:{clause.id}:article:{event.payload['change_id']}"
            tell_about(clause, relying_on(clause), event.name, key, event)


@on("clause.proposed")
def tell_reviewers(events: Sequence[Event]) -> None:
    """A proposal waits: told to the community's moderators, as long as it waits."""
    for event, clause in _clauses(events):
        version = db.session.get(ClauseVersion, event.payload["version_id"])
        if version is not None and version.state == "proposed":
            tell_of_community(clause.community, moderators_of(clause.community_id), event.name, _proposed(event), event)


@on("clause.changes_requested", "clause.refused")
def tell_proposer(events: Sequence[Event]) -> None:
    for event, clause in _clauses(events):
        version = db.session.get(ClauseVersion, event.payload["version_id"])
        settle(_proposed(event))
        if version is not None:
            key = f"{event.name}:{version.id}:{event.created_at:%y%m%d%H%M%S}"
            tell_of_community(clause.community, {version.proposed_by_id}, event.name, key, event)


@on("clause.remarked")
def tell_remark(events: Sequence[Event]) -> None:
    """A remark on a proposal: its author, who reviews it, the clause's curator and whoever already remarked on it."""
    for event, clause in _clauses(events):
        version = db.session.get(ClauseVersion, event.payload["version_id"], options=[joinedload(ClauseVersion.clause)])
        if version is None or not version.is_pending:
            continue
        spoke = set(db.session.scalars(select(ClauseRemark.author_id).where(ClauseRemark.version_id == version.id)))
        people = {version.proposed_by_id, version.reviewer_id, clause.curator_id, *spoke} - {None}
        readers = [id for id in people if (user := identity_of(id)) and can_see_proposal(user, version)]
        key = f"{event.name}:{version.id}:{event.created_at:%y%m%d%H%M%S%f}"
        tell_of_community(clause.community, readers, event.name, key, event)


def relying_on(clause: Clause) -> set[int]:
    """The curator, the followers, and everyone who cited the clause, left with it in a document or keeps it in a basket."""
    people = union(
        select(Follow.member_id).where(Follow.contribution_id == clause.id),
        authors_citing(clause.id),
        select(ClauseExport.member_id).where(ClauseExport.clause_id == clause.id),
        select(Basket.owner_id)
        .join(BasketItem, BasketItem.basket_id == Basket.id)
        .where(BasketItem.clause_id == clause.id),
    )
    return set(db.session.scalars(people)) | ({clause.curator_id} if clause.curator_id else set())


def _proposed(event: Event) -> str:
    return f"clause:proposed:{event.payload['version_id']}"


def _clauses(events: Sequence[Event]) -> Iterable[tuple[Event, Clause]]:
    for event in events:
        query = select(Clause).where(Clause.id == event.subject_id)
        clause = db.session.scalars(
            query.options(joinedload(Clause.community), joinedload(Clause.thread))
        ).one_or_none()
        if clause is not None:
            yield event, clause
