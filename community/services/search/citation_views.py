"""Completion after « # », and every page's citations filled in for its reader."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_login import current_user, login_required

from community.core.limits import limiter
from community.services.search.citations import completions, expanded
from community.services.search.views import bp

PLACE = 'class="citation" data-cite="'


@bp.get("/citations/completion")
@login_required
@limiter.limit("10 per second; 240 per minute")
def citations():
    words = request.args.get("q", "").replace("\x00", "").strip()[:80]
    return jsonify(completions(current_user, words) if len(words) >= 2 else [])


@bp.after_app_request
def fill_in_citations(response: Response) -> Response:
    """One statement for all the citations of a page, wherever they are on it; none when the page cites nothing."""
    if response.mimetype != "text/html" or response.direct_passthrough or response.is_streamed:
        return response
    page = response.get_data(as_text=True)
    if PLACE in page:
        response.set_data(expanded(current_user, page))
    return response
