"""Who cites a contribution."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.orm import aliased

from community.abilities.citations.models import Citation
from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.permissions import is_out


def pages_citing(target_id: int) -> Select[Any]:
    """(what, id, version) of the pages that cite a contribution or used it; what the reader may see is the caller's to check."""
    source = aliased(Contribution, flat=True)
    standing = or_(Citation.comment_id.is_(None), Comment.removed_at.is_(None))
    return (
        select(
            literal("cited").label("what"),
            func.coalesce(source.thread_id, source.id).label("id"),
            func.coalesce(Citation.version, 0).label("version"),
        )
        .join(source, source.id == Citation.source_id)
        .outerjoin(Comment, Comment.id == Citation.comment_id)
        .where(Citation.target_id == target_id, is_out(source), standing)
    )


def authors_citing(target_id: int) -> Select[Any]:
    """The members whose published texts cite a contribution."""
    source = aliased(Contribution, flat=True)
    query = select(func.coalesce(Comment.author_id, source.author_id))
    query = query.select_from(Citation).join(source, source.id == Citation.source_id)
    return query.outerjoin(Comment, Comment.id == Citation.comment_id).where(
        Citation.target_id == target_id, is_out(source)
    )
