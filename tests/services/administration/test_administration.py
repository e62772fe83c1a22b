"""The administrator's first page: for administrators alone, figures, events put back in the queue."""

from __future__ import annotations

import pytest
from client import Client

from community.core.audit import AuditEntry
from community.core.clock import now
from community.core.db import db
from community.core.options import forget, option
from community.core.outbox import Event
from community.people.accounts.models import Member
from community.people.accounts.security_models import Application, SecondFactor


@pytest.fixture
def anne(make, client_of) -> Client:
    return client_of(make.member("Anne", platform_role="administrator"))


def park(app) -> int:
    with app.app_context():
        event = Event(
            name="contribution.published", subject_type="question", subject_id=12, tries=8, error="KeyError: x"
        )
        event.parked_at = now()
        db.session.add(event)
        db.session.commit()
        id = event.id
        db.session.remove()
    return id


def parked(app) -> list[int]:
    with app.app_context():
        ids = [event.id for event in db.session.query(Event).filter(Event.parked_at.is_not(None))]
        db.session.remove()
    return ids


def test_to_anybody_else_the_pages_do_not_exist(app, make, client_of, visitor):
    moderator = client_of(make.member(communities={"cantines": "moderator"}))
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/admin") or rule.arguments or "GET" not in (rule.methods or ()):
            continue
        assert moderator.get(rule.rule).status_code == 404, rule.rule
        assert visitor.get(rule.rule).status_code == 302, rule.rule
    assert moderator.post("/admin/evenements/relance").status_code == 404


def test_the_first_page_counts(anne, make):
    make.member(state="waiting")
    make.member(state="suspended")
    page = anne.get("/admin").text
    assert "Inscriptions à examiner" in page
    assert "Comptes suspendus" in page


def test_the_first_page_costs_few_statements(anne, statements):
    anne.get("/admin")
    with statements() as counted:
        assert anne.get("/admin").status_code == 200
    assert counted.count <= 6, counted.statements


def test_a_parked_event_is_shown_and_put_back(app, anne):
    id = park(app)
    assert "KeyError: x" in anne.get("/admin").text
    assert anne.post(f"/admin/evenements/{id}/relance").status_code == 303
    assert parked(app) == []
    assert anne.post(f"/admin/evenements/{id}/relance").status_code == 404
    with app.app_context():
        assert [entry.act for entry in db.session.query(AuditEntry)][-1] == "event.retried"


def test_all_parked_events_are_put_back(app, anne):
    park(app), park(app)
    assert anne.post("/admin/evenements/relance").status_code == 303
    assert parked(app) == []


PAGES = ["/admin/inscriptions", "/admin/membres", "/admin/organisations"]


@pytest.mark.parametrize("path", PAGES)
def test_a_list_costs_the_same_whatever_its_length(app, make, anne, statements, path):
    costs = []
    for _round in range(2):
        for _number in range(4):
            make.member(state="waiting")
            make.member()
        with app.app_context():
            for member in db.session.query(Member).filter_by(state="waiting"):
                if db.session.get(Application, member.id) is None:
                    db.session.add(Application(member_id=member.id, reason="Je cherche des clauses."))
            db.session.commit()
            db.session.remove()
        with statements() as counted:
            assert anne.get(path).status_code == 200
        costs.append(counted.count)
        assert counted.count <= 8, counted.statements
    assert costs[0] == costs[1], "the number of statements grows with the rows"


def test_accounts_are_found_by_name_address_and_state(make, anne):
    make.member("Zoé Ziegler", email="zoe@velay.example")
    make.member("Yann Suspendu", state="suspended")
    for query, found, absent in (
        ("q=ziegler", "Zoé Ziegler", "Yann"),
        ("q=zoe@velay", "Zoé Ziegler", "Yann"),
        ("etat=suspended", "Yann Suspendu", "Zoé"),
        ("role=administrator", "Anne", "Zoé"),
    ):
        page = anne.get(f"/admin/membres?{query}").text
        assert found in page, query
        assert absent not in page, query


def test_an_administrator_s_acts_on_an_account_are_recorded_with_their_reason(app, make, anne, client_of):
    zoe = make.member("Zoé Ziegler")
    theirs = client_of(zoe)
    page = f"/admin/membres/{zoe}"
    assert anne.get(page).status_code == 200
    assert anne.post(f"{page}/sessions", {"reason": ""}).status_code == 422
    assert anne.post(f"{page}/sessions", {"reason": "Ordinateur volé"}).status_code == 303
    assert theirs.get("/compte").status_code == 302
    assert anne.post(f"{page}/role", {"role": "administrator", "reason": "Rejoint l’équipe"}).status_code == 303
    assert client_of(zoe).get("/admin").status_code == 200
    with app.app_context():
        rows = [
            (row.act, row.reason, row.target_id) for row in db.session.query(AuditEntry).order_by(AuditEntry.number)
        ]
    assert rows[-2:] == [
        ("member.sessions_closed", "Ordinateur volé", zoe),
        ("member.made_administrator", "Rejoint l’équipe", zoe),
    ]


def test_nobody_takes_the_role_from_oneself(app, anne):
    with app.app_context():
        id = db.session.query(Member.id).filter_by(platform_role="administrator").scalar()
    assert anne.post(f"/admin/membres/{id}/role", {"role": "member", "reason": "Par erreur"}).status_code == 409


def test_nobody_takes_their_own_second_factor_off_from_the_list_of_accounts(app, anne):
    """Whoever sits at an open screen would need neither the password nor a code."""
    with app.app_context():
        id = db.session.query(Member.id).filter_by(platform_role="administrator").scalar()
        db.session.add(SecondFactor(member_id=id, secret="sealed", last_step=0, confirmed_at=now()))
        db.session.commit()
        db.session.remove()
    answer = anne.post(f"/admin/membres/{id}/double-facteur", {"reason": "Téléphone perdu"})
    assert answer.location == "/compte/double-facteur"
    with app.app_context():
        assert db.session.get(SecondFactor, id) is not None


def test_a_second_factor_may_be_required(app, anne):
    assert anne.submit("/admin/reglages", {"second_factor": "inventé"}).status_code == 422
    assert anne.submit("/admin/reglages", {"second_factor": "keepers"}).status_code == 303
    with app.app_context():
        assert option("second_factor.required") == "keepers"
        forget()
