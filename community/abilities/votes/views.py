"""« Utile »: give the vote and take it back."""

from flask import Blueprint, render_template
from flask_login import current_user, login_required

from community.abilities.votes.actions import unvote, vote
from community.contributions.models import Contribution
from community.contributions.permalink import url_for_item
from community.core.db import commit
from community.core.limits import limiter
from community.core.web import back, is_fragment
from community.permissions import can_vote, get_visible, require

bp = Blueprint("votes", __name__)


@bp.post("/contributions/<int:id>/vote", endpoint="vote")
@login_required
@limiter.limit("120 per hour")
def create(id: int):
    item = get_visible(Contribution, id, current_user)
    require(can_vote(current_user, item))
    vote(item, current_user)
    commit()
    return _shown(item, voted=True)


@bp.post("/contributions/<int:id>/vote/retrait", endpoint="unvote")
@login_required
def delete(id: int):
    item = get_visible(Contribution, id, current_user)
    require(can_vote(current_user, item))
    unvote(item, current_user)
    commit()
    return _shown(item, voted=False)


def _shown(item: Contribution, voted: bool):
    if is_fragment():
        return render_template("posts/_votes.html", item=item, voted=voted)
    return back(url_for_item(item))
