"""Decisions as the person concerned reads them, contesting one, and the desk where others answer."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.db import commit, db
from community.core.errors import NotFound
from community.core.limits import limiter
from community.core.web import row_id, saved, see_other
from community.permissions import can_appeal, can_decide_appeal, require
from community.services.moderation.appeals import appeal as make_appeal
from community.services.moderation.appeals import settle_appeal
from community.services.moderation.around import around
from community.services.moderation.decided import appeal_of, my_decisions, text_and_title
from community.services.moderation.forms import AnswerForm, AppealForm
from community.services.moderation.models import Appeal, Decision
from community.services.moderation.notices import notice_on
from community.services.moderation.queries import appeal_for, appeals_waiting, counts_waiting, flags_of, is_alone
from community.services.moderation.views import bp, open_desk


@bp.get("/decisions")
@login_required
def mine():
    return render_template("moderation/mine.html", page=my_decisions(current_user, request.args.get("page")))


@bp.get("/decisions/<int:id>")
@login_required
def decision(id: int):
    return decision_page(_mine(id), AppealForm(formdata=None))


@bp.post("/decisions/<int:id>/contestation")
@login_required
@limiter.limit("20 per hour")
def contest(id: int):
    row = _mine(id)
    form = AppealForm()
    if appeal_of(id) is not None:
        return see_other(url_for("moderation.decision", id=id))
    require(can_appeal(current_user, row), _("Cette décision est déjà annulée."))
    if not form.validate_on_submit():
        return decision_page(row, form, 422)
    make_appeal(row, form.words.data)
    alone = is_alone(row)
    commit()
    another = _("Votre contestation est transmise à une autre personne que celle qui a décidé.")
    flash(_("Votre contestation est transmise.") if alone else another, "good")
    return see_other(url_for("moderation.decision", id=id))


@bp.get("/moderation/contestations")
@login_required
def appeals():
    open_desk()
    queue = appeals_waiting(current_user, request.args.get("page"))
    asked = request.args.get("contestation", type=row_id) or (queue.rows[0].id if queue.rows else None)
    return appeal_page(queue, appeal_for(asked, current_user) if asked else None)


@bp.post("/moderation/contestations/<int:id>/<any(upheld,reversed):state>")
@login_required
def answer_appeal(id: int, state: str):
    row = appeal_for(id, current_user)
    require(can_decide_appeal(current_user, row.decision, is_alone(row.decision)))
    form = AnswerForm(prefix=f"{state}-")
    if not form.validate_on_submit():
        return appeal_page(appeals_waiting(current_user), row, {state: form}, 422)
    settle_appeal(row, current_user, state, form.answer.data)
    return saved(url_for("moderation.appeals"), _("Votre réponse est envoyée ; elle est définitive."))


def decision_page(row: Decision, form: AppealForm, status: int = 200):
    title, html, community_name = text_and_title(row, current_user)
    page = render_template(
        "moderation/decision.html",
        decision=row,
        title=title,
        html=html,
        community_name=community_name,
        appeal=appeal_of(row.id),
        alone=is_alone(row),
        form=form,
    )
    return page, status


def appeal_page(queue: Any, row: Appeal | None, sent: dict[str, AnswerForm] | None = None, status: int = 200):
    answers = {state: AnswerForm(prefix=f"{state}-", formdata=None) for state in ("upheld", "reversed")}
    decided = row.decision if row else None
    page = render_template(
        "moderation/appeals.html",
        queue=queue,
        appeal=row,
        seen=around(decided.contribution_id if decided else None, decided.comment_id if decided else None),
        flags=flags_of(decided.case_id) if decided and decided.case_id else [],
        answers=answers | (sent or {}),
        counts=counts_waiting(current_user),
        entry="appeals",
    )
    return page, status


def _mine(id: int) -> Decision:
    row = db.session.get(Decision, id)
    if row is None or not current_user.owns(row.member_id) or row.action == "keep":
        raise NotFound()
    return row


@bp.app_template_global()
def moderation_notice(contribution_id: int, comment_id: int | None = None):
    """Why a text of one's own is not published: asked by pages only for texts that are not."""
    return notice_on(contribution_id, comment_id)
