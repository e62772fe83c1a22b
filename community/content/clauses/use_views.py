"""What became of a clause in real contracts, and what to do when an article of the code changes."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.content.clauses.articles import check_done, declare_change, progress, work_left
from community.content.clauses.feedback import my_sheets, tell_use, uses_of
from community.content.clauses.forms import ArticleForm, UseForm
from community.content.clauses.models import ArticleCheck
from community.content.clauses.views import bp, get_clause
from community.contributions.models import Contribution
from community.core.db import db
from community.core.errors import NotFound
from community.core.limits import limiter
from community.core.web import saved
from community.permissions import (
    can_declare_article_change,
    can_review_clauses,
    can_tell_use,
    get_visible,
    require,
)


@bp.get("/clauses/<int:id>-<slug>/usages")
def uses(id: int, slug: str):
    clause = get_clause(id)
    return render_template(
        "clauses/uses.html", clause=clause, uses=uses_of(id, current_user), form=None, active="clauses"
    )


@bp.route("/clauses/<int:id>-<slug>/usage", methods=["GET", "POST"])
@login_required
@limiter.limit("30 per hour", methods=["POST"])
def use(id: int, slug: str):
    clause = get_clause(id)
    require(can_tell_use(current_user, clause))
    form = UseForm(my_sheets(current_user))
    if not form.validate_on_submit():
        page = {"clause": clause, "uses": uses_of(id, current_user), "form": form, "active": "clauses"}
        return render_template("clauses/uses.html", **page), 422 if request.method == "POST" else 200
    told = {name: form[name].data or "" for name in ("outcome", "context", "result")}
    sheet_id = int(form.sheet.data) if form.sheet.data else None
    tell_use(
        clause,
        current_user,
        clause.current_number,
        form.once.data,
        adapted=form.adapted.data,
        sheet_id=sheet_id,
        **told,
    )
    return saved(url_for("clauses.show", id=id, slug=clause.slug, _anchor="usages"), _("Merci : c’est noté."))


@bp.route("/clauses/articles", methods=["GET", "POST"])
@login_required
def articles():
    """Declare that an article changed, and the list of what is to be read again."""
    require(can_declare_article_change(current_user))
    form = ArticleForm()
    if form.validate_on_submit():
        declare_change(current_user, form.article.data, form.note.data or "")
        return saved(url_for("clauses.articles"))
    page = {"work": work_left(current_user), "progress": progress(current_user), "form": form, "active": "clauses"}
    return render_template("clauses/articles.html", **page), 422 if request.method == "POST" else 200


@bp.post("/clauses/articles/<int:change_id>/<int:id>/verification")
@login_required
def check_article(change_id: int, id: int):
    item = get_visible(Contribution, id, current_user)
    require(can_review_clauses(current_user, item.community_id))
    check = db.session.get(ArticleCheck, (change_id, id))
    if check is None:
        raise NotFound()
    check_done(check, current_user)
    return saved(url_for("clauses.articles"))
