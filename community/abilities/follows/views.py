"""Follow a page and stop following it."""

from flask import Blueprint
from flask_login import current_user, login_required

from community.abilities.follows.actions import follow, unfollow
from community.contributions.act_views import shown_again
from community.contributions.models import Contribution
from community.permissions import can_follow, get_visible, require

bp = Blueprint("follows", __name__)


@bp.post("/contributions/<int:id>/suivi", endpoint="follow")
@login_required
def create(id: int):
    item = get_visible(Contribution, id, current_user)
    require(can_follow(current_user, item))
    follow(item, current_user)
    return shown_again(item, "posts/_follow.html", followed=True)


@bp.post("/contributions/<int:id>/suivi/retrait", endpoint="unfollow")
@login_required
def delete(id: int):
    item = get_visible(Contribution, id, current_user)
    unfollow(item, current_user)
    return shown_again(item, "posts/_follow.html", followed=False)
