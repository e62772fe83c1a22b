"""The rules that say what waits before publication: the platform's, and those that a community adds."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select

from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Invalid
from community.core.i18n import speaking
from community.core.vocab import label
from community.people.communities.models import Community
from community.services.moderation.models import HoldRule

MOST_WORDS = 300
#: settings of a rule when it is first turned on
USUAL: dict[str, dict[str, Any]] = {
    "first_posts": {"count": 1},
    "links": {},
    "words": {"words": []},
    "language": {},
    "repeated": {"days": 7},
}


def rules_for(community_id: int) -> list[Any]:
    """The rules in force in a community: the platform's and its own."""
    here = or_(HoldRule.community_id.is_(None), HoldRule.community_id == community_id)
    return list(db.session.execute(select(HoldRule.community_id, HoldRule.kind, HoldRule.settings).where(here)))


def rules_of(community_id: int | None) -> dict[str, dict[str, Any]]:
    """The platform's rules, or those that one community adds: settings by kind; what is not there is off."""
    rows = db.session.execute(select(HoldRule.kind, HoldRule.settings).where(_of(community_id)))
    return {row.kind: row.settings for row in rows}


def save_rules(community: Community | None, user: Any, rules: dict[str, dict[str, Any]]) -> None:
    """Replace the rules of the platform, or of a community, and record which changed."""
    community_id = community.id if community else None
    checked = {kind: _checked(kind, settings) for kind, settings in rules.items()}
    before = rules_of(community_id)
    changed = [kind for kind in USUAL if before.get(kind) != checked.get(kind)]
    if not changed:
        return
    db.session.execute(delete(HoldRule).where(_of(community_id), HoldRule.kind.in_(changed)))
    for kind in changed:
        if kind in checked:
            row = HoldRule(community_id=community_id, kind=kind, settings=checked[kind])
            row.changed_by_id, row.changed_at = user.id, now()
            db.session.add(row)
    with speaking("fr"):
        names = ", ".join(label("hold_rule", kind) for kind in changed)
    record(user, "moderation.rules_changed", target=community, reason=names, community_id=community_id)


def clean_words(text: str) -> list[str]:
    """One word or phrase a line, without doubles; commas separate too."""
    words: dict[str, str] = {}
    for line in text.replace(",", "\n").splitlines():
        word = " ".join(line.split())[:60]
        if word:
            words.setdefault(word.casefold(), word)
    return list(words.values())


def _of(community_id: int | None) -> Any:
    return HoldRule.community_id.is_(None) if community_id is None else HoldRule.community_id == community_id


def _checked(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    if kind not in USUAL:
        raise Invalid()
    kept = USUAL[kind] | {name: value for name, value in settings.items() if name in USUAL[kind]}
    if kind == "words" and not 0 < len(kept["words"]) <= MOST_WORDS:
        raise Invalid(_("Donnez au moins un mot, et %(most)d au plus.", most=MOST_WORDS))
    return kept
