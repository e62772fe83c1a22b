"""The home feed, and what happens when a form was sent twice."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_login import current_user

from community.contributions.actions import AlreadyDone
from community.contributions.permalink import url_for_item, url_for_kind
from community.contributions.queries import recent_feed
from community.core import ports
from community.core.db import rollback
from community.core.web import see_other

bp = Blueprint("contributions", __name__)
bp.add_app_template_global(url_for_item)
bp.add_app_template_global(url_for_kind)


@bp.get("/")
def home():
    page = recent_feed(current_user, request.args.get("page"))
    ids = [row.id for row in page]
    return render_template(
        "contributions/home.html",
        page=page,
        labels=ports.call("labels_of", ids, default={}),
        steps=_first_steps(),
        waiting=ports.call("waiting_questions", current_user, default=()),
        active="home",
    )


def _first_steps() -> list[Any]:
    """What a new member may do first; nothing for a visitor, nor once they put it away."""
    if not current_user.is_authenticated or ports.call("first_steps_put_away", default=True):
        return []
    return ports.call("first_steps", current_user, default=[])


@bp.app_errorhandler(AlreadyDone)
def show_first(error: AlreadyDone):
    """The second sending of a form leads to what the first one created."""
    target = url_for_item(error.item)
    rollback()
    return see_other(target)
