"""The history of a contribution: every revision with its word-level differences, and putting one back."""

from __future__ import annotations

from itertools import pairwise

from flask import Blueprint, render_template
from flask_login import current_user, login_required

from community.abilities.revisions.actions import restore_revision
from community.abilities.revisions.queries import history, revision
from community.contributions.models import Contribution
from community.contributions.permalink import url_for_item
from community.core.diff import field_changes
from community.core.web import saved
from community.permissions import can_edit, get_visible, require

bp = Blueprint("revisions", __name__)
SHOWN = 20


@bp.get("/contributions/<int:id>/historique")
def index(id: int):
    item = get_visible(Contribution, id, current_user)
    revisions = history(id)
    changes = {newer.number: field_changes(older.data, newer.data) for newer, older in pairwise(revisions[: SHOWN + 1])}
    page = {"item": item, "revisions": revisions, "changes": changes, "may_restore": can_edit(current_user, item)}
    return render_template("revisions/index.html", **page)


@bp.post("/contributions/<int:id>/historique/<int:number>/retablissement")
@login_required
def restore(id: int, number: int):
    item = get_visible(Contribution, id, current_user)
    require(can_edit(current_user, item))
    restore_revision(item, revision(id, number), current_user)
    return saved(url_for_item(item))
