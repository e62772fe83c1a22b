"""The first steps can be put away; the browser remembers it, for as long as they would be shown."""

from __future__ import annotations

from flask import Blueprint, current_app, request, url_for
from flask_login import current_user, login_required

from community.core import ports
from community.core.web import see_other
from community.permissions import require
from community.services.welcome.queries import FIRST_DAYS

bp = Blueprint("welcome", __name__)
COOKIE = "premiers-pas"


@ports.provide("first_steps_put_away")
def is_put_away() -> bool:
    """Whether this member put the steps away in this browser (another who uses it still sees theirs)."""
    return request.cookies.get(COOKIE) == str(current_user.person_id)


@bp.post("/premiers-pas")
@login_required
def put_away():
    require(current_user.is_authenticated)
    response = see_other(url_for("contributions.home"))
    response.set_cookie(
        COOKIE,
        str(current_user.person_id),
        max_age=FIRST_DAYS,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SETTINGS"].secure_cookies,
    )
    return response
