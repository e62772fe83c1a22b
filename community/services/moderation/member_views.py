"""A member as moderators see them: what was published and decided, and the sweep that takes it all away."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.clock import now
from community.core.db import commit, db
from community.core.errors import NotFound
from community.core.web import see_other
from community.people.accounts.models import Member
from community.permissions import can_open_desk, can_sweep, require
from community.services.moderation.forms import SweepForm
from community.services.moderation.models import Sweep
from community.services.moderation.profiles import figures_of
from community.services.moderation.queries import counts_waiting, decisions_about
from community.services.moderation.sweeps import may_undo, sweep, sweeps_of, undo_sweep
from community.services.moderation.views import bp


@bp.get("/membres/<int:id>/moderation")
@login_required
def member(id: int):
    return member_page(_member(id))


@bp.post("/membres/<int:id>/moderation", endpoint="sweep")
@login_required
def take_all(id: int):
    person = _member(id)
    require(can_sweep(current_user, person))
    form = SweepForm()
    if not form.validate_on_submit():
        return member_page(person, form, 422)
    suspend = bool(form.suspend.data) and current_user.is_administrator
    sweep(person, current_user, _since(form), form.reason.data, suspend)
    commit()
    flash(_("Tout est retiré. Pendant une heure, « Tout remettre » revient en arrière."), "good")
    return see_other(url_for("moderation.member", id=id))


@bp.post("/moderation/nettoyages/<int:id>/annulation")
@login_required
def unsweep(id: int):
    row = db.session.get(Sweep, id) if can_open_desk(current_user) else None
    person = db.session.get(Member, row.member_id) if row else None
    if row is None or person is None:
        raise NotFound()
    if row.by_id != current_user.id and not current_user.is_administrator:
        raise NotFound()
    require(can_sweep(current_user, person))
    undo_sweep(row, current_user)
    commit()
    flash(_("Tout est remis comme avant."), "good")
    return see_other(url_for("moderation.member", id=person.id))


def member_page(person: Member, form: SweepForm | None = None, status: int = 200):
    allowed = can_sweep(current_user, person)
    sweeps = sweeps_of(person.id)
    page = render_template(
        "moderation/member.html",
        member=person,
        figures=figures_of(person.id, current_user),
        past=decisions_about(person.id, current_user),
        sweeps=[row for row in sweeps if row.by_id == current_user.id or current_user.is_administrator],
        may_undo=may_undo,
        form=(form or SweepForm(formdata=None)) if allowed else None,
        counts=counts_waiting(current_user),
        entry="",
    )
    return page, status


def _member(id: int) -> Member:
    """A member who exists, for those who moderate somewhere; else NotFound."""
    person = db.session.get(Member, id) if can_open_desk(current_user) else None
    if person is None:
        raise NotFound()
    return person


def _since(form: SweepForm) -> datetime | None:
    hours = int(form.since.data)
    return now() - timedelta(hours=hours) if hours else None
