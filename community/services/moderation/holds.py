"""What waits for a moderator before it is published: the gate, the look, the release and the refusal.

A held contribution is written and unpublished; a held comment counts as removed. Nothing of either is lost: the author sees
it where it will be, with the reason, and a moderator lets it out or refuses it with words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from community.abilities.comments.actions import publish_comment
from community.abilities.comments.models import Comment
from community.abilities.revisions.models import Revision
from community.contributions.actions import publication_gate, publish
from community.contributions.models import Contribution
from community.core import ports
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.outbox import emit
from community.people.accounts.identity import identity_of
from community.people.accounts.pseudonyms import owner_of
from community.services.moderation.around import item_of
from community.services.moderation.detection import foreign_language, is_near, links_in, words_found
from community.services.moderation.locks import take
from community.services.moderation.models import Decision, Hold
from community.services.moderation.rules import rules_for
from community.services.moderation.vocabulary import HOLD_REASONS

LOOKED_BACK = 20
Reasons = list[list[str]]


@publication_gate(2)
def keep_back(item: Contribution, user: Any) -> bool:
    """Whether this contribution waits for a moderator, or stays hidden by one; writes the hold down.

    What a moderator let out is let out as it was read: rewritten before it is published (an embargo), the rules look again.
    """
    last = _last_hold(item.id)
    if is_hidden(item.id) or (last is not None and last.state == "waiting"):
        return True
    if last is not None and last.state == "refused":
        reasons: Reasons = [["again", ""]]
    elif last is not None and last.read in ("", _digest(text_of(item))):
        reasons = []
    else:
        reasons = why_held(item.community_id, user, text_of(item))
    if reasons:
        _hold(reasons, contribution_id=item.id)
    return bool(reasons)


@ports.provide("keep_comment_back")
def keep_comment_back(comment: Comment, item: Contribution, user: Any) -> bool:
    reasons = why_held(item.community_id, user, comment.body, comment.id)
    if reasons:
        _hold(reasons, contribution_id=item.id, comment_id=comment.id)
    return bool(reasons)


@ports.provide("check_edit")
def check_edit(item: Contribution, user: Any) -> None:
    """An edit of what is out is never held, which would hide it: what a rule catches in what was added refuses the edit."""
    if item.published_at is None or _is_exempt(item.community_id, user):
        return
    before = db.session.scalar(
        select(Revision.data).where(Revision.contribution_id == item.id, Revision.number == item.revisions_count - 1)
    )
    _refuse_additions(item.community_id, user, _text_in(before or {}), text_of(item))


@ports.provide("check_comment_edit")
def check_comment_edit(item: Contribution, user: Any, before: str, after: str) -> None:
    if not _is_exempt(item.community_id, user):
        _refuse_additions(item.community_id, user, before, after)


@dataclass(frozen=True)
class Look:
    """What a rule looks at: who publishes which text (of a comment, its id)."""

    user: Any
    text: str
    comment_id: int = 0


def why_held(community_id: int, user: Any, text: str, comment_id: int = 0) -> Reasons:
    """The rules that this text meets, as pairs of a rule and what it found. Those who look after the place never wait."""
    if _is_exempt(community_id, user):
        return []
    found: dict[str, str] = {}
    for rule in rules_for(community_id):
        what = _CHECKS[rule.kind](rule, Look(user, text, comment_id))
        if what is not None:
            found.setdefault(rule.kind, what)
    return [[kind, found[kind]] for kind in HOLD_REASONS if kind in found]


def release(hold: Hold, user: Any) -> None:
    """Publish what waited, in its author's name, now; whatever else keeps it back (an embargo) still does."""
    _settle(hold, user, "released")
    hold.read = digest_of(hold)
    item = item_of(hold.contribution_id)
    if hold.comment_id is not None:
        publish_comment_of(hold.comment_id, item)
    else:
        publish(item, author_of(item.author_id))
    record(user, "hold.released", target=hold, community_id=item.community_id)
    emit("hold.released", hold, actor=user)


def digest_of(hold: Hold) -> str:
    """What the text that waits says now, in short: a moderator publishes the text that was read, and no other."""
    comment = db.session.get(Comment, hold.comment_id) if hold.comment_id is not None else None
    said = comment.body if comment is not None else text_of(item_of(hold.contribution_id))
    return _digest(said)


def _digest(said: str) -> str:
    return sha256(said.encode()).hexdigest()[:32]


def refuse(hold: Hold, user: Any, message: str) -> Decision:
    """Leave it unpublished and say why; the author keeps the text and may appeal."""
    _settle(hold, user, "refused")
    item = item_of(hold.contribution_id)
    comment = db.session.get(Comment, hold.comment_id) if hold.comment_id is not None else None
    decision = Decision(
        hold_id=hold.id,
        contribution_id=item.id,
        comment_id=hold.comment_id,
        member_id=(comment or item).author_id,
        community_id=item.community_id,
        action="refuse",
        message=message,
        decided_by_id=user.id,
    )
    db.session.add(decision)
    record(user, "hold.refused", target=hold, community_id=item.community_id)
    emit("moderation.decided", decision, actor=user)
    return decision


