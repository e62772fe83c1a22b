"""How much a member published where one moderates, by period: what a sweep would take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db


def figures_of(member_id: int, user: Any) -> list[tuple[str, int]]:
    """(words, number) of texts and comments that are out, in the last hour, the last day and always. One statement."""
    hour, day = now() - timedelta(hours=1), now() - timedelta(days=1)
    here = () if user.is_administrator else (Contribution.community_id.in_(user.moderated_ids),)
    posts = (
        select(func.count())
        .select_from(Contribution)
        .where(Contribution.author_id == member_id, Contribution.removed_at.is_(None))
        .where(*here)
    )
    remarks = (
        select(func.count())
        .select_from(Comment)
        .join(Contribution, Contribution.id == Comment.contribution_id)
        .where(Comment.author_id == member_id, Comment.removed_at.is_(None))
        .where(*here)
    )
    counted = {
        _("Textes depuis une heure"): posts.where(Contribution.published_at >= hour),
        _("Textes depuis un jour"): posts.where(Contribution.published_at >= day),
        _("Textes en tout"): posts.where(Contribution.published_at.is_not(None)),
        _("Commentaires depuis une heure"): remarks.where(Comment.created_at >= hour),
        _("Commentaires en tout"): remarks,
    }
    row = db.session.execute(select(*[query.scalar_subquery() for query in counted.values()])).one()
    return list(zip(counted, row, strict=True))
