"""A member as moderators see them: what was published and decided, and the sweep that takes it all away."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import make_response, render_template, url_for
from flask_login import current_user, login_required

from community.core.clock import now
from community.core.db import commit, db
from community.core.errors import NotFound
from community.core.jobs import ask
from community.core.web import see_other
from community.people.accounts.models import Member
from community.permissions import can_open_desk, can_sweep, require
from community.services.moderation.forms import SweepForm
from community.services.moderation.models import Sweep
from community.services.moderation.profiles import figures_of
from community.services.moderation.queries import counts_waiting, decisions_about
from community.services.moderation.sweeps import UNDER_WAY, begin_sweep, done_so_far, may_undo, sweeps_of, undo_sweep
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
    begin_sweep(person, current_user, _since(form), form.reason.data, suspend)
    commit()
    ask("sweeps")
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
    ask("sweeps")
    return see_other(url_for("moderation.member", id=person.id))


def member_page(person: Member, form: SweepForm | None = None, status: int = 200):
    """While a sweep is being done, the page comes back by itself every three seconds and offers no other one."""
    sweeps = [row for row in sweeps_of(person.id) if row.by_id == current_user.id or current_user.is_administrator]
    under_way = any(row.state in UNDER_WAY for row in sweeps)
    allowed = can_sweep(current_user, person) and not under_way
    page = render_template(
        "moderation/member.html",
        member=person,
        figures=figures_of(person.id, current_user),
        past=decisions_about(person.id, current_user),
        sweeps=sweeps,
        may_undo=may_undo,
        done={row.id: done_so_far(row) for row in sweeps},
        form=(form or SweepForm(formdata=None)) if allowed else None,
        counts=counts_waiting(current_user),
        entry="",
    )
    response = make_response(page, status)
    if under_way:
        response.headers["Refresh"] = "3"
    return response


def _member(id: int) -> Member:
    """A member who exists, for those who moderate somewhere; else NotFound."""
    person = db.session.get(Member, id) if can_open_desk(current_user) else None
    if person is None:
        raise NotFound()
    return person


def _since(form: SweepForm) -> datetime | None:
    hours = int(form.since.data)
    return now() - timedelta(hours=hours) if hours else None
