"""The demo's story is told to its end, and what people did with clauses is on their pages."""

from __future__ import annotations

from sqlalchemy import func, select

from community.content.baskets.models import Basket
from community.content.clauses.models import Clause, ClauseUse
from community.core.db import db
from community.people.accounts.models import Member
from community.seeds.tell import tell


def test_uses_and_baskets_are_told(app, visitor, client_of):
    with app.app_context():
        tell()
        outcomes = set(db.session.scalars(select(ClauseUse.outcome).distinct()))
        assert db.session.scalar(select(func.count()).select_from(ClauseUse)) >= 12
        owners = select(Member.display_name).join(Basket, Basket.owner_id == Member.id)
        assert set(db.session.scalars(owners)) == {"Claire Martin", "Inès Benali"}
        clause = db.session.scalars(select(Clause.id).where(Clause.title == "Délai récolte – livraison")).one()
        claire = db.session.scalars(select(Member.id).where(Member.display_name == "Claire Martin")).one()
    assert outcomes == {"accepted", "questions", "challenged", "dropped"}
    page = visitor.get(f"/clauses/{clause}", follow_redirects=True).text
    assert "3 usages racontés" in page
    uses = visitor.get(f"/clauses/{clause}-x/usages", follow_redirects=True).text
    assert "Denrées pour deux cuisines centrales" in uses
    text = client_of(claire).get("/panier").text
    assert "Repas des écoles" in text and "Portables reconditionnés" in text
