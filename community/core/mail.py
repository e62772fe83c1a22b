"""Mail: written in the transaction that wants it, sent by the worker, never inside a request.

``MAIL_URL``: ``file:DIR`` writes one .eml a message (the demo), ``smtp://user:password@host:port`` (STARTTLS when the
server offers it) or ``smtps://`` sends it.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app, render_template
from sqlalchemy import Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from community.core.clock import now
from community.core.db import Instant, JsonText, Model, db
from community.core.outbox import Event, emit, on


class MailMessage(Model):
    """A mail to send; kept until it is sent, then emptied of its text by the nightly task."""

    __tablename__ = "mail_message"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    headers: Mapped[dict[str, str]] = mapped_column(JsonText, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index(
            "ix_mail_message_unsent",
            "id",
            sqlite_where=sent_at.column.is_(None),
            postgresql_where=sent_at.column.is_(None),
        ),
    )


def send_mail(recipient: str, subject: str, template: str, **values: object) -> MailMessage:
    """Queue templates/emails/<template>.txt and .html for one address, in the current transaction."""
    message = MailMessage(
        recipient=_one_line(recipient),
        subject=_one_line(subject)[:200],
        text=render_template(f"emails/{template}.txt", **values),
        html=render_template(f"emails/{template}.html", **values),
    )
    db.session.add(message)
    emit("mail.queued", message)
    return message


def absolute_url(endpoint: str, **values: object) -> str:
    """The full address of a page, from SITE_URL alone: never from what a request claims its host to be."""
    parts = urlsplit(current_app.config["SETTINGS"].site_url)
    adapter = current_app.url_map.bind(parts.netloc, url_scheme=parts.scheme)
    return adapter.build(endpoint, values, force_external=True)


@on("mail.queued")
def deliver(events: Sequence[Event]) -> None:
    """Send what is not sent yet. Repeating it sends nothing twice; a crash between sending and marking may."""
    ids = [event.subject_id for event in events]
    for message in db.session.scalars(
        select(MailMessage).where(MailMessage.id.in_(ids), MailMessage.sent_at.is_(None))
    ):
        _transport(current_app.config["SETTINGS"].mail_url, _compose(message))
        message.sent_at = now()


def _compose(message: MailMessage) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = current_app.config["SETTINGS"].mail_from
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = formatdate(message.created_at.timestamp())
    mail["Message-ID"] = make_msgid(f"m{message.id}", "entrepairs.local")
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in (message.headers or {}).items():
        mail[name] = _one_line(value)
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def _transport(url: str, mail: EmailMessage) -> None:
    if url.startswith("file:"):
        folder = Path(url.removeprefix("file:"))
        folder.mkdir(parents=True, exist_ok=True)
        name = mail["Message-ID"].strip("<>").partition("@")[0].replace("/", "")
        (folder / f"{name}.eml").write_bytes(bytes(mail))
        return
    parts = urlsplit(url)
    secure = parts.scheme == "smtps"
    connect = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with connect(parts.hostname or "localhost", parts.port or (465 if secure else 25), timeout=20) as server:
        if not secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(mail)


def _one_line(value: str) -> str:
    """A header is one line: anything else would let a name add headers of its own."""
    return " ".join(str(value).split())