def text_of(item: Contribution) -> str:
    """Everything that a contribution says, for rules to look at."""
    names = ("title", "body", "summary", *type(item).texts)
    return "\n\n".join(str(getattr(item, name, "") or "") for name in names)


def is_hidden(item_id: int) -> bool:
    """Whether a moderator's decision hides this contribution now."""
    query = select(Decision.id).where(
        Decision.contribution_id == item_id,
        Decision.comment_id.is_(None),
        Decision.action == "hide",
        Decision.undone_at.is_(None),
    )
    return db.session.scalar(query.limit(1)) is not None


def publish_comment_of(comment_id: int, item: Contribution) -> None:
    publish_comment(db.session.get(Comment, comment_id), item)


def author_of(author_id: int) -> Any:
    """Who publishes what is released: the person behind the author's id, whatever became of the account since."""
    person = identity_of(owner_of(author_id) or author_id)
    return person or _Gone(author_id)


class _Gone:
    """An author who cannot come in any more: still the author."""

    is_administrator = False

    def __init__(self, id: int) -> None:
        self.id = id


def _hold(reasons: Reasons, **subject: Any) -> None:
    hold = Hold(reasons=reasons, **subject)
    db.session.add(hold)
    emit("hold.made", hold)


def _settle(hold: Hold, user: Any, state: str) -> None:
    take(hold, "state")
    if hold.state != "waiting":
        raise Conflict(_("Quelqu’un s’en est occupé entre-temps."))
    hold.state, hold.decided_at, hold.decided_by_id = state, now(), user.id


def _last_hold(item_id: int) -> Hold | None:
    query = select(Hold).where(Hold.contribution_id == item_id, Hold.comment_id.is_(None))
    return db.session.scalars(query.order_by(Hold.id.desc()).limit(1)).one_or_none()


def _is_exempt(community_id: int, user: Any) -> bool:
    role = getattr(user, "role_in", lambda _id: None)(community_id)
    return user.is_administrator or role in ("expert", "moderator") or isinstance(user, _Gone)


def _refuse_additions(community_id: int, user: Any, before: str, after: str) -> None:
    for rule in rules_for(community_id):
        if rule.kind == "links" and user.is_new and links_in(after) - links_in(before):
            raise Invalid(
                _("Votre compte est récent : ajoutez ce lien dans un nouveau message, un animateur le relira.")
            )
        if rule.kind == "words":
            said = words_found(after, rule.settings["words"])
            added = set(said) - set(words_found(before, said))
            if added:
                words = ", ".join(f"« {word} »" for word in sorted(added))
                raise Invalid(
                    _("Cette communauté relit les textes qui contiennent %(words)s : reformulez.", words=words)
                )


def _text_in(data: dict[str, Any]) -> str:
    return "\n\n".join(value for value in data.values() if isinstance(value, str))


def _first_posts(rule: Any, look: Look) -> str | None:
    """How many texts of this person are out, here or on the platform, under their name or a pseudonym."""
    user = look.user
    mine = (Contribution.author_id.in_(user.own_ids), Contribution.published_at.is_not(None))
    remarks = (
        select(func.count())
        .select_from(Comment)
        .where(Comment.author_id.in_(user.own_ids), Comment.removed_at.is_(None))
    )
    posts = select(func.count()).select_from(Contribution).where(*mine, Contribution.removed_at.is_(None))
    if rule.community_id is not None:
        posts = posts.where(Contribution.community_id == rule.community_id)
        remarks = remarks.join(Contribution, Contribution.id == Comment.contribution_id)
        remarks = remarks.where(Contribution.community_id == rule.community_id)
    written = db.session.scalar(select(posts.scalar_subquery() + remarks.scalar_subquery())) or 0
    return "" if written < rule.settings["count"] else None


def _links(_rule: Any, look: Look) -> str | None:
    return "" if look.user.is_new and links_in(look.text) else None


def _words(rule: Any, look: Look) -> str | None:
    return ", ".join(words_found(look.text, rule.settings["words"])[:5]) or None


def _language(_rule: Any, look: Look) -> str | None:
    return foreign_language(look.text) or None


def _repeated(rule: Any, look: Look) -> str | None:
    """Whether this person said nearly the same lately, in a post or a comment that is out or waits."""
    since, user = now() - timedelta(days=rule.settings["days"]), look.user
    posts = select(Contribution.title, Contribution.body).where(
        Contribution.author_id.in_(user.own_ids), Contribution.published_at >= since
    )
    remarks = select(Comment.body).where(
        Comment.author_id.in_(user.own_ids), Comment.created_at >= since, Comment.id != look.comment_id
    )
    said = [f"{row.title}\n\n{row.body}" for row in db.session.execute(_latest(posts, Contribution))]
    said += [row.body for row in db.session.execute(_latest(remarks, Comment))]
    return "" if any(is_near(look.text, other) for other in said) else None


def _latest(query: Any, model: Any) -> Any:
    return query.order_by(model.id.desc()).limit(LOOKED_BACK)


_CHECKS = {
    "first_posts": _first_posts,
    "links": _links,
    "words": _words,
    "language": _language,
    "repeated": _repeated,
}
