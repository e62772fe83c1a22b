"""Links: replaced by the engine, judged by people, added by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.exc import IntegrityError

from community.abilities.links.models import Link, LinkJudgement
from community.contributions.models import Contribution
from community.core.db import db
from community.core.errors import Invalid
from community.core.outbox import emit


@dataclass(frozen=True)
class Proposal:
    """What the engine found for a source: a target's id, the score that ranks it and the reason shown."""

    target_id: int
    score: float
    reasons: tuple[str, ...]


def replace_suggestions(source_id: int, proposals: Iterable[Proposal], kinds: Collection[str] = ()) -> None:
    """Give a contribution the engine's present suggestions; with ``kinds``, those towards other kinds are left alone.

    Confirmed links stay and get the new score and reason, rejected ones are never proposed again, links made by hand are
    left alone, and what the engine no longer finds goes. What people said of a pair from its other end holds here too.
    """
    said = select(Link.source_id).where(Link.target_id == source_id, Link.verdict != "suggested")
    settled = {source_id, *db.session.scalars(said)}
    wanted = {proposal.target_id: proposal for proposal in proposals if proposal.target_id not in settled}
    held = select(Link).where(Link.source_id == source_id)
    if kinds:
        held = held.where(exists().where(Contribution.id == Link.target_id, Contribution.kind.in_(kinds)))
    present = list(db.session.scalars(held))
    for link in present:
        proposal = wanted.pop(link.target_id, None)
        if proposal is not None and link.verdict != "rejected":
            link.score, link.reasons = proposal.score, list(proposal.reasons)
        elif proposal is None and link.verdict == "suggested" and link.origin == "engine":
            db.session.delete(link)
    for proposal in wanted.values():
        row = Link(
            source_id=source_id, target_id=proposal.target_id, score=proposal.score, reasons=list(proposal.reasons)
        )
        db.session.add(row)
    db.session.flush()


def judge_link(link: Link, user: Any, verdict: str) -> Link:
    """Keep one person's « Pertinente » or « Hors sujet »; the last word of each person counts.

    A link is confirmed while more people confirm than reject it, rejected when at least as many reject as confirm.
    """
    if verdict not in ("confirmed", "rejected"):
        raise Invalid()
    db.session.merge(LinkJudgement(link_id=link.id, member_id=user.id, verdict=verdict))
    _settle(link)
    reverse = delete(Link).where(Link.source_id == link.target_id, Link.target_id == link.source_id)
    db.session.execute(reverse.where(Link.verdict == "suggested", Link.origin == "engine"))
    emit(
        f"link.{verdict}",
        link,
        actor=user.writing_on(link.source_id),
        source_id=link.source_id,
        target_id=link.target_id,
    )
    return link


def withdraw_judgement(link: Link, user: Any) -> Link:
    """Take one's verdict back."""
    mine = delete(LinkJudgement).where(LinkJudgement.link_id == link.id, LinkJudgement.member_id == user.id)
    db.session.execute(mine)
    _settle(link)
    actor = user.writing_on(link.source_id)
    emit("link.withdrawn", link, actor=actor, source_id=link.source_id, target_id=link.target_id)
    return link


def add_link(source: Contribution, target: Contribution, user: Any, note: str = "") -> Link:
    """Link two contributions by hand. The pair exists once, whichever side it was made from.

    One voice does not bring back what peers rejected: Invalid says so.
    """
    if source.id == target.id:
        raise Invalid(_("Une page ne peut pas être liée à elle-même."))
    reverse = select(Link).where(Link.source_id == target.id, Link.target_id == source.id)
    link = db.session.scalars(reverse).one_or_none()
    if link is None:
        link = Link(
            source_id=source.id,
            target_id=target.id,
            origin="hand",
            reasons=[note] if note else [],
            created_by_id=user.writing_on(source.id).id,
        )
        try:
            with db.session.begin_nested():
                db.session.add(link)
        except IntegrityError:
            link = db.session.scalars(
                select(Link).where(Link.source_id == source.id, Link.target_id == target.id)
            ).one()
    judge_link(link, user, "confirmed")
    if link.verdict == "rejected":
        raise Invalid(_("Vos pairs ont écarté ce lien. Parlez-en avec eux dans un commentaire."))
    return link


def drop_link(one: int, other: int) -> None:
    """Forget that two contributions were linked by hand, whichever side it was made from; the engine may find it again."""
    either = or_(
        and_(Link.source_id == one, Link.target_id == other), and_(Link.source_id == other, Link.target_id == one)
    )
    for link in db.session.scalars(select(Link).where(either, Link.origin == "hand")):
        db.session.delete(link)
    db.session.flush()


def _settle(link: Link) -> None:
    db.session.flush()
    counts = dict(
        db.session.execute(
            select(LinkJudgement.verdict, func.count())
            .where(LinkJudgement.link_id == link.id)
            .group_by(LinkJudgement.verdict)
        ).all()
    )
    yes, no = counts.get("confirmed", 0), counts.get("rejected", 0)
    link.confirmations = yes
    link.verdict = "suggested" if yes == no == 0 else "confirmed" if yes > no else "rejected"
    db.session.flush()
