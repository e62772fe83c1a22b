"""Silence and ban in a community, for its moderators; suspension of an account, for administrators."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.db import db
from community.core.errors import Conflict, NotFound
from community.core.web import saved
from community.people.accounts.models import Member
from community.people.communities.forms import SanctionForm, SuspensionForm
from community.people.communities.models import Community
from community.people.communities.sanctions import (
    ban_from,
    current_sanctions,
    get_sanction,
    lift,
    silence_in,
    suspend_member,
)
from community.people.communities.views import bp, get_community
from community.permissions import can_administer, can_lift_sanction, can_sanction_in, can_suspend, require


@bp.get("/communautes/<slug>/mesures")
@login_required
def sanctions(slug: str):
    community = get_community(slug)
    require(can_sanction_in(current_user, community))
    rows = current_sanctions(community.id)
    return render_template("communities/sanctions.html", community=community, rows=rows, active="communities")


@bp.route("/communautes/<slug>/membres/<int(signed=True):id>/mesure", methods=["GET", "POST"])
@login_required
def sanction(slug: str, id: int):
    """Silence or ban somebody, whom moderators may know by a pseudonym only."""
    community = get_community(slug)
    require(can_sanction_in(current_user, community) and not current_user.owns(id))
    member, form = _somebody(id), SanctionForm()
    page = {"community": community, "member": member, "form": form, "active": "communities"}
    if not form.validate_on_submit():
        return render_template("communities/sanction.html", **page), 422 if request.method == "POST" else 200
    try:
        _decide(community, id, form)
    except Conflict as conflict:
        form.kind.errors = [conflict.message]
        return render_template("communities/sanction.html", **page), 409
    return saved(
        url_for("communities.sanctions", slug=slug), _("La mesure est prise, et la personne prévenue par courriel.")
    )


@bp.post("/communautes/<slug>/mesures/<int:id>/levee")
@login_required
def lift_sanction(slug: str, id: int):
    community = get_community(slug)
    sanction = get_sanction(id)
    if sanction.community_id != community.id:
        raise NotFound()
    require(can_lift_sanction(current_user, sanction))
    lift(sanction, current_user)
    return saved(url_for("communities.sanctions", slug=slug), _("La mesure est levée, et la personne prévenue."))


@bp.get("/admin/suspensions")
@login_required
def suspensions():
    _administrators_only()
    rows = current_sanctions(None)
    return render_template("communities/suspensions.html", rows=rows, entry="suspensions")


@bp.route("/membres/<int(signed=True):id>/suspension", methods=["GET", "POST"])
@login_required
def suspend(id: int):
    _administrators_only()
    member, form = _somebody(id), SuspensionForm()
    require(can_suspend(current_user, member))
    page = {"member": member, "form": form, "entry": "suspensions"}
    if not form.validate_on_submit():
        return render_template("communities/suspend.html", **page), 422 if request.method == "POST" else 200
    try:
        suspend_member(id, form.end(), form.reason.data, current_user)
    except Conflict as conflict:
        form.reason.errors = [conflict.message]
        return render_template("communities/suspend.html", **page), 409
    return saved(url_for("communities.suspensions"), _("Le compte est suspendu, et la personne prévenue par courriel."))


@bp.post("/admin/suspensions/<int:id>/levee")
@login_required
def lift_suspended(id: int):
    _administrators_only()
    sanction = get_sanction(id)
    if sanction.kind != "suspension":
        raise NotFound()
    require(can_lift_sanction(current_user, sanction))
    lift(sanction, current_user)
    return saved(url_for("communities.suspensions"), _("La suspension est levée, et la personne prévenue."))


def _decide(community: Community, id: int, form: SanctionForm) -> None:
    if form.kind.data == "ban":
        ban_from(community, id, form.reason.data, current_user, form.end())
    else:
        silence_in(community, id, form.end(), form.reason.data, current_user)


def _somebody(id: int) -> Any:
    """A member that may be sanctioned: an account that came in, or a pseudonym."""
    member = db.session.get(Member, id)
    if member is None or member.state not in ("active", "suspended", "pseudonym"):
        raise NotFound()
    return member


def _administrators_only() -> None:
    """To anybody else these pages do not exist."""
    if not can_administer(current_user):
        raise NotFound()
