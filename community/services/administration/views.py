"""The door of /admin, and its first page: figures, what waits, what the worker gave up on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, current_app, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, login_required

from community.core.errors import NotFound
from community.core.web import saved
from community.permissions import can_administer
from community.services.administration.events import retry_all, retry_event
from community.services.administration.queries import figures, parked_events

V = TypeVar("V", bound=Callable[..., Any])
bp = Blueprint("admin", __name__)


def administrators(view: V) -> V:
    """Under ``@login_required``: to anybody who is signed in without the role, the page does not exist."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not can_administer(current_user):
            raise NotFound()
        return view(*args, **kwargs)

    return guarded  # type: ignore[return-value]


@bp.app_context_processor
def admin_menu() -> dict[str, object]:
    return {"admin_nav": current_app.extensions.get("admin_nav", ())}


@bp.get("/admin")
@login_required
@administrators
def index():
    return render_template("admin/index.html", figures=figures(), parked=parked_events(), entry="index")


@bp.post("/admin/evenements/<int:id>/relance")
@login_required
@administrators
def retry(id: int):
    retry_event(id, current_user)
    return saved(url_for("admin.index"), _("L’événement est remis dans la file."))


@bp.post("/admin/evenements/relance")
@login_required
@administrators
def retry_everything():
    count = retry_all(current_user)
    return saved(
        url_for("admin.index"),
        ngettext("%(num)d événement remis dans la file.", "%(num)d événements remis dans la file.", count),
    )
