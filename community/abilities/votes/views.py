"""« Utile »: give the vote and take it back."""

from flask import Blueprint
from flask_login import current_user, login_required

from community.abilities.votes.actions import unvote, vote
from community.contributions.act_views import shown_again
from community.contributions.models import Contribution
from community.core.limits import limiter
from community.permissions import can_vote, get_visible, require

bp = Blueprint("votes", __name__)


@bp.post("/contributions/<int:id>/vote", endpoint="vote")
@login_required
@limiter.limit("120 per hour")
def create(id: int):
    item = get_visible(Contribution, id, current_user)
    require(can_vote(current_user, item))
    vote(item, current_user)
    return shown_again(item, "posts/_votes.html", voted=True)


@bp.post("/contributions/<int:id>/vote/retrait", endpoint="unvote")
@login_required
def delete(id: int):
    item = get_visible(Contribution, id, current_user)
    require(can_vote(current_user, item))
    unvote(item, current_user)
    return shown_again(item, "posts/_votes.html", voted=False)
