"""What the clause list may be narrowed by, and its orders. Withdrawn clauses are listed only when somebody asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, bindparam, case
from werkzeug.datastructures import MultiDict

from community.abilities.facets import queries
from community.abilities.facets.kinds import CodeFacet, ColumnFacet, CommunityFacet, FamilyFacet
from community.content.clauses.models import Clause
from community.core import ports
from community.core.clock import now

C = Clause.__table__.c
TODAY = bindparam("today", type_=Date, callable_=lambda: now().date())
STATE = case((C.retired_at.is_not(None), "retired"), (C.review_due < TODAY, "overdue"), else_="validated")
CLAUSES = queries.FacetedList(
    Clause,
    ColumnFacet("piece", _l("Pièce"), C.target_document, vocabulary="target_document"),
    ColumnFacet("type", _l("Type de clause"), C.kind_of_clause, vocabulary="kind_of_clause"),
    CodeFacet("nature", _l("Nature du marché"), "contract_type", vocabulary="contract_type"),
    ColumnFacet("ambition", _l("Ambition"), C.ambition, vocabulary="ambition"),
    CodeFacet("dimension", _l("Dimension"), "dimension", vocabulary="dimension"),
    ColumnFacet("confiance", _l("Niveau de confiance"), C.trust_level, vocabulary="trust_level"),
    ColumnFacet("etat", _l("État"), STATE, hidden="retired", vocabulary="state"),
    FamilyFacet("cpv", _l("Famille d’achats (CPV)")),
    CommunityFacet("communaute", _l("Communauté")),
)
ORDERS = ("used", "validated", "recent")


@dataclass(frozen=True)
class Filters(queries.Filters):
    """The chosen facets, the words looked for, and the order (``sort`` is « relevance » for words without another order)."""

    words: str = ""
    order: str = "validated"
    sort: str = "validated"

    @classmethod
    def from_args(cls, args: MultiDict[str, str], user: Any) -> Filters:
        words, asked = args.get("q", "").replace("\x00", "").strip()[:200], args.get("tri", "")
        order = asked if asked in ORDERS else "validated"
        sort = asked if asked in ORDERS else "relevance" if words else "validated"
        found = tuple(ports.call("ranked", user, "clause", words, 200, default=())) if words else None
        return cls(CLAUSES.asked(args).chosen, found, words, order, sort)
