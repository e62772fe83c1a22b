"""« Pertinente », « Hors sujet », and linking by hand."""

from __future__ import annotations

import re

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from community.abilities.links.actions import add_link, judge_link, withdraw_judgement
from community.abilities.links.models import Link
from community.abilities.links.queries import links_of
from community.contributions.models import Contribution
from community.contributions.permalink import url_for_item
from community.core.db import commit, db
from community.core.errors import Invalid, NotFound
from community.core.limits import limiter
from community.core.web import is_fragment, saved, see_other
from community.permissions import can_add_link, can_judge_links, get_visible, require, visible_to

bp = Blueprint("links", __name__)


@bp.post("/liens/<int:id>/pertinence")
@login_required
def confirm(id: int):
    return _judge(id, "confirmed")


@bp.post("/liens/<int:id>/rejet")
@login_required
def reject(id: int):
    return _judge(id, "rejected")


@bp.post("/liens/<int:id>/avis/retrait")
@login_required
def withdraw(id: int):
    link, source = _get(id)
    require(can_judge_links(current_user, source))
    withdraw_judgement(link, current_user)
    commit()
    return _shown(source)


@bp.route("/contributions/<int:id>/liens", methods=["GET", "POST"])
@login_required
@limiter.limit("60 per hour", methods=["POST"])
def create(id: int):
    """Link a page by its address or number (a form of its own, for the rail's « Ajouter un lien »)."""
    source = get_visible(Contribution, id, current_user)
    require(can_add_link(current_user, source))
    typed = request.form.get("target", "").strip()[:300]
    if request.method == "GET":
        return render_template("links/new.html", item=source, typed="", error=None)
    try:
        target = get_visible(Contribution, _id_in(typed), current_user)
        add_link(source, target, current_user, request.form.get("note", "").strip()[:120])
    except (Invalid, NotFound) as error:
        return render_template("links/new.html", item=source, typed=typed, error=error.message), 422
    return saved(url_for_item(source))


def _judge(id: int, verdict: str):
    link, source = _get(id)
    require(can_judge_links(current_user, source))
    judge_link(link, current_user, verdict)
    commit()
    return _shown(source, id if verdict == "rejected" else None)


def _shown(source: Contribution, rejected: int | None = None):
    """The rail as it is now; what was just rejected can be taken back from there."""
    if is_fragment():
        links = links_of(source, current_user)
        return render_template("links/_rail.html", item=source, links=links, rejected=rejected)
    return see_other(url_for_item(source, ecarte=rejected) if rejected else url_for_item(source))


def _get(id: int) -> tuple[Link, Contribution]:
    """A link exists for whoever may see both its ends."""
    ends = (aliased(Contribution, flat=True), aliased(Contribution, flat=True))
    keys = (Link.source_id, Link.target_id)
    seen = [exists().where(end.id == key, visible_to(current_user, end)) for end, key in zip(ends, keys, strict=True)]
    link = db.session.scalars(select(Link).where(Link.id == id, *seen)).one_or_none()
    if link is None:
        raise NotFound()
    get_visible(Contribution, link.target_id, current_user)
    return link, get_visible(Contribution, link.source_id, current_user)


def _id_in(text: str) -> int:
    """The number in « 12 » or in an address of this site (/fiches/12-…)."""
    found = re.search(r"/(?:questions|fiches|clauses|documents)/(\d{1,9})|^#?(\d{1,9})$", text)
    if not found:
        raise Invalid(_("L’adresse n’est pas celle d’une page de ce site."))
    return int(found.group(1) or found.group(2))
