"""What is done to an answer: write, edit, certify; and, by one button, accept, remove, take back."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy.orm import joinedload

from community.abilities.drafts.actions import draft_for, drop_draft
from community.content.questions.actions import (
    accept_answer,
    answer_question,
    certify_answer,
    edit_answer,
    withdraw_acceptance,
    withdraw_certification,
)
from community.content.questions.forms import AnswerForm, CertifyForm, EditAnswerForm
from community.content.questions.models import Answer
from community.content.questions.views import bp, get_question, show_question
from community.contributions.act_views import add_act
from community.contributions.actions import remove, restore
from community.contributions.permalink import url_for_item
from community.core.errors import Conflict, Invalid
from community.core.web import saved
from community.permissions import (
    can_accept,
    can_answer,
    can_certify,
    can_edit,
    can_remove,
    can_restore,
    can_withdraw_certification,
    get_visible,
    require,
)


@bp.post("/questions/<int:id>/reponses")
@login_required
def create_answer(id: int):
    question = get_question(id)
    form = AnswerForm().at(question)
    if question.closed_at:
        form.body.errors = [
            _("Cette question a été fermée pendant que vous écriviez. Votre texte est intact : copiez-le.")
        ]
        return show_question(question, form, 409)
    require(can_answer(current_user, question))
    if not form.validate():
        return show_question(question, form, 422)
    answer = answer_question(question, current_user, form.body.data, form.once.data)
    drop_draft(current_user, f"answer:{id}")
    return saved(url_for_item(answer))


@bp.route("/reponses/<int:id>/modifier", methods=["GET", "POST"])
@login_required
def update_answer(id: int):
    answer = get_answer(id)
    require(can_edit(current_user, answer))
    form = EditAnswerForm(body=answer.body, revision=answer.revisions_count).at(answer)
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        if request.method == "GET":
            form.take(draft_for(current_user, f"contribution:{id}:edit"))
        return render_template("questions/edit_answer.html", answer=answer, form=form, active="questions"), status
    try:
        edit_answer(answer, current_user, form.revision.data, form.body.data, form.note.data or "")
    except (Conflict, Invalid) as refused:
        form.body.errors = [refused.message]
        page = {"answer": answer, "form": form, "conflict": isinstance(refused, Conflict), "active": "questions"}
        return render_template("questions/edit_answer.html", **page), refused.status
    drop_draft(current_user, f"contribution:{id}:edit")
    return saved(url_for_item(answer))


@bp.route("/reponses/<int:id>/certification", methods=["GET", "POST"])
@login_required
def certify(id: int):
    """GET shows the form alone, for those who want to say until when they vouch for the answer."""
    answer = get_answer(id)
    require(can_certify(current_user, answer))
    form = CertifyForm()
    page = {"answer": answer, "form": form, "active": "questions"}
    if not form.validate_on_submit():
        return render_template("questions/certify.html", **page), 422 if request.method == "POST" else 200
    try:
        certify_answer(answer, current_user, form.until.data)
    except Invalid as error:
        form.until.errors = [error.message]
        return render_template("questions/certify.html", **page), 422
    return saved(url_for_item(answer))


def get_answer(id: int) -> Answer:
    return get_visible(Answer, id, current_user, joinedload(Answer.question))


def _after_removal(answer: Answer) -> str:
    """The thread, which offers to bring the answer back."""
    return url_for_item(answer.question, retiree=answer.id, _anchor="reponses")


add_act(bp, "/reponses/<int:id>/acceptation", "accept", get_answer, can_accept, accept_answer)
add_act(bp, "/reponses/<int:id>/acceptation/retrait", "unaccept", get_answer, can_accept, withdraw_acceptance)
add_act(
    bp, "/reponses/<int:id>/certification/retrait", "uncertify", get_answer, can_withdraw_certification,
    withdraw_certification,
)  # fmt: skip
add_act(bp, "/reponses/<int:id>/retrait", "remove_answer", get_answer, can_remove, remove, _after_removal)
add_act(bp, "/reponses/<int:id>/retour", "restore_answer", get_answer, can_restore, restore)
