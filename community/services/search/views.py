"""The results page, completion in the search box, and what is close to a text being written."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask_login import current_user, login_required

from community.contributions.kinds import pages
from community.core import ports
from community.core.jobs import ask
from community.core.limits import limiter
from community.permissions import reader_tokens
from community.services.search import ranking  # noqa: F401 - provides the order that lists ask for
from community.services.search.index import index, reader
from community.services.search.results import Query, confirmed, hit_address, kinds_of, periods, search
from community.services.search.state import state_of
from search_index.backend import SearchUnavailable
from search_index.query import KINDS, parse

bp = Blueprint("search", __name__)
bp.add_app_template_global(hit_address)


@bp.record_once
def say_whether_search_answers(state: Any) -> None:
    """Readiness asks the index itself, whether or not this process has already searched."""
    state.app.extensions["search_healthy"] = lambda: index().healthy()


@bp.record_once
def name_kinds(_state: Any) -> None:
    """« type:fiche » is read with the words that each kind declares."""
    KINDS.update({word: kind for kind, model in pages().items() for word in model.words})


@bp.get("/recherche")
@limiter.limit("5 per second; 120 per minute")
def results():
    query = Query.from_args(request.args)
    version, followed = state_of(current_user, query)
    try:
        answer = search(current_user, query, version)
    except SearchUnavailable:
        current_app.logger.warning("search unavailable")
        return render_template("search/unavailable.html", query=query, active="search"), 503
    if answer.is_miss and query.text and not query.is_narrowed and not parse(query.text).narrows():
        ask("search_miss", query.text[:200])
    return render_template(
        "search/results.html",
        query=query,
        answer=answer,
        kinds=kinds_of(current_user),
        followed=followed,
        periods=periods(),
        active="search",
    )


@bp.get("/questions/proches")
@login_required
@limiter.limit("10 per second")
def close():
    """Close questions, sheets and documents for a text being written (an HTML fragment, empty when there are none)."""
    title, body = request.args.get("title", "")[:300], request.args.get("body", "")[:4000]
    return render_template("questions/_close.html", suggestions=close_content(current_user, title, body))


@ports.provide("close_content")
def close_content(user: Any, title: str, body: str = "") -> list[tuple[Any, list[Any]]]:
    """A few pages of each kind close to a text, under the words of the kind, with the reason why, as this person may see them."""
    if len(title.strip()) + len(body.strip()) < 8:
        return []
    found: list[tuple[Any, list[Any]]] = []
    try:
        for kind, model in pages().items():
            if model.close:
                hits = reader().related(title, body, kinds=(kind,), readers=reader_tokens(user), limit=model.close)
                found.append((model.menu or model.plural, confirmed(user, hits)))
    except SearchUnavailable:
        return []
    return [(words, hits) for words, hits in found if hits]
