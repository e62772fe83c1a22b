"""Every night: derive again what members' rights come from."""

from __future__ import annotations

from community.contributions.usefulness import count_everybody
from community.core.db import db
from community.core.jobs import periodic


@periodic("count_useful", hour="3", minute="50")
def count_useful_posts() -> None:
    count_everybody()
    db.session.commit()
