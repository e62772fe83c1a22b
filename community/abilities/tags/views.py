"""Tags: the list of those one may know, one tag's page, and completion while typing."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask_login import current_user, login_required

from community.abilities.revisions.actions import tag_contribution
from community.abilities.tags.actions import parse_tags
from community.abilities.tags.forms import TagForm
from community.abilities.tags.models import Tag
from community.abilities.tags.queries import labels_of, seen_tags, tagged, tags_starting
from community.contributions.models import Contribution
from community.contributions.permalink import url_for_item
from community.contributions.queries import BY_ACTIVITY, cards
from community.core.db import db
from community.core.errors import NotFound
from community.core.limits import limiter
from community.core.paging import paginate
from community.core.web import saved
from community.permissions import can_tag, get_visible, require

bp = Blueprint("tags", __name__)


@bp.get("/etiquettes")
def index():
    tags = list(db.session.execute(seen_tags(current_user).order_by(Tag.label).limit(500)))
    return render_template("tags/index.html", tags=tags, active="tags")


@bp.get("/etiquettes/<slug>")
def show(slug: str):
    tag = db.session.execute(seen_tags(current_user).where(Tag.slug == slug)).one_or_none()
    if tag is None:
        raise NotFound()
    page = paginate(cards(current_user).where(tagged(slug)), BY_ACTIVITY, request.args.get("page"))
    labels = labels_of([row.id for row in page])
    return render_template("tags/show.html", tag=tag, page=page, labels=labels, active="tags")


@bp.route("/contributions/<int:id>/etiquettes", methods=["GET", "POST"])
@login_required
def edit(id: int):
    """File somebody else's contribution under the words that will make it found: experts and moderators."""
    item = get_visible(Contribution, id, current_user)
    require(can_tag(current_user, item))
    labels = labels_of([id])[id]
    form = TagForm(tags=", ".join(label for _slug, label in labels.tags))
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("tags/edit.html", item=item, form=form, active="tags"), status
    tag_contribution(item, current_user, parse_tags(form.tags.data or ""))
    return saved(url_for_item(item))


@bp.get("/etiquettes/completion")
@limiter.limit("10 per second")
def complete():
    rows = tags_starting(current_user, request.args.get("q", "")[:60])
    return jsonify([{"slug": row.slug, "label": row.label, "detail": row.description} for row in rows])
