"""Completion in the search box, and in it only: nothing is kept, an answer that nobody waits for costs one query."""

from __future__ import annotations

from dataclasses import asdict

from flask import jsonify, request
from flask_login import current_user

from community.core.limits import limiter
from community.services.search.completion import proposals
from community.services.search.views import bp


@bp.get("/recherche/completion")
@limiter.limit("10 per second")
def complete():
    """Lines for what is being typed: [{title, kind, url, text}], those of one kind together."""
    text = request.args.get("q", "").replace("\x00", "")[:200]
    return jsonify([asdict(line) for line in proposals(current_user, text)])
