"""How often one may try."""

from __future__ import annotations

import html
import re

import pyotp
import pytest
from builders import PASSWORD
from client import Client

from community import create_app
from community.core.clock import now
from community.core.db import db
from community.core.limits import limiter
from community.people.accounts.sealing import seal
from community.people.accounts.security_models import SecondFactor


@pytest.fixture
def strict(app):
    """The application with its rates on, over the same database."""
    strict = create_app(app.config["SETTINGS"], RATELIMIT_ENABLED=True)
    limiter.reset()
    yield strict
    limiter.reset()
    limiter.enabled = False
    with strict.app_context():
        db.engine.dispose()


def attempt(client: Client, email: str, password: str = "faux mot de passe", address: str = "192.0.2.1"):
    client.http.environ_base["REMOTE_ADDR"] = address
    return client.post("/connexion", {"email": email, "password": password})


@pytest.mark.parametrize("email", ["claire@ville.example", "inconnue@ville.example"])
def test_ten_failures_for_an_account_wherever_they_come_from(strict, make, email):
    make.member(email="claire@ville.example")
    client = Client(strict)
    codes = [attempt(client, email, address=f"192.0.2.{number}").status_code for number in range(10)]
    assert codes == [422] * 10
    refused = attempt(client, email.upper() + " ", PASSWORD, "192.0.2.99")
    assert refused.status_code == 429
    assert "Réessayez dans cinq minutes." in refused.text
    assert int(refused.headers["Retry-After"]) <= 300


def test_ten_failures_from_an_address_whatever_the_account(strict, make):
    make.member(email="claire@ville.example")
    client = Client(strict)
    for number in range(10):
        assert attempt(client, f"membre{number}@ville.example").status_code == 422
    assert attempt(client, "claire@ville.example", PASSWORD).status_code == 429
    assert attempt(client, "claire@ville.example", PASSWORD, "192.0.2.2").status_code == 303


def test_coming_in_counts_for_nothing(strict, make):
    make.member(email="claire@ville.example")
    for _attempt in range(12):
        assert attempt(Client(strict), "claire@ville.example", PASSWORD).status_code == 303


def test_a_thousand_overall(strict, make):
    from limits import parse

    make.member(email="claire@ville.example")
    client = Client(strict)
    attempt(client, "claire@ville.example")
    for _hit in range(999):
        limiter.limiter.hit(parse("1000 per 5 minutes"), "everybody", "accounts.enter")
    assert attempt(client, "claire@ville.example", PASSWORD, "192.0.2.3").status_code == 429


def test_an_open_screen_does_not_let_guess_the_password(strict, make):
    client = Client(strict).signed_in_as(make.member())
    fields = {"current_password": "faux", "password": "quatre grands paniers bleus"}
    for _attempt in range(10):
        assert client.post("/compte/mot-de-passe", fields).status_code == 422
    assert client.post("/compte/mot-de-passe", fields | {"current_password": PASSWORD}).status_code == 429


def test_mails_are_not_asked_for_without_end(strict):
    client = Client(strict)
    codes = [
        client.post("/mot-de-passe/oubli", {"email": f"m{number}@ville.example"}).status_code for number in range(21)
    ]
    assert codes == [303] * 20 + [429]


def test_five_codes_for_an_account_wherever_they_come_from(strict, make):
    """A second factor is six digits: an attacker who has the password must not try them all."""
    claire = make.member(email="claire@ville.example")
    with strict.app_context():
        secret = seal(pyotp.random_base32(), "second-factor")
        db.session.add(SecondFactor(member_id=claire, secret=secret, confirmed_at=now()))
        db.session.commit()
        db.session.remove()
    page = attempt(Client(strict), "claire@ville.example", PASSWORD).text
    passed = html.unescape(re.search(r'name="passed"[^>]*value="([^"]+)"', page)[1])
    codes = [
        Client(strict).post(
            "/connexion/code",
            {"passed": passed, "code": "000000"},
            environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
        )
        for number in range(6)
    ]
    assert [code.status_code for code in codes] == [422] * 5 + [429]
