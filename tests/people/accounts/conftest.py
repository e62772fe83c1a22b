"""Helpers of the tests of accounts: the mails that were sent, a registration."""

from __future__ import annotations

import re

import pytest
from account_forms import REGISTRATION

from community.core.db import db
from community.core.mail import MailMessage
from community.core.options import forget, set_option


@pytest.fixture
def rules(app):
    """``rules(mode="closed")``: the rules of registration, as an administrator sets them."""

    def set_rules(**value) -> None:
        with app.test_request_context("/", method="POST"):
            set_option("registration", value, None)
            db.session.commit()
            db.session.remove()

    yield set_rules
    with app.app_context():
        forget()


@pytest.fixture
def mails(app, drain):
    """``mails()``: run the worker, then give every mail so far as (recipient, subject, text)."""

    def read() -> list[tuple[str, str, str]]:
        drain()
        with app.app_context():
            rows = db.session.query(MailMessage).order_by(MailMessage.id).all()
            assert all(row.sent_at for row in rows)
            return [(row.recipient, row.subject, row.text) for row in rows]

    return read


@pytest.fixture
def link(mails):
    """``link()``: the path of the last mail's link."""

    def last() -> str:
        found = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", mails()[-1][2])
        assert found, mails()[-1]
        return found[0]

    return last


@pytest.fixture
def register(visitor):
    """``register(email=…)``: fill in and send the registration form."""
    return lambda **changes: visitor.submit("/inscription", REGISTRATION | changes)
