"""The public page of what moderation does, in numbers."""

from __future__ import annotations

from flask import render_template
from flask_babel import lazy_gettext as _l

from community.services.moderation.transparency import FEW, SERIES, transparency
from community.services.moderation.views import bp

WORDS = {
    "flags": _l("Signalements"),
    "decisions": _l("Décisions"),
    "holds": _l("Textes relus avant publication"),
    "appeals": _l("Contestations"),
}


@bp.get("/transparence", endpoint="transparency")
def show_transparency():
    return render_template("moderation/transparency.html", report=transparency(), series=SERIES, words=WORDS, few=FEW)
