"""« Vos données »: what is kept, a copy of it, and leaving; the privacy notice, and accepting the texts in force."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, render_template, request, session, stream_with_context, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.attachments.showing import file_size
from community.core.clock import now
from community.core.db import commit
from community.core.jobs import ask
from community.core.limits import limiter
from community.core.options import option
from community.core.storage import storage
from community.core.web import back, saved, see_other
from community.people.accounts.actions import get_member
from community.people.accounts.throttle import limit_password_checks
from community.people.accounts.views import proved
from community.services.personal_data.erasure import ask_erasure, cancel_erasure, erasure_of, is_last_administrator
from community.services.personal_data.exports import ask_export, exports_of, own_export, require_room
from community.services.personal_data.forms import LeaveForm, ProofForm
from community.services.personal_data.register import days
from community.services.personal_data.texts import accept_texts, text_to_read

bp = Blueprint("personal_data", __name__)


@bp.get("/compte/donnees")
@login_required
def show():
    return _page(ProofForm())


@bp.post("/compte/donnees/copie")
@login_required
@limiter.limit("10 per hour")
def ask_for_copy():
    require_room(current_user.id)
    ask_export(current_user.id, current_user)
    commit()
    ask("make_exports")
    flash(_("Votre copie se prépare. Un courriel vous préviendra quand elle sera prête."))
    return see_other(url_for("personal_data.show"))


@bp.post("/compte/donnees/copie/<int:id>")
@login_required
@limit_password_checks
def download(id: int):
    """The archive, to its owner alone and after the password: whoever sits at an open screen does not take it away."""
    export = own_export(current_user, id)
    form = ProofForm()
    if not form.validate() or not proved(form):
        return _page(form, asked=id), 422
    name = f"entrepairs-mes-donnees-{now():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(export.size)}
    pieces = stream_with_context(storage().open(export.storage_key))
    return Response(pieces, mimetype="application/zip", headers=headers | {"Cache-Control": "no-store"})


@bp.route("/compte/donnees/depart", methods=["GET", "POST"])
@login_required
@limit_password_checks
def leave():
    form = LeaveForm()
    if not form.validate_on_submit() or not proved(form):
        return _leaving(form), 422 if request.method == "POST" else 200
    ask_erasure(current_user.id, form.own_texts.data, current_user)
    return saved(url_for("personal_data.leave"))


@bp.post("/compte/donnees/depart/annulation")
@login_required
def stay():
    erasure = erasure_of(current_user.id)
    if erasure is not None:
        cancel_erasure(erasure, current_user)
        commit()
        flash(_("Votre compte est gardé : rien n’a été effacé."), "success")
    return see_other(url_for("personal_data.show"))


@bp.get("/confidentialite")
def privacy():
    return render_template("personal_data/text.html", text=text_to_read("privacy"))


@bp.post("/compte/textes/accord")
@login_required
def accept():
    accept_texts(current_user.id)
    commit()
    session.pop("texts_to_accept", None)
    flash(_("C’est noté, merci."), "success")
    return back(url_for("contributions.home"))


@bp.post("/compte/textes/plus-tard")
@login_required
def later():
    """Put the notice away until the next sign-in."""
    session.pop("texts_to_accept", None)
    return back(url_for("contributions.home"))


@bp.app_context_processor
def pending_texts() -> dict[str, Any]:
    """What the notice on every page is about; read from the session, so that it costs no statement."""
    return {"texts_to_accept": session.get("texts_to_accept", ()) if request else ()}


def _page(form: ProofForm, asked: int | None = None) -> str:
    return render_template(
        "personal_data/show.html",
        exports=exports_of(current_user.id),
        erasure=erasure_of(current_user.id),
        form=form,
        asked=asked,
        days=days,
        size=file_size,
    )


def _leaving(form: LeaveForm) -> str:
    return render_template(
        "personal_data/leave.html",
        form=form,
        erasure=erasure_of(current_user.id),
        last=is_last_administrator(get_member(current_user.id)),
        delay=option("erasure.delay"),
    )
