"""How long a remembered session lasts, and what becomes of sessions when one's rights grow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from builders import PASSWORD
from client import Client
from sqlalchemy import select, update

from community.core.db import db
from community.core.options import forget
from community.people.accounts.models import SignIn
from community.people.accounts.tasks import mark_seen
from community.people.communities.models import Invitation

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def remembered(app, make, time_machine):
    """``remembered()``: a client that asked to be remembered, on a Monday morning in March."""
    time_machine.move_to(START, tick=False)
    make.member(email="claire@ville.example")
    client = Client(app)
    client.post("/connexion", {"email": "claire@ville.example", "password": PASSWORD, "remember": "y"})
    yield client
    with app.app_context():
        forget()


@pytest.fixture
def visit(app, remembered, time_machine):
    """``visit(days)``: so many days after the sign-in, whether the session still opens; the worker notes that it served."""

    def go(days: int) -> bool:
        time_machine.move_to(START + timedelta(days=days), tick=False)
        answer = remembered.get("/compte/sessions")
        if answer.status_code == 200:
            with app.app_context():
                mark_seen(db.session.scalar(select(SignIn.id)))
                db.session.remove()
        return answer.status_code == 200

    return go


def test_a_remembered_session_ends_after_thirty_days_without_a_visit(visit, remembered):
    assert visit(29), "each visit puts the end off"
    page = remembered.get("/compte/sessions").text
    assert "30 jours sans visite" in page and "90 jours après la connexion" in page and "mémorisée" in page
    assert visit(58)
    assert not visit(89)


def test_it_ends_after_ninety_days_however_often_it_serves(visit):
    assert visit(25) and visit(50) and visit(75) and visit(89)
    assert not visit(91)


def test_an_administrator_shortens_the_sessions_that_are_open(app, make, client_of, visit, remembered):
    anne = client_of(make.member("Anne", platform_role="administrator"))
    assert anne.submit("/admin/reglages", {"sessions_idle": "40", "sessions_most": "10"}).status_code == 422
    assert anne.submit("/admin/reglages", {"sessions_idle": "3", "sessions_most": "10"}).status_code == 303
    assert "jours sans visite" in anne.get("/admin/reglages").text
    assert visit(2)
    assert not visit(6)


def invited_to_moderate(app, make) -> int:
    make.community("cantines")
    host = make.member(communities={"cantines": "moderator"})
    invited = make.member(email="nadia@ville.example")
    from community.people.accounts.identity import identity_of
    from community.people.communities.admissions import invite
    from community.people.communities.models import Community

    with app.test_request_context("/", method="POST"):
        community = db.session.scalars(select(Community).where(Community.slug == "cantines")).one()
        invite(community, identity_of(host), "nadia@ville.example", "moderator")
        db.session.commit()
        db.session.remove()
    return invited


def test_an_invitation_to_moderate_ends_the_other_sessions_and_renews_this_one(app, make, client_of):
    invited = invited_to_moderate(app, make)
    here, elsewhere = client_of(invited), client_of(invited)
    stolen = Client(app)
    with here.http.session_transaction() as session:
        key = session["_user_id"]
    with app.app_context():
        number = db.session.scalar(select(Invitation.id))
        db.session.remove()
    assert here.post(f"/invitations/{number}/acceptation").status_code == 303
    assert elsewhere.get("/compte").status_code == 302, "it was opened before there was something to protect"
    assert here.get("/moderation").status_code == 200
    with stolen.http.session_transaction() as session:
        session["_user_id"] = key
    assert stolen.get("/compte").status_code == 302, "the former key opens nothing"


def test_an_invitation_to_moderate_asks_for_the_second_factor_that_is_required(app, make, client_of):
    from community.core.options import set_option

    invited = invited_to_moderate(app, make)
    here = client_of(invited)
    with app.test_request_context("/", method="POST"):
        set_option("second_factor.required", "keepers", None)
        number = db.session.scalar(select(Invitation.id))
        db.session.execute(update(SignIn).values(way="password"))
        db.session.commit()
        db.session.remove()
    assert here.post(f"/invitations/{number}/acceptation").status_code == 303
    assert here.get("/moderation").location == "/compte/double-facteur"
    with app.app_context():
        forget()
