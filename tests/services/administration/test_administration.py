"""The administrator's first page: for administrators alone, figures, events put back in the queue."""

from __future__ import annotations

import pytest
from client import Client

from community.core.audit import AuditEntry
from community.core.clock import now
from community.core.db import db
from community.core.outbox import Event


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
