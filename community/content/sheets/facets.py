"""What the list of sheets may be narrowed by."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from community.abilities.facets.kinds import CodeFacet, ColumnFacet, CommunityFacet, TagFacet, TerritoryFacet, YearFacet
from community.abilities.facets.queries import FacetedList
from community.content.sheets.models import Sheet
from community.contributions.models import Contribution

S = Sheet.__table__.c
SHEETS = FacetedList(
    Sheet,
    ColumnFacet("nature", _l("Nature"), S.contract_type, vocabulary="contract_type"),
    ColumnFacet("procedure", _l("Procédure"), S.procedure, vocabulary="procedure"),
    ColumnFacet("organisme", _l("Type d’organisme"), S.organisation_type, vocabulary="organisation_type"),
    CodeFacet("dimension", _l("Dimension"), "dimension", vocabulary="dimension"),
    ColumnFacet("phase", _l("Phase d’achat"), Contribution.phase, vocabulary="phase"),
    ColumnFacet("montant", _l("Montant"), S.amount_band, vocabulary="amount_band"),
    TerritoryFacet("territoire", _l("Territoire"), Contribution.territory),
    YearFacet("annee", _l("Année de notification"), S.notified_on),
    CommunityFacet("communaute", _l("Communauté")),
    TagFacet("etiquette", _l("Étiquette")),
)
