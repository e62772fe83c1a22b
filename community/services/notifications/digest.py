"""The summary by mail: what waits on the notifications page, for whoever chose to be told every day or every week.

Nobody gets it who did not ask, and its link stops it without signing in. Nothing unread, no mail. What may no longer be
seen is not in it: the rule is that of the page, asked when the mail is written.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import ngettext
from sqlalchemy import or_, select

from community.core.clock import now
from community.core.db import db
from community.core.errors import NotFound
from community.core.i18n import speaking
from community.core.mail import MailMessage, absolute_url, send_mail
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.accounts.sealing import seal, unseal
from community.services.notifications.queries import unread_since
from community.services.notifications.wording import sentence, subject

#: how far back each rhythm looks
SPANS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
MONDAY = 0
STOPS = "stop-digest"


def members_to_tell(at: datetime) -> list[Member]:
    """Who chose this day's rhythm, has something unread, and was not written to already."""
    rhythms = ["daily", "weekly"] if at.weekday() == MONDAY else ["daily"]
    fresh = or_(Member.digest_sent_at.is_(None), Member.digest_sent_at <= at - timedelta(hours=12))
    query = select(Member).where(Member.state == "active", Member.unread_count > 0, Member.digest.in_(rhythms), fresh)
    return list(db.session.scalars(query.order_by(Member.id)))


def write_digest(member: Member, at: datetime | None = None) -> MailMessage | None:
    """Queue this member's summary, in their language; None when nothing of the period is still to be read."""
    at = at or now()
    user = identity_of(member.id)
    span = SPANS.get(member.digest)  # it may have been stopped since the list was made
    rows = unread_since(user, at - span) if user and span else []
    if not rows:
        return None
    stop = absolute_url("notifications.stop_digest", token=seal(member.id, STOPS))
    with speaking(member.locale):
        title = ngettext("%(num)d nouveauté vous attend", "%(num)d nouveautés vous attendent", len(rows))
        values: dict[str, Any] = {
            "name": member.display_name,
            "groups": _groups(rows, user),
            "title": title,
            "link": absolute_url("notifications.index"),
            "settings": absolute_url("accounts.profile"),
            "stop": stop,
        }
        message = send_mail(member.email, title, "notifications/digest", **values)
    message.headers = {"List-Unsubscribe": f"<{stop}>"}
    member.digest_sent_at = at
    return message


def whose_digest(token: str) -> Member:
    """The member whom a summary's own link stands for; NotFound for any other text. A link works as long as it is kept."""
    id = unseal(token, STOPS)
    member = db.session.get(Member, id) if isinstance(id, int) else None
    if member is None or member.state != "active":
        raise NotFound()
    return member


def _groups(rows: list[Any], user: Any) -> list[tuple[str, list[str]]]:
    """What was told about each page or community, the latest first."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(subject(row), []).append(row)
    return [(about, list(dict.fromkeys(sentence(row, user) for row in entries))) for about, entries in found.items()]
