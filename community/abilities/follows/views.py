"""Follow a page and stop following it."""

from flask import Blueprint, render_template
from flask_login import current_user, login_required

from community.abilities.follows.actions import follow, unfollow
from community.contributions.models import Contribution
from community.contributions.permalink import url_for_item
from community.core.db import commit
from community.core.web import back, is_fragment
from community.permissions import can_follow, get_visible, require

bp = Blueprint("follows", __name__)


@bp.post("/contributions/<int:id>/suivi", endpoint="follow")
@login_required
def create(id: int):
    item = get_visible(Contribution, id, current_user)
    require(can_follow(current_user, item))
    follow(item, current_user)
    commit()
    return _shown(item, followed=True)


@bp.post("/contributions/<int:id>/suivi/retrait", endpoint="unfollow")
@login_required
def delete(id: int):
    item = get_visible(Contribution, id, current_user)
    unfollow(item, current_user)
    commit()
    return _shown(item, followed=False)


def _shown(item: Contribution, followed: bool):
    if is_fragment():
        return render_template("posts/_follow.html", item=item, followed=followed)
    return back(url_for_item(item))
