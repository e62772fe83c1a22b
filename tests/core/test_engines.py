"""Beyond one machine: jobs and rates through a real Redis, mail through a real SMTP server."""

from __future__ import annotations

import threading
import time
from email import message_from_bytes, policy

import pytest
from apps import migrate_up, settings_for
from ports import free_port

from community import create_app
from community.core.db import db
from community.core.limits import limiter


class Inbox:
    """What an SMTP server does with the mails that it receives: keep them."""

    def __init__(self) -> None:
        self.mails: list = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def smtp():
    from aiosmtpd.controller import Controller

    inbox = Inbox()
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def elsewhere(tmp_path):
    """Build an application with other engines than the shared one's, on its own database."""
    apps = []

    def build(**urls):
        app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'own.sqlite3'}", **urls))
        migrate_up(app)
        apps.append(app)
        return app

    yield build
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_mail_leaves_through_smtp_once(elsewhere, smtp):
    inbox, url = smtp
    app = elsewhere(mail_url=url)
    from community.core.mail import MailMessage
    from community.core.outbox import drain, emit

    with app.test_request_context("/", method="POST"):
        hostile = "Bonjour\r\nBcc: tout-le-monde@ailleurs.example"
        from community.core.mail import _one_line

        message = MailMessage(
            recipient="claire@ville.example", subject=_one_line(hostile), text="Texte é", html="<p>Texte é</p>"
        )
        db.session.add(message)
        emit("mail.queued", message)
        emit("mail.queued", message)
        db.session.commit()
        drain()
        drain()
        db.session.remove()
    assert len(inbox.mails) == 1
    recipients, mail = inbox.mails[0]
    assert recipients == ["claire@ville.example"]
    assert mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Texte é" in mail.get_body(("plain",)).get_content()


def test_an_smtp_server_that_is_down_loses_no_mail(elsewhere):
    app = elsewhere(mail_url="smtp://127.0.0.1:9")
    from community.core.mail import MailMessage
    from community.core.outbox import drain, emit, pending

    with app.test_request_context("/", method="POST"):
        message = MailMessage(recipient="claire@ville.example", subject="Bonjour", text="x", html="x")
        db.session.add(message)
        emit("mail.queued", message)
        db.session.commit()
        drain()
        assert pending() == 1
        assert db.session.query(MailMessage).one().sent_at is None
        db.session.remove()


@pytest.mark.redis
def test_jobs_travel_through_redis(elsewhere, redis_url):
    """A nudge given by one process is run by the worker of another, which drains the outbox."""
    app = elsewhere(jobs_url=redis_url)
    from community.core.outbox import emit, pending
    from community.people.communities.models import Community

    with app.app_context():
        community = Community(slug="x", name="X", kind="thematic")
        db.session.add(community)
        emit("test.through_redis", community)
        db.session.commit()
        app.extensions["drain"]()
        db.session.remove()
    consumer = app.extensions["huey"].create_consumer(workers=1, periodic=False, initial_delay=0.05, max_delay=0.1)
    consumer._set_signal_handlers = lambda: None
    thread = threading.Thread(target=consumer.run, daemon=True)
    thread.start()
    for _try in range(600):
        with app.app_context():
            left = pending()
            db.session.remove()
        if not left:
            break
        time.sleep(0.1)
    consumer.stop_flag.set()
    consumer._graceful = True
    thread.join(60)
    assert left == 0


@pytest.mark.redis
def test_rates_are_shared_through_redis(tmp_path, redis_url):
    """Two processes count together: the limit holds whichever answers."""
    apps = []
    for name in ("one", "two"):
        folder = tmp_path / name
        settings = settings_for(folder, f"sqlite:///{folder / 'own.sqlite3'}", cache_url=redis_url)
        folder.mkdir()
        app = create_app(settings, RATELIMIT_ENABLED=True)
        migrate_up(app)
        apps.append(app)
    try:
        codes = [apps[number % 2].test_client().get("/recherche?q=pain").status_code for number in range(14)]
    finally:
        limiter.enabled = False  # the limiter is one for the process: the next tests must not be counted
    assert 429 in codes
    assert codes.index(429) < 12
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
