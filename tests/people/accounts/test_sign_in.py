"""Coming in and going out, over HTTP."""

from __future__ import annotations

import datetime as dt

import pytest
from builders import PASSWORD
from client import Client, FormParser, forms_of

from community.core.db import db
from community.people.accounts.models import Member, SignIn


def enter(client: Client, email: str, password: str = PASSWORD, **more: str):
    return client.submit("/connexion", {"email": email, "password": password, **more}, "/connexion")


def rows(app, model):
    with app.app_context():
        return db.session.query(model).all()


def test_sign_in_and_out(make, visitor):
    make.member("Claire Martin", email="claire@ville.example")
    response = enter(visitor, "  Claire@Ville.example ")
    assert (response.status_code, response.location) == (303, "/")
    assert "Claire Martin" in visitor.get("/compte").text
    visitor.csrf = ""
    assert visitor.post("/deconnexion").location == "/"
    assert visitor.get("/compte").location == "/connexion?suite=/compte"


def test_the_key_is_kept_as_a_hash_and_changes_at_each_sign_in(app, make, visitor):
    make.member(email="claire@ville.example")
    keys = []
    for _attempt in range(2):
        visitor.get("/deconnexion")
        visitor.http.delete_cookie("session")
        enter(visitor, "claire@ville.example")
        with visitor.http.session_transaction() as session:
            keys.append(session["_user_id"])
    assert keys[0] != keys[1]
    assert not {row.key_hash for row in rows(app, SignIn)} & set(keys)


def test_signing_in_again_closes_the_former_session_of_this_browser(app, make, visitor):
    make.member(email="claire@ville.example")
    enter(visitor, "claire@ville.example")
    visitor.csrf = ""
    visitor.post("/connexion", {"email": "claire@ville.example", "password": PASSWORD})
    assert len(rows(app, SignIn)) == 1


def test_a_form_token_of_before_sign_in_is_refused_after_it(make, visitor):
    make.member(email="claire@ville.example")
    token = visitor.token()
    enter(visitor, "claire@ville.example")
    assert visitor.http.post("/deconnexion", data={"csrf_token": token}).status_code == 422


@pytest.mark.parametrize(("remember", "hours"), [("", 12), ("y", 30 * 24)])
def test_remember_me(app, make, visitor, remember, hours):
    make.member(email="claire@ville.example")
    more = {"remember": remember} if remember else {}
    response = enter(visitor, "claire@ville.example", **more)
    [row] = rows(app, SignIn)
    assert (row.expires_at - row.created_at).total_seconds() == pytest.approx(hours * 3600, abs=5)
    assert ("Expires=" in response.headers["Set-Cookie"]) is bool(remember)
    assert "HttpOnly" in response.headers["Set-Cookie"] and "SameSite=Lax" in response.headers["Set-Cookie"]


def test_unknown_address_and_wrong_password_look_the_same(make, visitor):
    make.member(email="claire@ville.example")
    wrong, unknown = enter(visitor, "claire@ville.example", "x" * 14), enter(visitor, "paul@ville.example", "x" * 14)
    assert wrong.status_code == unknown.status_code == 422
    strip = lambda page: page.text.replace("claire", "paul")  # noqa: E731
    without_token = [line for line in strip(wrong).splitlines() if "csrf_token" not in line]
    assert without_token == [line for line in strip(unknown).splitlines() if "csrf_token" not in line]
    assert "Adresse ou mot de passe incorrect." in wrong.text


@pytest.mark.parametrize("state", ["pending", "suspended", "erased"])
def test_only_active_members_come_in(app, make, visitor, state):
    make.member(email="claire@ville.example", state=state)
    assert enter(visitor, "claire@ville.example").status_code == 422
    assert rows(app, SignIn) == []


@pytest.mark.parametrize("state", ["suspended", "erased", "pending"])
def test_open_sessions_stop_when_the_account_does(app, make, client_of, state):
    id = make.member()
    client = client_of(id)
    assert client.get("/compte").status_code == 200
    with app.app_context():
        db.session.get(Member, id).state = state
        db.session.commit()
    assert client.get("/compte").status_code == 302


