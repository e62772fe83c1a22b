"""What becomes of a leaving member's texts: unpublished ones go, published ones stay or, when asked and nobody built upon
them, are emptied for good."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import JSON, Column, Select, String, Table, Text, delete, or_, select, update
from sqlalchemy.orm import joinedload

from community.abilities.attachments.models import Attachment
from community.abilities.citations.models import Citation
from community.abilities.comments.actions import remove_comment
from community.abilities.comments.models import Comment
from community.abilities.links.models import Link
from community.abilities.revisions.models import Revision
from community.abilities.votes.models import Vote
from community.content.clauses.models import ClauseVersion
from community.content.questions.models import Answer, Question
from community.content.sheets.models import Sheet
from community.contributions.actions import remove
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db

#: columns of a kind that are no text of anybody's
CODES = frozenset({"state", "trust_level", "kind", "organisation_type", "population_band", "contract_type"})
EMPTIED = "Texte effacé à la demande de son auteur"


def settle_texts(ids: list[int], remove_own: bool) -> None:
    """Drafts and the like go; with ``remove_own``, so do comments and whatever nobody built upon."""
    _delete_unpublished(ids)
    _forget_contacts(ids)
    if remove_own:
        for item in db.session.scalars(published_by(ids)).all():
            if is_alone(item):
                _empty(item)
        _remove_comments(ids, SimpleNamespace(id=ids[0]))


def is_alone(item: Contribution) -> bool:
    """Nobody retained it, answered it, commented on it, cited it or built upon it; clauses belong to everybody."""
    if item.kind == "clause" or _was_retained(item):
        return False
    others = (
        select(Contribution.id).where(Contribution.thread_id == item.id, Contribution.author_id != item.author_id),
        select(Comment.id).where(Comment.contribution_id == item.id, Comment.author_id != item.author_id),
        select(Citation.id).where(Citation.target_id == item.id, Citation.source_id != item.id),
        select(Link.id).where(or_(Link.source_id == item.id, Link.target_id == item.id), Link.verdict == "confirmed"),
        select(Sheet.id).where(Sheet.from_question_id == item.id),
        select(Question.id).where(Question.duplicate_of_id == item.id),
    )
    return not any(db.session.scalar(query.limit(1)) for query in others)


def _was_retained(item: Contribution) -> bool:
    return isinstance(item, Answer) and (item.accepted_at is not None or item.certified_at is not None)


def published_by(ids: list[int]) -> Select[Any]:
    shown = (Contribution.author_id.in_(ids), Contribution.published_at.is_not(None))
    loaded = (joinedload(Contribution.community), joinedload(Contribution.thread))
    return select(Contribution).where(*shown).options(*loaded).order_by(Contribution.id)


def _delete_unpublished(ids: list[int]) -> None:
    """Drafts, held and embargoed texts. A proposal of a clause that reviewers have in hand is theirs to answer.

    What a moderator hid was out before: where others answered or commented, it stays as it is, under nobody's name.
    """
    in_hand = select(ClauseVersion.clause_id).where(ClauseVersion.state != "draft")
    drafts = (ClauseVersion.proposed_by_id.in_(ids), ClauseVersion.state == "draft")
    db.session.execute(delete(ClauseVersion.__table__).where(*drafts))
    unpublished = (Contribution.author_id.in_(ids), Contribution.published_at.is_(None))
    table = Contribution.__table__
    built_upon = (table.c.id.not_in(query) for query in (in_hand, *_built_upon(ids)))
    db.session.execute(delete(table).where(*unpublished, *built_upon))


def _built_upon(ids: list[int]) -> tuple[Select[Any], ...]:
    """Texts that something else hangs on: answers that stay, comments of others, doubles, sheets made from them."""
    stays = or_(Contribution.author_id.not_in(ids), Contribution.published_at.is_not(None))
    return (
        select(Contribution.thread_id).where(Contribution.thread_id.is_not(None), stays),
        select(Comment.contribution_id).where(Comment.author_id.not_in(ids)),
        select(Question.duplicate_of_id).where(Question.duplicate_of_id.is_not(None)),
        select(Sheet.from_question_id).where(Sheet.from_question_id.is_not(None)),
    )


def _forget_contacts(ids: list[int]) -> None:
    """« Contact » of an experience sheet is how to reach its author: gone, in its history too."""
    sheets = select(Contribution.id).where(Contribution.author_id.in_(ids), Contribution.kind == "sheet")
    sheet = Sheet.__table__
    db.session.execute(update(sheet).where(sheet.c.id.in_(sheets)).values(contact=""))
    for revision in db.session.scalars(select(Revision).where(Revision.contribution_id.in_(sheets))).all():
        if revision.data.get("contact"):
            revision.data = revision.data | {"contact": ""}


def _empty(item: Contribution) -> None:
    """Its words go for good, history included; the row stays, removed, so that counts and addresses hold."""
    db.session.execute(delete(Revision).where(Revision.contribution_id == item.id))
    db.session.execute(delete(Vote).where(Vote.contribution_id == item.id))
    loose = update(Attachment).where(Attachment.contribution_id == item.id)
    db.session.execute(loose.values(contribution_id=None, comment_id=None, loose_since=now()))
    table: Table = type(item).__table__
    for column in table.columns if table is not Contribution.__table__ else ():
        if _is_text(column):
            setattr(item, item.__mapper__.get_property_by_column(column).key, _nothing(column))
    item.title = EMPTIED
    item.body = item.body_html = ""
    item.body_notice = None
    item.score = 0
    remove(item, SimpleNamespace(id=item.author_id))


def _is_text(column: Column) -> bool:
    if column.primary_key or column.foreign_keys or column.name in CODES:
        return False
    return isinstance(column.type, String | Text | JSON) or type(column.type).__name__ == "JsonText"


def _nothing(column: Column) -> object:
    if column.nullable:
        return None
    default = column.default.arg if column.default is not None else ""
    return default(None) if callable(default) else default


def _remove_comments(ids: list[int], actor: Any) -> None:
    """Comments are nobody's but their author's."""
    loaded = joinedload(Contribution.thread)
    for comment in db.session.scalars(select(Comment).where(Comment.author_id.in_(ids), Comment.body != "")).all():
        query = select(Contribution).where(Contribution.id == comment.contribution_id).options(loaded)
        remove_comment(comment, db.session.scalars(query).one(), actor)
        comment.body = comment.body_html = ""
