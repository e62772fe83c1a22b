"""Every address × method × role, from the application's own map: who is let in, sent to sign in, refused, or told nothing.

``routes.txt`` declares it, one line an endpoint and method. A new address without a line fails, and so does a line whose
address is gone. On one public community with something of everything in it, each role sends each request once; whatever a
request changes is undone before the next (a savepoint), so that the order means nothing. Then outsiders try the same
addresses on a community that only its members know: nothing there answers them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, before_render_template
from routes_scene import RouteScene, build_scene
from werkzeug.routing import Rule

from community.core.db import db

TABLE = Path(__file__).with_name("routes.txt")
#: the columns of routes.txt, in its groups
ROLES = (
    "visitor", "pending", "suspended",
    "member elsewhere", "moderator elsewhere",
    "member", "expert", "moderator",
    "administrator",
)  # fmt: skip
OUTSIDERS = ("visitor", "member elsewhere", "moderator elsewhere")
OPEN, SIGN_IN, REFUSED, ABSENT = "o", "s", "f", "-"
ROW = re.compile(r"(GET|POST|PUT|PATCH|DELETE)\s+([\w.]+)\s+([osf-]{3}) ([osf-]{2}) ([osf-]{3}) ([osf-])")


def declared() -> dict[tuple[str, str], str]:
    """(method, endpoint) → one letter a role."""
    rows: dict[tuple[str, str], str] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = ROW.fullmatch(line.strip())
        assert found, f"routes.txt: this line is not understood: {line!r}"
        method, endpoint, *letters = found.groups()
        assert (method, endpoint) not in rows, f"routes.txt: two lines for {method} {endpoint}"
        rows[method, endpoint] = "".join(letters)
    return rows


def requests_of(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Every method of every rule, but for files and what HTTP answers by itself."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule)):
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


@pytest.fixture
def world(app, make, drain) -> Iterator[RouteScene]:
    """The scene, with one connection and one transaction under everything: each request is rolled back."""
    scene = build_scene(app, make, drain)
    with app.app_context():
        engines, engine = db.engines, db.engine
        db.session.remove()
    with engine.connect() as connection, connection.begin() as outer:
        scene.connection = engines[None] = connection
        try:
            yield scene
        finally:
            engines[None] = engine
            outer.rollback()


class Drawn(BaseException):
    """The view was about to draw this page: what it looks like is other tests' matter, and most of the time it takes."""

    def __init__(self, page: str) -> None:
        super().__init__(page)
        self.page = page


def stop_drawing(_app: Flask, template: Any, **_context: Any) -> None:
    if not template.name.startswith("emails/"):
        raise Drawn(template.name)


def answer_to(world: RouteScene, method: str, address: str, role: str) -> str:
    """Send one request as this role, undo what it did, and say in one letter what came back."""
    headers = {"Cookie": world.cookies[role], "Accept": "application/json, */*;q=0.1"}  # errors in short
    data = None if method == "GET" else {"csrf_token": world.tokens[role]}
    nested = world.connection.begin_nested()
    try:
        http = world.app.test_client(use_cookies=False)
        with (
            before_render_template.connected_to(stop_drawing),
            http.open(address, method=method, headers=headers, data=data) as response,
        ):
            if response.status_code == 303:
                leads_to_a_page(http, response.headers["Location"], headers, f"{method} {address} as {role}")
            return letter(response, f"{method} {address} as {role}")
    except Drawn as drawn:
        return letter_of_page(drawn.page, address)
    finally:
        nested.rollback()


def leads_to_a_page(http: Any, location: str, headers: dict[str, str], what: str) -> None:
    """After a change comes the page itself: an address that only leads on to the right one was read too late (see saved())."""
    if not location.startswith("/"):
        return
    try:
        with http.open(location.partition("#")[0], headers=headers) as response:
            assert response.status_code != 301, f"{what}: {location}, then {response.headers['Location']}"
    except Drawn:
        return


def letter_of_page(page: str, address: str) -> str:
    if page == "accounts/sign_in.html" and not address.startswith("/connexion"):
        return SIGN_IN
    return {"errors/403.html": REFUSED, "errors/404.html": ABSENT}.get(page, OPEN)


def letter(response: Any, what: str) -> str:
    status, location = response.status_code, response.headers.get("Location", "")
    assert status < 500, f"{what}: {status}"
    if status == 401 or (status == 302 and location.startswith("/connexion")):
        return SIGN_IN
    if status in (404, 405):
        return ABSENT
    return REFUSED if status == 403 else OPEN


def grouped(letters: str) -> str:
    return f"{letters[:3]} {letters[3:5]} {letters[5:8]} {letters[8:]}"


def test_every_address_is_declared(app):
    """Add the missing lines to tests/routes.txt, under their feature, after reading what each role should get."""
    rows = declared()
    there = {(method, rule.endpoint) for method, rule in requests_of(app)}
    assert sorted(there - set(rows)) == [], "tests/routes.txt has no line for these"
    assert sorted(set(rows) - there) == [], "these lines of tests/routes.txt have no address any more"


@pytest.mark.parametrize("reading", [True, False], ids=["reading", "changing"])
def test_each_role_gets_what_is_declared(world, reading):
    rows, wrong = declared(), []
    for method, rule in requests_of(world.app):
        if (method == "GET") != reading:
            continue
        address = world.address(rule, "place")
        seen = "".join(answer_to(world, method, address, role) for role in ROLES)
        if seen != rows.get((method, rule.endpoint)):
            wrong.append(f"{method:5} {rule.endpoint:40} {grouped(seen)}")
    assert not wrong, "seen, and not what tests/routes.txt says:\n" + "\n".join(wrong)


def test_a_hidden_place_answers_no_outsider(world):
    """What is about something of a community that they may not know of: not there, or sign in first; never refused."""
    for method, rule in requests_of(world.app):
        if not world.is_in_place(rule):
            continue
        address = world.address(rule, "cercle")
        for role in OUTSIDERS:
            nothing = (ABSENT, SIGN_IN) if role == "visitor" else (ABSENT,)
            assert answer_to(world, method, address, role) in nothing, f"{method} {address} as {role}"


def test_an_account_that_is_not_active_is_a_visitor(app):
    """Whoever waits for admission or is suspended opens no page that a visitor does not."""
    for key, letters in declared().items():
        assert letters[1] == letters[2] == letters[0], key
