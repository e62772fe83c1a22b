"""Set the tags and codes of a contribution."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from community.abilities.tags.models import Classification, Tag, Tagging
from community.contributions.models import Contribution
from community.core.db import db
from community.core.slugs import slugify

MOST_TAGS = 8


def parse_tags(text: str) -> list[str]:
    """« allotissement, circuits courts » → labels, in order, without doubles, at most MOST_TAGS of 60 characters."""
    labels: dict[str, str] = {}
    for part in text.replace(";", ",").split(","):
        label = " ".join(part.split()).strip("#")[:60]
        if label:
            labels.setdefault(slugify(label), label)
    return list(labels.values())[:MOST_TAGS]


def set_tags(item: Contribution, labels: Iterable[str]) -> None:
    """Replace the tags of a contribution; unknown ones are created (not curated: proposed where they may be seen)."""
    tags = [_tag(label) for label in labels]
    db.session.execute(delete(Tagging).where(Tagging.contribution_id == item.id))
    if tags:
        rows = [{"contribution_id": item.id, "tag_id": id} for id in dict.fromkeys(tags)]
        db.session.execute(insert(Tagging), rows)


def set_codes(item: Contribution, scheme: str, codes: Iterable[str]) -> None:
    """Replace a contribution's codes of one scheme (« cpv », « dimension »)."""
    db.session.execute(
        delete(Classification).where(Classification.contribution_id == item.id, Classification.scheme == scheme)
    )
    rows = [{"contribution_id": item.id, "scheme": scheme, "code": code} for code in dict.fromkeys(codes)]
    if rows:
        db.session.execute(insert(Classification), rows)


def _tag(label: str) -> int:
    slug = slugify(label)[:60]
    id = db.session.scalar(select(Tag.id).where(Tag.slug == slug))
    if id is not None:
        return id
    tag = Tag(slug=slug, label=label)
    try:
        with db.session.begin_nested():
            db.session.add(tag)
    except IntegrityError:
        return db.session.scalars(select(Tag.id).where(Tag.slug == slug)).one()
    return tag.id
