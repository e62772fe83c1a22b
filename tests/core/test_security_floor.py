"""The security floor: what holds for every page, whatever feature it belongs to."""

from __future__ import annotations

import json
import logging

import pytest
import structlog
from apps import settings_for
from client import Client
from structlog.testing import capture_logs

from community import create_app
from community.core.db import db
from community.core.limits import limiter
from community.core.logging import MASK, keep_secrets
from community.core.web import safe_target


@pytest.fixture
def another(app, tmp_path):
    """``another(site_url=…)``: the application with other settings, over the same database."""
    made = []

    def build(**changes):
        settings = settings_for(tmp_path, app.config["SETTINGS"].database_url, **changes)
        made.append(create_app(settings, RATELIMIT_ENABLED=changes.pop("rates", False)))
        return made[-1]

    yield build
    for each in made:
        with each.app_context():
            db.engine.dispose()
    limiter.enabled = False


@pytest.fixture
def counted(app, tmp_path):
    """The application with its rates on."""
    counted = create_app(settings_for(tmp_path, app.config["SETTINGS"].database_url), RATELIMIT_ENABLED=True)
    limiter.reset()
    yield counted
    limiter.reset()
    limiter.enabled = False
    with counted.app_context():
        db.engine.dispose()


# --- headers and cookies -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/questions", "/connexion", "/aide", "/n-existe-pas", "/sante", "/static/favicon.svg"]
)
def test_every_answer_carries_the_headers(visitor, path):
    with visitor.get(path) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy and "data:" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert "charset=utf-8" in headers["Content-Type"] or "json" in headers["Content-Type"] or path.startswith("/static")


def test_behind_tls_cookies_are_secure_and_browsers_are_told_to_stay(another):
    app = another(site_url="https://entrepairs.example")
    response = app.test_client().post(
        "/langue", base_url="https://entrepairs.example", data={}, headers={"Referer": "https://entrepairs.example/"}
    )
    page = app.test_client().get("/connexion", base_url="https://entrepairs.example")
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_without_tls_nothing_promises_tls(visitor):
    assert "Strict-Transport-Security" not in visitor.get("/").headers


@pytest.mark.parametrize("path", ["/compte", "/notifications", "/membres", "/questions", "/membres/completion?q=a"])
def test_what_a_member_reads_is_kept_by_no_cache(make, client_of, path):
    response = client_of(make.member()).get(path)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    assert "Cookie" in response.headers["Vary"]


# --- who may send a form ------------------------------------------------------------------------------------------------


FOREIGN = (
    {"Origin": "https://ailleurs.example"},
    {"Origin": "http://localhost.ailleurs.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_of_another_site_is_refused_even_with_a_valid_token(visitor, headers):
    response = visitor.post("/langue", {"language": "en"}, headers=headers)
    assert response.status_code == 403
    assert '<html lang="fr"' in visitor.get("/").text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
def test_our_own_forms_pass(visitor, headers):
    assert visitor.post("/langue", {"language": "en"}, headers=headers).status_code == 303


def test_every_change_asks_for_a_token(app, make, client_of):
    """Walked from the map of addresses: without a token no view is entered, for anybody."""
    entered = []
    client = client_of(make.member(platform_role="administrator"))
    views = dict(app.view_functions)
    try:
        for endpoint in views:
            app.view_functions[endpoint] = lambda endpoint=endpoint, **_values: entered.append(endpoint) or "entered"
        for rule in app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
                path = rule.rule.replace("<int:", "<").replace("<path:", "<")
                for name in rule.arguments:
                    path = path.replace(f"<{name}>", "1")
                response = client.http.open(path, method=method, data={"message": "sans jeton"})
                assert response.status_code in (403, 404, 422), (method, rule.rule, response.status_code)
    finally:
        app.view_functions.update(views)
    assert set(entered) <= WITHOUT_TOKEN


#: endpoints that machines call, with a proof of their own instead of a form's token
WITHOUT_TOKEN: set[str] = set()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n//evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "evil.example",
        " //evil.example",
        "",
        None,
    ],
)
def test_no_redirect_leaves_the_site(target):
    assert safe_target(target, "/chez-nous") == "/chez-nous"


@pytest.mark.parametrize("target", ["/", "/questions?vue=mine", "/membres/12-claire#p4", "/recherche?q=a//b"])
def test_our_own_places_are_kept(target):
    assert safe_target(target, "/chez-nous") == target


# --- hosts, sizes, rates ------------------------------------------------------------------------------------------------


def test_a_host_that_is_not_ours_is_refused(another):
    client = another(site_url="https://entrepairs.example").test_client()
    assert client.get("/", base_url="https://evil.example").status_code in (400, 422)
    assert client.get("/", base_url="https://entrepairs.example").status_code == 200
    assert client.get("/sante", base_url="http://127.0.0.1:8000").status_code == 200


def test_hosts_may_be_listed(another):
    client = another(site_url="https://entrepairs.example", trusted_hosts=(".achats.example",)).test_client()
    assert client.get("/", base_url="https://forum.achats.example").status_code == 200
    assert client.get("/", base_url="https://evil.example").status_code in (400, 422)


@pytest.mark.parametrize("proxies", [0, 1])
def test_what_a_proxy_says_is_believed_only_when_one_is_declared(another, proxies):
    app = another(proxies=proxies)
    seen = []
    app.before_request(lambda: seen.append(__import__("flask").request.remote_addr))
    app.test_client().get("/sante", headers={"X-Forwarded-For": "203.0.113.9"})
    assert seen == (["203.0.113.9"] if proxies else ["127.0.0.1"])


