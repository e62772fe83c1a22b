"""Speaking safely: the day on which a question is published, and the seal on who asked."""

from __future__ import annotations

from flask import flash, make_response, render_template, request
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.content.questions.discretion import open_seal
from community.content.questions.embargo import change_day, publish_now
from community.content.questions.forms import EmbargoForm, SealForm
from community.content.questions.views import bp, get_question
from community.contributions.permalink import url_for_item
from community.core.db import commit
from community.core.limits import limiter
from community.core.web import saved
from community.permissions import can_change_embargo, can_open_seal, can_post_in, require


@bp.route("/questions/<int:id>/embargo", methods=["GET", "POST"])
@login_required
def change_embargo(id: int):
    """Choose another day for a question that is not out."""
    question = get_question(id)
    require(can_change_embargo(current_user, question))
    form = EmbargoForm(obj=question)
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("questions/embargo.html", question=question, form=form, active="questions"), status
    change_day(question, form.embargo.data)
    return saved(url_for_item(question))


@bp.post("/questions/<int:id>/embargo/fin")
@login_required
def end_embargo(id: int):
    """Publish an embargoed question at once; sending it again shows the question."""
    question = get_question(id)
    require(can_change_embargo(current_user, question) or current_user.owns(question.author_id))
    require(question.is_published or can_post_in(current_user, question.community))
    target = url_for_item(question)
    if question.embargo is not None and publish_now(question, current_user):
        flash(_("La question est publiée."), "success")
    return saved(target)


@bp.route("/questions/<int:id>/sceau", methods=["GET", "POST"])
@login_required
@limiter.limit("20 per hour", methods=["POST"])
def seal(id: int):
    """GET asks why. POST shows who asked, on the page that answers it and nowhere else; the author is told at once."""
    question = get_question(id)
    require(can_open_seal(current_user, question))
    form = SealForm()
    page = {"question": question, "form": form, "active": "questions"}
    if not form.validate_on_submit():
        return render_template("questions/seal.html", person=None, **page), 422 if request.method == "POST" else 200
    page["person"] = open_seal(question, current_user, form.reason.data)
    shown = make_response(render_template("questions/seal.html", **page))
    shown.headers["Cache-Control"] = "no-store"
    commit()
    return shown
