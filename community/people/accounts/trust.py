"""Rights that come with use: what a new member may do sparingly, and when that ends.

A member is new while the account is young, or until peers have found a few of their contributions useful. Experts, moderators
and administrators are never new: somebody vouched for them. Every threshold is an option of the site.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from community.core import ports
from community.core.clock import now
from community.core.errors import Invalid
from community.core.options import declare, option

_LINK = re.compile(r"(?:https?://|(?<![\w/])www\.)[^\s<>()\[\]\"']+", re.IGNORECASE)
_MENTION = re.compile(r"@\[[^\]\n]{1,120}\]\(member:-?\d{1,10}\)")


def _number(low: int, high: int) -> Any:
    """The check of an option that is a whole number between these bounds."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not str(value).strip().isdigit() or not low <= int(value) <= high:
            raise Invalid(_("Un nombre entre %(low)d et %(high)d.", low=low, high=high))
        return int(value)

    return check


#: the thresholds that an administrator sets: (option, default, least, most, words)
THRESHOLDS: tuple[tuple[str, int, int, int, Any], ...] = (
    ("trust.days", 7, 0, 365, _l("Âge du compte, en jours")),
    ("trust.useful_posts", 3, 0, 100, _l("Messages jugés utiles")),
    ("trust.links_per_post", 2, 0, 100, _l("Liens par message")),
    ("trust.mentions_per_post", 3, 0, 100, _l("Mentions par message")),
    ("trust.uploads_per_day", 5, 0, 1000, _l("Fichiers par jour")),
    ("trust.posts_per_hour", 10, 1, 1000, _l("Messages par heure")),
)
for _name, _default, _least, _most, _words in THRESHOLDS:
    declare(_name, _default, _number(_least, _most))


def is_new(user: Any) -> bool:
    """Whether this member's links, mentions, files and rhythm are rationed."""
    if user.is_administrator or any(place.role in ("expert", "moderator") for place in user.places.values()):
        return False
    return user.useful_count < option("trust.useful_posts") or trusted_from(user) > now()


def trusted_from(user: Any) -> datetime:
    """When the account is old enough."""
    return (user.created_at or now()) + timedelta(days=option("trust.days"))


@dataclass(frozen=True)
class Rights:
    """What the page « Vos droits » says: where the member stands, and what is still asked before the rations end."""

    new: bool
    vouched_for: bool
    useful: int
    useful_wanted: int
    trusted_from: datetime
    old_enough: bool
    links: int
    mentions: int
    uploads: int
    posts: int


def rights_of(user: Any) -> Rights:
    since = trusted_from(user)
    return Rights(
        new=is_new(user),
        vouched_for=user.is_administrator or any(place.role != "member" for place in user.places.values()),
        useful=user.useful_count,
        useful_wanted=option("trust.useful_posts"),
        trusted_from=since,
        old_enough=since <= now(),
        links=option("trust.links_per_post"),
        mentions=option("trust.mentions_per_post"),
        uploads=option("trust.uploads_per_day"),
        posts=option("trust.posts_per_hour"),
    )


def over_ration(user: Any, text: str) -> str | None:
    """Why a new member may not publish this text now, in one sentence; None when nothing stands against it."""
    if not user.is_authenticated or not user.is_new:
        return None
    links, mentions = option("trust.links_per_post"), option("trust.mentions_per_post")
    if len(set(_LINK.findall(text))) > links:
        return _(
            "Vos premiers messages contiennent %(most)d liens au plus. Gardez les plus utiles ; la limite tombe avec l’usage.",
            most=links,
        )
    if len(set(_MENTION.findall(text))) > mentions:
        return _(
            "Vos premiers messages mentionnent %(most)d personnes au plus. La limite tombe avec l’usage.", most=mentions
        )
    return None


def too_fast(user: Any) -> str | None:
    """Why a new member should wait before publishing again; None when nothing stands against it. One statement."""
    if not user.is_authenticated or not user.is_new:
        return None
    posts = option("trust.posts_per_hour")
    if ports.call("posts_since", user, now() - timedelta(hours=1), default=0) >= posts:
        return _(
            "Vous avez publié %(most)d messages en une heure, la limite des premiers jours. Votre texte est gardé : "
            "publiez-le un peu plus tard.",
            most=posts,
        )
    return None


def uploads_left(user: Any) -> bool:
    """Whether a new member may still send a file today; others always may."""
    if not user.is_new:
        return True
    sent = ports.call("uploads_since", user, now() - timedelta(days=1), default=0)
    return sent < option("trust.uploads_per_day")
