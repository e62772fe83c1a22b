"""What the list of documents may be narrowed by."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from community.abilities.facets.kinds import CodeFacet, ColumnFacet, CommunityFacet, FamilyFacet, YearFacet
from community.abilities.facets.queries import FacetedList
from community.content.documents.models import Document

D = Document.__table__.c
DOCUMENTS = FacetedList(
    Document,
    ColumnFacet("nature", _l("Nature du document"), D.nature, vocabulary="document_nature"),
    ColumnFacet("emetteur", _l("Émetteur"), D.issuer),
    YearFacet("annee", _l("Année"), D.edition_date),
    FamilyFacet("famille", _l("Famille d’achats (CPV)")),
    CodeFacet("dimension", _l("Dimension"), "dimension", vocabulary="dimension"),
    CommunityFacet("communaute", _l("Communauté")),
    ColumnFacet("confiance", _l("Niveau de confiance"), D.trust_level, vocabulary="trust_level"),
)
