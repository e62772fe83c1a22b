"""A member's own profile: read it, change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from community.core import ports
from community.core.db import db
from community.core.outbox import emit
from community.core.slugs import slugify
from community.people.accounts.models import Expertise, Member
from community.people.accounts.organisations import drop_proof, find_or_add_organisation

PLAIN = ("display_name", "job", "bio", "can_help", "locale", "digest")

#: qualities that nobody takes off alone
SETTLED = ("elected", "firm")


def own_profile(user: Any) -> dict[str, Any]:
    """What the profile's form shows, by its fields' names."""
    member = _member(user.id)
    labels = select(Expertise.label).where(Expertise.member_id == user.id).order_by(Expertise.id)
    organisation = member.organisation
    return {
        **{name: getattr(member, name) for name in PLAIN},
        "quality": member.quality,
        "organisation": organisation.name if organisation else "",
        "organisation_type": organisation.type if organisation else "",
        "territory": organisation.territory if organisation else "",
        "expertise": ", ".join(db.session.scalars(labels)),
    }


def edit_profile(user: Any, *, expertise: Sequence[str], **values: Any) -> Member:
    """Say who one is. A field that stays in the list keeps the endorsement it had."""
    member = _member(user.id)
    for name in PLAIN:
        setattr(member, name, "" if values[name] is None else values[name])
    if not quality_is_settled(member.quality):
        member.quality = values["quality"]
    organisation = find_or_add_organisation(values["organisation"], values["organisation_type"], values["territory"])
    if organisation.id != member.organisation_id:
        member.organisation = organisation
        db.session.flush()
        drop_proof(member)
    _set_expertise(member.id, expertise)
    emit("member.edited", member, actor=user)
    return member


def quality_is_settled(quality: str) -> bool:
    """A quality that communities turn away is not left alone by whoever has it: an administrator changes it."""
    return quality in SETTLED or (quality != "agent" and ports.call("is_barred_somewhere", quality, default=False))


def _member(id: int) -> Member:
    query = select(Member).where(Member.id == id).options(joinedload(Member.organisation))
    return db.session.scalars(query).one()


def _set_expertise(member_id: int, labels: Sequence[str]) -> None:
    wanted = {slugify(label): label for label in labels}
    kept = {row.slug: row for row in db.session.scalars(select(Expertise).where(Expertise.member_id == member_id))}
    gone = [row.id for slug, row in kept.items() if slug not in wanted]
    db.session.execute(delete(Expertise).where(Expertise.id.in_(gone)))
    try:
        with db.session.begin_nested():
            for slug, label in wanted.items():
                if slug in kept:
                    kept[slug].label = label
                else:
                    db.session.add(Expertise(member_id=member_id, label=label, slug=slug))
    except IntegrityError:
        # The same form sent twice at once: the other sending wrote the same fields.
        return
