"""The summary by mail: what waits on the notifications page, for whoever chose to be told every day or every week.

Nothing unread, no mail. What may no longer be seen is not in it: the rule is that of the page, asked when the mail is written.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import ngettext
from sqlalchemy import exists, select

from community.core.clock import now
from community.core.db import db
from community.core.i18n import speaking
from community.core.mail import MailMessage, absolute_url, send_mail
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.services.notifications.queries import unread_since
from community.services.notifications.wording import sentence, subject

#: how far back each rhythm looks, and how a mail says that it is a summary
SPANS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
HEADERS = {"X-Entrepairs": "resume"}
MONDAY = 0


def members_to_tell(at: datetime) -> list[Member]:
    """Who chose this day's rhythm, has something unread, and was not written to already."""
    rhythms = ["daily", "weekly"] if at.weekday() == MONDAY else ["daily"]
    written = exists().where(
        MailMessage.recipient == Member.email,
        MailMessage.headers == HEADERS,
        MailMessage.created_at > at - timedelta(hours=12),
    )
    query = select(Member).where(
        Member.state == "active", Member.unread_count > 0, Member.digest.in_(rhythms), ~written
    )
    return list(db.session.scalars(query.order_by(Member.id)))


def write_digest(member: Member, at: datetime | None = None) -> MailMessage | None:
    """Queue this member's summary, in their language; None when nothing of the period is still to be read."""
    user = identity_of(member.id)
    rows = unread_since(user, (at or now()) - SPANS[member.digest]) if user else []
    if not rows:
        return None
    with speaking(member.locale):
        title = ngettext("%(num)d nouveauté vous attend", "%(num)d nouveautés vous attendent", len(rows))
        values: dict[str, Any] = {
            "name": member.display_name,
            "groups": _groups(rows, user),
            "title": title,
            "link": absolute_url("notifications.index"),
            "settings": absolute_url("accounts.profile"),
        }
        message = send_mail(member.email, title, "notifications/digest", **values)
    message.headers = HEADERS
    return message


def _groups(rows: list[Any], user: Any) -> list[tuple[str, list[str]]]:
    """What was told about each page or community, the latest first."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(subject(row), []).append(row)
    return [(about, list(dict.fromkeys(sentence(row, user) for row in entries))) for about, entries in found.items()]
