"""What an author is told beside a text that is not out: why it waits, or why it is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from community.core.db import db
from community.core.vocab import label
from community.services.moderation.models import Decision, Hold


@dataclass(frozen=True)
class Notice:
    """One sentence, and the decision that explains more (None while the text waits)."""

    words: str
    decision_id: int | None = None


def notice_on(contribution_id: int, comment_id: int | None = None) -> Notice | None:
    """Why this text, which its author reads, is not published; None when moderation has nothing to do with it."""
    hold = _latest(Hold, contribution_id, comment_id)
    decided = _latest(Decision, contribution_id, comment_id, Decision.undone_at.is_(None))
    if hold is not None and hold.state == "waiting":
        why = reasons_in_words(hold.reasons)
        return Notice(_("Votre texte attend la relecture d’un animateur : %(why)s. Vous seul le voyez.", why=why))
    if decided is not None and decided.action in ("hide", "refuse"):
        return Notice(_("Un animateur ne laisse pas ce texte publié. Vous seul le voyez encore."), decided.id)
    return None


def reasons_in_words(reasons: list[list[str]], vocabulary: str = "hold_reason") -> str:
    """« c’est l’un de vos premiers messages, il contient un mot à vérifier (promotion) », as the author reads it."""
    return ", ".join(_reason(label(vocabulary, kind), kind, found) for kind, found in reasons)


def reasons_for_desk(reasons: list[list[str]]) -> str:
    """« Premiers messages, Mots à vérifier (promotion) »: the rules, as moderators name them."""
    return reasons_in_words(reasons, "hold_rule")


def _reason(words: str, kind: str, found: str) -> str:
    if not found:
        return words
    return f"{words} ({label('hold_language', found) if kind == 'language' else found})"


def _latest(model: Any, contribution_id: int, comment_id: int | None, *conditions: Any) -> Any:
    about = model.comment_id.is_(None) if comment_id is None else model.comment_id == comment_id
    query = select(model).where(model.contribution_id == contribution_id, about, *conditions)
    return db.session.scalars(query.order_by(model.id.desc()).limit(1)).one_or_none()
