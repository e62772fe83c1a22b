"""Comment any contribution; correct, remove and bring back one's comment."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user, login_required

from community.abilities.comments.actions import comment_on, edit_comment, remove_comment, restore_comment
from community.abilities.comments.forms import CommentForm
from community.abilities.comments.models import Comment
from community.abilities.comments.queries import comment_seen
from community.abilities.drafts.actions import draft_for, drop_draft
from community.contributions.models import Contribution
from community.contributions.permalink import url_for_item
from community.core.db import commit
from community.core.errors import Invalid, NotFound
from community.core.limits import limiter
from community.core.web import saved
from community.permissions import can_comment, can_edit_comment, can_remove_comment, get_visible, require

bp = Blueprint("comments", __name__)


@bp.route("/contributions/<int:id>/commentaires", methods=["GET", "POST"])
@login_required
@limiter.limit("60 per hour", methods=["POST"])
def create(id: int):
    """GET shows the form alone (without JavaScript, and where a page has no room for it)."""
    item = get_visible(Contribution, id, current_user)
    require(can_comment(current_user, item))
    form = CommentForm().at(item)
    if request.method == "GET":
        form.take(draft_for(current_user, f"comment:{id}"))
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("comments/form.html", item=item, form=form, comment=None), status
    comment = comment_on(item, current_user, form.body.data, form.once.data)
    drop_draft(current_user, f"comment:{id}")
    return saved(_place(item, comment))


@bp.route("/commentaires/<int:id>/modifier", methods=["GET", "POST"])
@login_required
def update(id: int):
    comment, item = _get(id)
    require(can_edit_comment(current_user, comment, item))
    form = CommentForm(obj=comment).at(item)
    if request.method == "GET":
        form.take(draft_for(current_user, f"comment:{id}:edit"))
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("comments/form.html", item=item, form=form, comment=comment), status
    try:
        edit_comment(comment, item, current_user, form.body.data)
    except Invalid as refused:
        form.body.errors = [refused.message]
        return render_template("comments/form.html", item=item, form=form, comment=comment), refused.status
    drop_draft(current_user, f"comment:{id}:edit")
    return saved(_place(item, comment))


@bp.post("/commentaires/<int:id>/retrait")
@login_required
def remove(id: int):
    comment, item = _get(id)
    require(can_remove_comment(current_user, comment, item))
    remove_comment(comment, item, current_user)
    commit()
    return render_template("comments/removed.html", item=item, comment=comment, target=url_for_item(item))


@bp.post("/commentaires/<int:id>/retour")
@login_required
def restore(id: int):
    comment, item = _get(id)
    require(can_remove_comment(current_user, comment, item) and current_user.owns(comment.removed_by_id))
    restore_comment(comment, item, current_user)
    return saved(_place(item, comment))


def _get(id: int) -> tuple[Comment, Contribution]:
    """A comment exists for whoever may see what it hangs on; once removed, for whoever removed it."""
    comment = comment_seen(id, current_user)
    if comment is None or (comment.removed_at is not None and not current_user.owns(comment.removed_by_id)):
        raise NotFound()
    return comment, get_visible(Contribution, comment.contribution_id, current_user)


def _place(item: Contribution, comment: Comment) -> str:
    return url_for_item(item).partition("#")[0] + f"#c{comment.id}"


@bp.app_template_global()
def comment_form_url(id: int) -> str:
    return url_for("comments.create", id=id)