def test_every_change_counts_whatever_the_address(counted, make):
    """One account: 120 changes a minute, counted together over all the addresses of the site."""
    client = Client(counted).signed_in_as(make.member())
    paths = ("/langue", "/brouillons/retrait", "/notifications/lecture")
    codes = [client.post(paths[number % 3], {}).status_code for number in range(121)]
    assert 429 not in codes[:60]
    assert codes[-1] == 429
    assert client.get("/questions").status_code == 200, "reading is not counted"
    other = Client(counted).signed_in_as(make.member())
    assert other.post("/langue", {}).status_code == 303


def test_one_address_cannot_change_without_end_by_having_many_accounts(counted, make):
    from limits import parse

    clients = [Client(counted).signed_in_as(make.member()) for _each in range(2)]
    assert clients[0].post("/langue", {}).status_code == 303
    for _hit in range(600):
        limiter.limiter.hit(parse("600 per minute"), "address:127.0.0.1", "writes from")
    assert [client.post("/langue", {}).status_code for client in clients] == [429, 429]


#: what lets somebody in, or proves that one is: a rate of its own beside that of every change
DOORS = (
    "/connexion",
    "/inscription",
    "/mot-de-passe/oubli",
    "/compte/adresse",
    "/compte/mot-de-passe",
    "/compte/double-facteur",
)
#: under these addresses, what gives back what was sealed for the one who asks; a random key of 256 bits is not guessed either
NO_DOOR = ("accounts.download_codes",)


def rates_of(app, endpoint: str) -> list[str]:
    from flask_limiter.util import get_qualified_name

    view = app.view_functions[endpoint]
    return [str(limit.limit) for limit in limiter.limit_manager.decorated_limits(get_qualified_name(view))]


def test_every_route_that_writes_searches_or_lets_in_has_a_rate(app):
    """Read from the URL map: a view written tomorrow is looked at tomorrow."""
    import inspect

    changing = {"POST", "PUT", "PATCH", "DELETE"}
    searching = 0
    for rule in app.url_map.iter_rules():
        if rule.methods & changing:
            blueprint = rule.endpoint.rpartition(".")[0] or None
            assert not limiter.limit_manager.exemption_scope(app, rule.endpoint, blueprint), (
                f"{rule} is counted by nobody"
            )
            if rule.rule.startswith(DOORS) and rule.endpoint not in NO_DOOR and "<token>" not in rule.rule:
                assert rates_of(app, rule.endpoint), f"{rule} lets somebody in without a rate of its own"
        view = inspect.unwrap(app.view_functions[rule.endpoint])
        reads_words = 'request.args.get("q"' in inspect.getsource(view) or rule.rule.endswith(
            ("/completion", "/recherche")
        )
        searches = reads_words or rule.rule in ("/membres", "/clauses", "/questions/proches")
        if searches and "GET" in rule.methods and not rule.rule.startswith("/admin"):
            searching += 1
            assert rates_of(app, rule.endpoint), f"{rule} searches without a rate"
    assert searching >= 7
    assert limiter.limit_manager.application_limits, "every change counts, whatever its view"


@pytest.fixture
def talkative():
    """Logs as in production: tests are quieter."""
    quiet = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(wrapper_class=quiet)


# --- what logs hold -----------------------------------------------------------------------------------------------------


def line(**event):
    return keep_secrets(None, "info", {"event": "essai", **event})


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "csrf_token",
        "session",
        "email",
        "recipient",
        "body",
        "display_name",
        "query",
        "payload",
    ],
)
def test_telling_names_are_masked(name):
    assert line(**{name: "secret de Claire"})[name] == MASK


@pytest.mark.parametrize(
    "name", ["member_id", "session_id", "request_id", "endpoint", "status", "state", "handler", "reason"]
)
def test_plain_facts_pass(name):
    assert line(**{name: "abcd-12"})[name] == "abcd-12"


def test_addresses_keys_and_links_are_masked_wherever_they_stand():
    key = "Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZkdISUpLTE1O"
    said = line(reason=f"écrit à claire.martin@ville.example avec {key}", where=f"/mot-de-passe/{key}")
    assert "claire" not in said["reason"] and key not in json.dumps(said)
    assert line(nested={"token": "x", "kept": ["paul@ville.example"]})["nested"] == {"token": MASK, "kept": [MASK]}


def test_no_text_begins_a_line_of_its_own():
    assert "\n" not in line(reason='ok\n{"event": "signed_in"}\r\nfaux')["reason"]


def test_what_is_refused_is_told_to_who_watches(app, make, client_of, talkative):
    """Access denied, sign-in failed, rates passed: one line each, with who and where, and no word of what was typed."""
    member = make.member(communities={"cantines": "member"})
    with capture_logs() as lines:
        client_of(member).get("/communautes/nouvelle")
        client_of(member).post("/langue", {}, headers={"Origin": "https://evil.example"})
        Client(app).post("/connexion", {"email": "inconnue@ville.example", "password": "une phrase assez longue"})
    denied = [row for row in lines if row["event"] == "access_denied"]
    assert [row["endpoint"] for row in denied] == ["communities.create", "web.set_language"]
    assert all(row["member_id"] == member and row["client"] == "127.0.0.1" for row in denied)
    assert any(row["event"] == "sign_in_refused" for row in lines)
    assert "inconnue" not in json.dumps(lines) and "phrase" not in json.dumps(lines)


def test_an_error_of_the_database_tells_no_word_of_what_was_written(app):
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with app.app_context():
        with pytest.raises(DBAPIError) as caught:
            db.session.execute(text("SELECT nothing FROM nowhere WHERE word = :word"), {"word": "confidentiel"})
        db.session.rollback()
        db.session.remove()
    assert "confidentiel" not in str(caught.value)


def test_nothing_is_served_in_debug(app):
    assert not app.debug
    assert logging.getLogger("werkzeug").level != logging.DEBUG
