"""Searches that one follows: the list, following, stopping."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.limits import limiter
from community.core.web import saved
from community.permissions import can_follow_search, require
from community.services.search.following import follow_search, followed_searches, unfollow_search
from community.services.search.results import FACETS, Query, words_of_filters
from community.services.search.views import bp


@bp.get("/recherche/suivies")
@login_required
def followed():
    rows = [(row, Query.from_kept(row.words, row.filters)) for row in followed_searches(current_user)]
    words = words_of_filters(current_user, [query for _row, query in rows])
    return render_template("search/followed.html", rows=rows, words=words, facets=FACETS, active="search")


@bp.post("/recherche/suivies")
@login_required
@limiter.limit("20 per 5 minutes")
def follow():
    """Follow the search whose words and filters are sent."""
    require(can_follow_search(current_user))
    query = Query.from_args(request.form)
    follow_search(current_user, query)
    return saved(
        url_for("search.results", **query.address()),
        _("Une notification vous dira quand un nouveau contenu répond à cette recherche."),
    )


@bp.post("/recherche/suivies/<int:id>/retrait")
@login_required
def unfollow(id: int):
    require(can_follow_search(current_user))
    unfollow_search(current_user, id)
    return saved(url_for("search.followed"), _("Vous ne suivez plus cette recherche."))
