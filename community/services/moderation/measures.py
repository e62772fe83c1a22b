"""What each decision does to a text, and how to put it back: hide, remove, move, reword. Callers ask permissions.py first.

Each measure gives what its reverse needs (ids, numbers, instants), kept in the decision's ``before``. A reverse puts back what
this very measure changed: what somebody else removed, moved or wrote since is theirs, and stays.
"""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select, update

from community.abilities.comments.actions import (
    edit_comment,
    hide_comment,
    publish_comment,
    remove_comment,
    restore_comment,
)
from community.abilities.comments.models import Comment
from community.abilities.revisions.actions import record_revision, restore_revision
from community.abilities.revisions.models import Revision
from community.contributions.actions import count_again, mark_edited, remove, restore, write_texts
from community.contributions.models import PAGES, Contribution
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.outbox import emit
from community.people.communities.models import Community

Before = dict[str, Any]


def hide(item: Contribution, comment: Comment | None, user: Any) -> Before:
    """Unpublish: out of every list, page and index; its author alone still sees it."""
    if comment is not None:
        hide_comment(comment, item, user)
        return {}
    if item.published_at is None:
        raise Conflict(_("Ce texte n’est déjà plus publié."))
    before = {"published_at": item.published_at.isoformat()}
    item.published_at = None
    emit("contribution.removed", item, actor=user)
    count_again(item)
    return before


def show(item: Contribution, comment: Comment | None, user: Any, before: Before) -> None:
    if comment is not None:
        publish_comment(comment, item)
    elif item.published_at is None:
        item.published_at = datetime.fromisoformat(before["published_at"])
        emit("contribution.restored", item, actor=user)
        count_again(item)


def take_away(item: Contribution, comment: Comment | None, user: Any, reason: str = "") -> Before:
    """Remove: a state, so that an appeal can undo it."""
    if comment is not None:
        remove_comment(comment, item, user, reason)
    else:
        remove(item, user, reason)
    return {"removed_at": _instant(comment or item)}


def give_back(item: Contribution, comment: Comment | None, user: Any, before: Before) -> None:
    if before.get("removed_at", _instant(comment or item)) != _instant(comment or item):
        return
    if comment is not None:
        restore_comment(comment, item, user)
    else:
        restore(item, user)


def move(item: Contribution, target: Community, user: Any) -> Before:
    """Take a page to another community, with everything on it: counters, visibility, index and notifications follow."""
    if item.kind not in PAGES:
        raise Invalid(_("Une réponse ou un commentaire suit sa question : déplacez la question."))
    if target.id == item.community_id:
        raise Invalid(_("Ce texte est déjà dans cette communauté."))
    before = {"community_id": item.community_id, "to": target.id}
    _set_community(item, target.id, user)
    return before


def move_back(item: Contribution, _comment: Comment | None, user: Any, before: Before) -> None:
    if item.community_id == before.get("to", item.community_id) != before["community_id"]:
        _set_community(item, before["community_id"], user)


def reword(item: Contribution, comment: Comment | None, user: Any, body: str, title: str = "") -> Before:
    """Correct a text; its history keeps what it said."""
    if comment is not None:
        former = comment.body
        edit_comment(comment, item, user, body)
        return {"body": former, "to": comment.body}
    if not item.reworded:
        raise Invalid(_("Ce texte se corrige par une proposition ou une nouvelle version, depuis sa page."))
    before = {"revision": item.revisions_count}
    item.body = body
    item.title = title[:200] if title and item.thread_id is None else item.title
    write_texts(item)
    record_revision(item, user, _("Corrigé par la modération"))
    mark_edited(item, user)
    return before


def word_back(item: Contribution, comment: Comment | None, user: Any, before: Before) -> None:
    """The former words, as a new revision, unless they were changed again since."""
    current = before.get("to", comment.body) if comment is not None else before["revision"] + 1
    if current != (comment.body if comment is not None else item.revisions_count):
        raise Conflict(_("Le texte a été modifié depuis : rétablissez ses mots depuis l’historique."))
    if comment is not None:
        edit_comment(comment, item, user, before["body"])
        return
    number = Revision.number == before["revision"]
    older = db.session.scalars(select(Revision).where(Revision.contribution_id == item.id, number)).one()
    restore_revision(item, older, user)


#: how each decision on a text is undone
REVERSES = {"hide": show, "remove": give_back, "move": move_back, "edit": word_back}


def _instant(text: Contribution | Comment) -> str | None:
    return text.removed_at.isoformat() if text.removed_at else None


def _set_community(item: Contribution, community_id: int, user: Any) -> None:
    """The page and what hangs on it change community together; both communities count again."""
    left = item.community_id
    page = or_(Contribution.id == item.id, Contribution.thread_id == item.id)
    statement = update(Contribution).where(page).values(community_id=community_id)
    db.session.flush()
    db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire(item, ["community_id", "community"])
    count_again(item)
    count_again(SimpleNamespace(kind=item.kind, community_id=left))  # type: ignore[arg-type]
    emit("contribution.moved", item, actor=user, left=left)
    emit("contribution.edited", item, actor=user)