def test_a_session_ends_at_its_time(make, client_of, time_machine):
    client = client_of(make.member())
    assert client.get("/compte").status_code == 200
    import datetime as dt

    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(hours=12, minutes=1))
    assert client.get("/compte").status_code == 302


@pytest.mark.parametrize("target", ["/questions?vue=mine", "/membres"])
def test_one_goes_where_one_wanted_to(make, visitor, target):
    make.member(email="claire@ville.example")
    asked = visitor.get(target)
    if asked.status_code == 302:
        assert asked.location.startswith("/connexion?suite=")
    page = visitor.get("/connexion", query_string={"suite": target})
    assert page.status_code == 200
    assert enter(visitor, "claire@ville.example", suite=target).location == target


@pytest.mark.parametrize(
    "target",
    [
        "https://mal.example/",
        "//mal.example",
        "/\\mal.example",
        "\\\\mal.example",
        "javascript:alert(1)",
        "/\tx",
        "/a\r\nb",
    ],
)
def test_never_to_another_site(make, visitor, target):
    make.member(email="claire@ville.example")
    page = visitor.get("/connexion", query_string={"suite": target})
    assert forms_of(page.text, "/connexion", "").fields["suite"] == ""
    assert enter(visitor, "claire@ville.example", suite=target).location == "/"


def test_who_is_in_is_not_asked_again(make, client_of):
    client = client_of(make.member())
    assert client.get("/connexion?suite=/questions").location == "/questions"
    assert client.get("/inscription").location == "/"


def test_signing_out_twice_harms_nobody(visitor):
    assert visitor.post("/deconnexion").status_code == 303


@pytest.mark.parametrize("path", ["/connexion", "/inscription/courriel", "/mot-de-passe/oubli"])
def test_pages_about_accounts_are_kept_by_no_cache(visitor, path):
    assert visitor.get(path).headers["Cache-Control"] == "no-store"


def test_demo_accounts_are_one_click_away_in_the_demo_alone(app, make, visitor):
    from dataclasses import replace

    from community import create_app
    from community.core.db import db as database
    from community.people.accounts.passwords import hash_password
    from community.seeds import DEMO_ACCOUNTS, DEMO_PASSWORD

    assert DEMO_PASSWORD not in visitor.get("/connexion").text
    demo = create_app(replace(app.config["SETTINGS"], demo=True))
    for _role, name, email in DEMO_ACCOUNTS:
        id = make.member(name, email=email)
        with app.app_context():
            database.session.get(Member, id).password_hash = hash_password(DEMO_PASSWORD)
            database.session.commit()
        client = Client(demo)
        page = client.get("/connexion?suite=/membres").text
        fields = next(form.fields for form in all_forms(page) if form.fields.get("email") == email)
        assert client.http.post("/connexion", data=fields).location == "/membres"
        assert name in client.get("/compte").text
    with demo.app_context():
        database.engine.dispose()


def all_forms(page: str):
    parser = FormParser()
    parser.feed(page)
    return parser.forms


def test_a_session_says_on_which_day_it_last_served(app, make, visitor, time_machine):
    """The page only reads: the worker notes the day, once a day."""
    make.member(email="claire@collines.example")
    fields = {"email": "claire@collines.example", "password": PASSWORD, "remember": "y"}
    visitor.submit("/connexion", fields, "/connexion")
    huey = app.extensions["huey"]
    huey.flush()
    visitor.get("/questions")
    assert not [task for task in huey.pending() if task.name == "seen"]
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(days=2))
    visitor.get("/questions")
    visitor.get("/questions")
    [task] = [task for task in huey.pending() if task.name == "seen"]
    huey.flush()
    task.execute()
    with app.app_context():
        sign_in = db.session.query(SignIn).one()
        assert sign_in.seen_on == dt.datetime.now(dt.UTC).date()
        assert sign_in.created_at.date() < sign_in.seen_on
