"""A second factor that is required is required at once: sessions opened without one end when the duty begins."""

from __future__ import annotations

import pytest

from community.core.db import db
from community.core.options import forget, set_option
from community.people.accounts.models import Member


@pytest.fixture
def required(app):
    def switch() -> None:
        with app.test_request_context("/", method="POST"):
            set_option("second_factor.required", "keepers", None)
            db.session.commit()

    yield switch
    with app.app_context():
        forget()


def is_in(client) -> bool:
    return client.get("/compte").status_code != 302 or "connexion" not in client.get("/compte").location


def test_switching_it_on_ends_the_keepers_sessions(app, make, client_of):
    anne = client_of(make.member("Anne", platform_role="administrator"))
    keeper = client_of(make.member(communities={"cantines": "moderator"}))
    simple = client_of(make.member(communities={"cantines": "member"}))
    assert is_in(keeper)
    with app.app_context():
        rations = {"second_factor": "keepers"}
        db.session.remove()
    page = anne.get("/admin/reglages").text
    import re

    for field in re.findall(r"<input[^>]*type=\"number\"[^>]*>", page):
        rations[re.search(r'name="([^"]+)"', field)[1]] = re.search(r'value="([^"]*)"', field)[1]
    assert anne.post("/admin/reglages", rations).status_code == 303
    assert not is_in(keeper)
    assert is_in(simple)
    assert is_in(anne), "the one who switched it on stays"
    with app.app_context():
        forget()


def test_a_promotion_ends_the_sessions_opened_before_it(app, make, client_of, required):
    anne = client_of(make.member("Anne", platform_role="administrator"))
    boss, host = (make.member(communities={"cantines": "member"}) for _who in range(2))
    first, second = client_of(boss), client_of(host)
    assert anne.post(f"/admin/membres/{boss}/role", {"role": "administrator", "reason": "Essai"}).status_code == 303
    assert not is_in(first), "whatever is required: one comes in again to look after others"
    first = client_of(boss)
    anne.post(f"/admin/membres/{boss}/role", {"role": "member", "reason": "Essai"})
    with app.app_context():
        from community.people.accounts.actions import set_platform_role
        from community.people.accounts.identity import identity_of
        from community.people.communities.actions import set_role
        from community.people.communities.models import Community

        required()
        user = identity_of(db.session.query(Member.id).filter_by(display_name="Anne").scalar())
        set_platform_role(db.session.get(Member, boss), "administrator", user, "Essai")
        set_role(db.session.query(Community).filter_by(slug="cantines").one(), host, "moderator", user)
        db.session.commit()
        db.session.remove()
    assert not is_in(first)
    assert not is_in(second)


def test_a_reset_ends_the_sessions_of_a_keeper(app, make, client_of, required):
    from community.people.accounts.identity import identity_of
    from community.people.accounts.second_factors import begin_second_factor, remove_second_factor

    keeper = make.member(communities={"cantines": "moderator"})
    boss = make.member("Anne", platform_role="administrator")
    client = client_of(keeper)
    with app.test_request_context("/", method="POST"):
        required()
        begin_second_factor(db.session.get(Member, keeper))
        remove_second_factor(db.session.get(Member, keeper), identity_of(boss), "Téléphone perdu")
        db.session.commit()
        db.session.remove()
    assert not is_in(client)
