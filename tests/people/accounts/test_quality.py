"""What one declared to be: a firm or an elected person does not take it off alone; an administrator corrects it."""

from __future__ import annotations

import pytest

from community.core.audit import AuditEntry
from community.core.db import db
from community.people.accounts.models import Member

FIELDS = {
    "display_name": "Paul Fournit",
    "organisation": "Ville de Clairbois",
    "organisation_type": "commune",
    "territory": "13",
    "job": "Acheteur",
    "bio": "",
    "locale": "fr",
    "digest": "weekly",
}


def quality_of(app, id: int) -> str:
    with app.app_context():
        found = db.session.get(Member, id).quality
        db.session.remove()
    return found


@pytest.mark.parametrize(
    ("quality", "wanted", "kept"),
    [
        ("firm", "agent", "firm"),
        ("elected", "other", "elected"),
        ("agent", "firm", "firm"),
        ("other", "agent", "agent"),
    ],
)
def test_a_firm_or_an_elected_person_does_not_become_an_agent_alone(app, make, client_of, quality, wanted, kept):
    id = make.member(quality=quality)
    client = client_of(id)
    settled = quality in ("firm", "elected")
    page = client.get("/compte").text
    assert ("un administrateur peut le changer" in page) == settled == ('name="quality"' not in page)
    assert client.post("/compte", FIELDS | {"quality": wanted}).status_code == 303
    assert quality_of(app, id) == kept


def test_a_quality_that_a_community_turns_away_is_kept(app, make, client_of):
    make.community("cantines", barred=["other"])
    id = make.member(quality="other")
    assert client_of(id).post("/compte", FIELDS | {"quality": "agent"}).status_code == 303
    assert quality_of(app, id) == "other"


def test_an_administrator_corrects_a_quality_and_the_log_says_so(app, make, client_of):
    id = make.member(quality="firm")
    anne = client_of(make.member("Anne", platform_role="administrator"))
    address = f"/admin/membres/{id}/qualite"
    assert anne.post(address, {"quality": "agent", "reason": ""}).status_code == 422
    assert anne.post(address, {"quality": "king", "reason": "Erreur"}).status_code == 422
    assert client_of(make.member()).post(address, {"quality": "agent", "reason": "moi"}).status_code == 404
    assert quality_of(app, id) == "firm"
    assert anne.post(address, {"quality": "agent", "reason": "Une erreur"}).status_code == 303
    assert quality_of(app, id) == "agent"
    with app.app_context():
        entry = db.session.query(AuditEntry).filter_by(act="member.quality_changed").one()
        assert "Une erreur" in entry.reason and "→" in entry.reason
        db.session.remove()
