"""What is done to an answer: write, edit, accept, certify, remove."""

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
    remove_post,
    restore_post,
    withdraw_acceptance,
    withdraw_certification,
)
from community.content.questions.forms import AnswerForm, CertifyForm, EditAnswerForm
from community.content.questions.models import Answer
from community.content.questions.views import bp, get_question, show_question
from community.contributions.permalink import url_for_item
from community.core.db import commit
from community.core.errors import Conflict, Invalid
from community.core.web import see_other
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
    commit()
    return see_other(url_for_item(answer))


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
    commit()
    return see_other(url_for_item(answer))


@bp.post("/reponses/<int:id>/acceptation")
@login_required
def accept(id: int):
    answer = get_answer(id)
    require(can_accept(current_user, answer))
    accept_answer(answer, current_user)
    commit()
    return see_other(url_for_item(answer))


@bp.post("/reponses/<int:id>/acceptation/retrait")
@login_required
def unaccept(id: int):
    answer = get_answer(id)
    require(can_accept(current_user, answer))
    withdraw_acceptance(answer, current_user)
    commit()
    return see_other(url_for_item(answer))


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
    target = url_for_item(answer)
    commit()
    return see_other(target)


@bp.post("/reponses/<int:id>/certification/retrait")
@login_required
def uncertify(id: int):
    answer = get_answer(id)
    require(can_withdraw_certification(current_user, answer))
    withdraw_certification(answer, current_user)
    commit()
    return see_other(url_for_item(answer))


@bp.post("/reponses/<int:id>/retrait")
@login_required
def remove_answer(id: int):
    answer = get_answer(id)
    require(can_remove(current_user, answer))
    remove_post(answer, current_user)
    place = url_for_item(answer.question, retiree=id, _anchor="reponses")
    commit()
    return see_other(place)


@bp.post("/reponses/<int:id>/retour")
@login_required
def restore_answer(id: int):
    answer = get_answer(id)
    require(can_restore(current_user, answer))
    restore_post(answer, current_user)
    commit()
    return see_other(url_for_item(answer))


def get_answer(id: int) -> Answer:
    return get_visible(Answer, id, current_user, joinedload(Answer.question))
