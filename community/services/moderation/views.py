"""The moderation desk: what was reported, decided from the keyboard; what was decided is told, and may be taken back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.flags.models import FlagCase
from community.core.db import db, rollback
from community.core.errors import Conflict, Forbidden, Invalid
from community.core.vocab import label
from community.core.web import row_id, saved
from community.people.communities.models import Community
from community.permissions import can_moderate, can_open_desk, can_undo_decision, require
from community.services.moderation.around import Around, around
from community.services.moderation.choices import actions_on, places_for
from community.services.moderation.decisions import decide, undo
from community.services.moderation.forms import DecisionForm, usual
from community.services.moderation.queries import (
    case_for,
    cases_waiting,
    counts_waiting,
    decision_for,
    decisions_about,
    flags_of,
    undoable_by,
)
from community.services.moderation.vocabulary import KEYS

bp = Blueprint("moderation", __name__)


def open_desk() -> None:
    """The desk is for those who look after a community, and administrators."""
    require(can_open_desk(current_user))


@bp.get("/moderation")
@login_required
def index():
    """Reports grouped by text, oldest first, and the one that is being judged: the one asked for, else the first."""
    open_desk()
    queue = cases_waiting(current_user, request.args.get("page"))
    asked = request.args.get("dossier", type=row_id) or (queue.rows[0]["id"] if queue.rows else None)
    return case_page(queue, case_for(asked, current_user) if asked else None)


@bp.post("/moderation/dossiers/<int:id>/<action>")
@login_required
def decide_case(id: int, action: str):
    case = case_for(id, current_user)
    seen = around(case.contribution_id, case.comment_id)
    require(can_moderate(current_user, seen.item.community_id if seen.item else None, case.author_id))
    form = decision_form(action, case, seen, sent=True)
    if form is None or not form.validate_on_submit():
        return case_page(cases_waiting(current_user), case, form, 422)
    try:
        decide(case, form.wanted(_target(form, action)), current_user)
    except (Invalid, Conflict, Forbidden) as error:
        rollback()
        form.message.errors = [*form.message.errors, error.message]
        return case_page(cases_waiting(current_user), case_for(id, current_user), form, error.status)
    return saved(
        url_for("moderation.index"),
        _("%(done)s. L’auteur et les signalants sont prévenus.", done=label("moderation_done", action)),
    )


@bp.post("/moderation/decisions/<int:id>/annulation")
@login_required
def undo_decision(id: int):
    decision = decision_for(id, current_user)
    require(can_undo_decision(current_user, decision))
    undo(decision, current_user)
    return saved(
        url_for("moderation.index", dossier=decision.case_id),
        _("La décision est annulée : tout est comme avant, et le signalement attend de nouveau."),
    )


def case_page(queue: Any, case: FlagCase | None, sent: DecisionForm | None = None, status: int = 200):
    """At most 12 statements, however long the queue is."""
    seen = around(case.contribution_id, case.comment_id) if case else Around()
    forms = {}
    if case is not None and case.closed_at is None:
        forms = {action: decision_form(action, case, seen) for action in actions_on(case, seen, current_user)}
        if sent is not None:
            forms[sent.wanted_action] = sent
    page = render_template(
        "moderation/desk.html",
        queue=queue,
        case=case,
        seen=seen,
        flags=flags_of(case.id) if case else [],
        past=decisions_about(case.author_id, current_user) if case else [],
        forms_by_action=forms,
        keys=KEYS,
        undoable=undoable_by(current_user),
        counts=counts_waiting(current_user),
        entry="cases",
    )
    return page, status


def decision_form(action: str, case: FlagCase, seen: Around, sent: bool = False) -> DecisionForm | None:
    """The form of one action on this case, filled with its usual words; None when it does not apply."""
    if action not in actions_on(case, seen, current_user):
        return None
    places = places_for(seen.item, current_user) if action == "move" else []
    words = {"title": seen.item.title, "body": (seen.comment or seen.item).body} if action == "edit" else {}
    if sent:
        return DecisionForm(action, places)
    return DecisionForm(action, places, formdata=None, data=usual(action, **words))


def _target(form: DecisionForm, action: str) -> Community | None:
    if action != "move" or not form.community.data:
        return None
    return db.session.get(Community, int(form.community.data))
