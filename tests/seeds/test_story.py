"""The demo's story is told to its end, and what people did with clauses is on their pages."""

from __future__ import annotations

from sqlalchemy import func, select

from community.content.baskets.models import Basket
from community.content.clauses.models import Clause, ClauseUse
from community.content.documents.models import Document, DocumentVersion
from community.core.db import db
from community.people.accounts.models import Member
from community.seeds.tell import tell

WAITING = "Rapport d’analyse des offres, lot « légumes frais »"
READY = DocumentVersion.published_at.is_not(None)


def test_uses_and_baskets_are_told(app, visitor, client_of):
    with app.app_context():
        tell()
        outcomes = set(db.session.scalars(select(ClauseUse.outcome).distinct()))
        assert db.session.scalar(select(func.count()).select_from(ClauseUse)) >= 12
        owners = select(Member.display_name).join(Basket, Basket.owner_id == Member.id)
        assert set(db.session.scalars(owners)) == {"Claire Martin", "Inès Benali"}
        documents = list(db.session.scalars(select(Document)))
        assert len(documents) == 15
        assert [item.title for item in documents if item.published_at is None] == [WAITING], "one waits for its author"
        assert sum(item.url is not None for item in documents) == 1
        versions = select(DocumentVersion.document_id).where(DocumentVersion.number == 2)
        assert len(db.session.scalars(versions).all()) >= 3
        assert db.session.scalar(select(func.count()).select_from(DocumentVersion).where(READY)) == 16
        clause = db.session.scalars(select(Clause.id).where(Clause.title == "Délai récolte – livraison")).one()
        claire = db.session.scalars(select(Member.id).where(Member.display_name == "Claire Martin")).one()
    assert outcomes == {"accepted", "questions", "challenged", "dropped"}
    page = visitor.get(f"/clauses/{clause}", follow_redirects=True).text
    assert "3 usages racontés" in page
    uses = visitor.get(f"/clauses/{clause}-x/usages", follow_redirects=True).text
    assert "Denrées pour deux cuisines centrales" in uses
    text = client_of(claire).get("/panier").text
    assert "Repas des écoles" in text and "Portables reconditionnés" in text
