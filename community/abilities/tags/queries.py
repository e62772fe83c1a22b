"""Reads of tags: those of many contributions in one statement, and completion that leaks no hidden content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import exists, literal, or_, select, union_all
from sqlalchemy.sql import Select

from community.abilities.tags.models import Classification, Tag, Tagging
from community.contributions.models import Contribution
from community.core import ports
from community.core.db import db
from community.core.slugs import slugify
from community.permissions import is_out, visible_to


@dataclass
class Labels:
    """What one contribution is filed under: tags as (slug, label), and codes by scheme."""

    tags: list[tuple[str, str]] = field(default_factory=list)
    codes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def cpv(self) -> list[str]:
        return self.codes.get("cpv", [])

    @property
    def dimensions(self) -> list[str]:
        return self.codes.get("dimension", [])


@ports.provide("labels_of")
def labels_of(ids: Iterable[int]) -> dict[int, Labels]:
    """Tags and codes of these contributions, one statement whatever their number."""
    found: dict[int, Labels] = {id: Labels() for id in ids}
    if not found:
        return found
    tags = (
        select(Tagging.contribution_id, literal("tag").label("scheme"), Tag.slug.label("code"), Tag.label)
        .join(Tag, Tag.id == Tagging.tag_id)
        .where(Tagging.contribution_id.in_(found))
    )
    codes = select(
        Classification.contribution_id, Classification.scheme, Classification.code, Classification.code.label("label")
    ).where(Classification.contribution_id.in_(found))
    for row in db.session.execute(union_all(tags, codes).order_by("label")):
        labels = found[row.contribution_id]
        if row.scheme == "tag":
            labels.tags.append((row.code, row.label))
        else:
            labels.codes[row.scheme].append(row.code)
    return found


def seen_tags(user: Any) -> Select[Any]:
    """Tags that ``user`` may know: the curated ones, and those on something that the user may see."""
    used = exists().where(
        Tagging.tag_id == Tag.id, Contribution.id == Tagging.contribution_id, is_out(), visible_to(user)
    )
    return select(Tag.slug, Tag.label, Tag.description).where(or_(Tag.curated, used))


def tags_starting(user: Any, start: str, limit: int = 8) -> list[Any]:
    """Tags whose label or slug holds what was typed, for completion."""
    pattern = f"%{start.strip().lower().replace('%', '').replace('_', '')}%"
    query = seen_tags(user).where(or_(Tag.label.ilike(pattern), Tag.slug.like(pattern)))
    return list(db.session.execute(query.order_by(Tag.label).limit(limit)))


def near_tags(user: Any, labels: Iterable[str], most: int = 3) -> dict[str, list[str]]:
    """Of these labels, those that no tag has but that are near tags this person may know, with the nearest of them.

    Near: a word of the tag begins so (« denrée », « denrées alimentaires »), or it is the same but for a letter or two.
    """
    found: dict[str, list[str]] = {}
    for label in labels:
        slug = slugify(label)[:60]
        if len(slug) < 3:
            continue
        begins = or_(Tag.slug.startswith(slug, autoescape=True), Tag.slug.contains(f"-{slug}", autoescape=True))
        alike = Tag.slug.startswith(slug[:2], autoescape=True)
        rows = db.session.execute(
            seen_tags(user).where(or_(begins, alike)).order_by(Tag.slug != slug, Tag.slug).limit(200)
        ).all()
        if any(row.slug == slug for row in rows):
            continue
        marks = {row.label: _nearness(slug, row.slug) for row in rows}
        near = sorted((other for other in marks if marks[other]), key=lambda other: -marks[other])
        if near:
            found[label] = near[:most]
    return found


def _nearness(slug: str, other: str) -> float:
    """0 when two tags have nothing to do with each other, up to 1."""
    alike = SequenceMatcher(None, slug, other).ratio()
    if f"-{slug}" in f"-{other}":
        return alike
    narrower = f"-{other}-" in f"-{slug}-"  # « circuits courts bio » says more than « circuits courts »
    return 0.0 if narrower or alike < 0.86 or _counted(slug, other) else alike


def _counted(slug: str, other: str) -> bool:
    """« lot 1 » and « lot 2 » are two things: words that differ by their figures are not a slip of the finger."""
    return [c for c in slug if c.isdigit()] != [c for c in other if c.isdigit()]


def tagged(slug: str) -> Any:
    """Condition on Contribution: it carries the tag."""
    return exists().where(Tagging.contribution_id == Contribution.id, Tagging.tag_id == Tag.id, Tag.slug == slug)


def classified(scheme: str, start: str) -> Any:
    """Condition on Contribution: it carries a code of the scheme that begins so (a CPV family is a prefix)."""
    return exists().where(
        Classification.contribution_id == Contribution.id,
        Classification.scheme == scheme,
        Classification.code.startswith(start, autoescape=True),
    )
