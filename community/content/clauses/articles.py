"""« Un article a changé »: a moderator says so, every clause and sheet based on it is listed and worked off."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, func, select, update

from community.abilities.citations.models import Citation
from community.abilities.tags.models import Classification
from community.content.clauses.actions import record_step
from community.content.clauses.legal import article_name
from community.content.clauses.models import ArticleChange, ArticleCheck, Clause
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.core.errors import Invalid
from community.core.outbox import emit
from community.people.communities.models import Community
from community.permissions import is_out, visible_to


def declare_change(user: Any, article: str, note: str) -> ArticleChange:
    """Say that an article changed: what stands on it is flagged, and those who rely on it are told."""
    name = article_name(article)
    if not name:
        raise Invalid(_("Indiquez l’article."))
    change = ArticleChange(article=name, note=note, declared_by_id=user.id)
    db.session.add(change)
    db.session.flush()
    for id, kind in db.session.execute(_standing_on(name)).all():
        db.session.add(ArticleCheck(change_id=change.id, contribution_id=id))
        if kind == "clause":
            _flag(id, change, user)
    db.session.flush()
    return change


def check_done(check: ArticleCheck, user: Any) -> None:
    """The page was read against the article as it is now; for a clause, the date of the check is kept."""
    if check.done_at is not None:
        return
    check.done_at, check.done_by_id = now(), user.id
    db.session.flush()
    change = db.session.get(ArticleChange, check.change_id)
    clause = db.session.get(Clause, check.contribution_id)
    if clause is None or change is None:
        return
    clause.checked = {**clause.checked, change.article: now().date().isoformat()}
    record_step(clause.id, None, user, "checked", change.article)
    left = select(ArticleChange.article).join(ArticleCheck, ArticleCheck.change_id == ArticleChange.id)
    left = left.where(ArticleCheck.contribution_id == clause.id, ArticleCheck.done_at.is_(None)).limit(1)
    clause.flagged_article = db.session.scalar(left)


def work_left(user: Any) -> list[Any]:
    """What this person still has to look at, in the communities that the person moderates, by article."""
    query = (
        select(
            ArticleCheck.change_id,
            ArticleCheck.contribution_id.label("id"),
            ArticleChange.article,
            ArticleChange.note,
            ArticleChange.created_at,
            Contribution.kind,
            Contribution.title,
            Contribution.thread_id,
            Community.name.label("community_name"),
        )
        .join(ArticleChange, ArticleChange.id == ArticleCheck.change_id)
        .join(Contribution, Contribution.id == ArticleCheck.contribution_id)
        .join(Community, Community.id == Contribution.community_id)
        .where(
            ArticleCheck.done_at.is_(None),
            Contribution.community_id.in_(user.moderated_ids),
            is_out(),
            visible_to(user),
        )
        .order_by(ArticleChange.id.desc(), Contribution.kind, Contribution.title)
        .limit(300)
    )
    return list(db.session.execute(query))


def progress(user: Any) -> list[Any]:
    """Of each change that is not worked off, in one's communities: article, created_at, pages read (done), pages (total)."""
    done = func.count(ArticleCheck.done_at)
    query = (
        select(ArticleChange.article, ArticleChange.created_at, done.label("done"), func.count().label("total"))
        .join(ArticleCheck, ArticleCheck.change_id == ArticleChange.id)
        .join(Contribution, Contribution.id == ArticleCheck.contribution_id)
        .where(Contribution.community_id.in_(user.moderated_ids), is_out(), visible_to(user))
        .group_by(ArticleChange.id, ArticleChange.article, ArticleChange.created_at)
        .having(done < func.count())
        .order_by(ArticleChange.id.desc())
    )
    return list(db.session.execute(query))


def _standing_on(article: str) -> Any:
    """(id, kind) of the clauses based on an article, and of the sheets that cite or used one of them."""
    based = select(Classification.contribution_id).where(
        Classification.scheme == "article", Classification.code == article[:40]
    )
    uses = exists().where(Citation.source_id == Contribution.id, Citation.target_id.in_(based))
    clause = (Contribution.kind == "clause") & Contribution.id.in_(based) & (Contribution.state == "validated")
    sheet = (Contribution.kind == "sheet") & uses
    return select(Contribution.id, Contribution.kind).where(clause | sheet, is_out()).order_by(Contribution.id)


def _flag(id: int, change: ArticleChange, user: Any) -> None:
    db.session.execute(
        update(Clause.__table__).where(Clause.__table__.c.id == id).values(flagged_article=change.article)
    )  # type: ignore[arg-type]
    clause = db.session.get(Clause, id)
    record_step(id, None, user, "flagged", change.article + (f" : {change.note}" if change.note else ""))
    emit("clause.article_changed", clause, actor=user, change_id=change.id)
