"""Administrators' side: requests and periods, the texts and who accepted them, the register of processing."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.clock import now
from community.core.db import commit, db
from community.core.errors import NotFound
from community.core.jobs import ask
from community.core.options import option, set_option
from community.core.web import saved, see_other
from community.permissions import can_administer, require
from community.services.administration.views import administrators
from community.services.personal_data import queries
from community.services.personal_data.erasure import ask_erasure, cancel_erasure, get_erasure
from community.services.personal_data.exports import ask_export
from community.services.personal_data.forms import OnBehalfForm, PeriodsForm, TextForm
from community.services.personal_data.models import ErasureMention
from community.services.personal_data.register import as_markdown, days, register, security_measures, titled
from community.services.personal_data.retention import PERIODS, RULES
from community.services.personal_data.texts import current_text, publish_text, versions_of
from community.services.personal_data.views import bp

PAGES = {"charter": "personal_data.texts", "privacy": "personal_data.notice"}


@bp.get("/admin/donnees")
@login_required
@administrators
def desk():
    return _desk(OnBehalfForm(formdata=None))


@bp.post("/admin/donnees")
@login_required
@administrators
def act_for():
    """A member wrote to the administration: the same request, recorded with how it came."""
    require(can_administer(current_user))
    form = OnBehalfForm()
    member = queries.find_by_email((form.email.data or "").strip().lower()) if form.validate() else None
    if member is None:
        if not form.errors:
            form.email.errors = [_("Aucun compte n’a cette adresse.")]
        return _desk(form), 422
    if form.what.data == "export":
        ask_export(member.id, current_user, form.reason.data)
    else:
        ask_erasure(member.id, "keep", current_user, form.reason.data)
    commit()
    ask("make_exports")
    flash(_("La demande est enregistrée ; la personne en est prévenue par courriel."), "success")
    return see_other(url_for("personal_data.desk"))


@bp.post("/admin/donnees/departs/<int:id>/annulation")
@login_required
@administrators
def call_off(id: int):
    require(can_administer(current_user))
    cancel_erasure(get_erasure(id), current_user)
    return saved(url_for("personal_data.desk"), _("L’effacement est annulé ; la personne en est prévenue."))


@bp.post("/admin/donnees/mentions/<int:id>")
@login_required
@administrators
def mark_seen(id: int):
    require(can_administer(current_user))
    mention = db.session.get(ErasureMention, id)
    if mention is None:
        raise NotFound()
    mention.seen_at = mention.seen_at or now()
    return saved(url_for("personal_data.desk", _anchor="mentions"))


@bp.route("/admin/donnees/durees", methods=["GET", "POST"])
@login_required
@administrators
def periods():
    require(can_administer(current_user))
    current = {period.option.replace(".", "__"): option(period.option) for period in PERIODS}
    form = PeriodsForm(data=current)
    if not form.validate_on_submit():
        page = render_template("personal_data/periods.html", form=form, entry="personal_data")
        return page, 422 if request.method == "POST" else 200
    for name, value in form.values().items():
        if value != option(name):
            set_option(name, value, current_user, str(value))
    return saved(url_for("personal_data.desk"), _("Les durées sont enregistrées ; elles s’appliquent dès cette nuit."))


@bp.route("/admin/charte", methods=["GET", "POST"])
@login_required
@administrators
def texts():
    require(can_administer(current_user))
    return _edit_text("charter")


@bp.route("/admin/confidentialite", methods=["GET", "POST"])
@login_required
@administrators
def notice():
    require(can_administer(current_user))
    return _edit_text("privacy")


@bp.get("/admin/registre")
@login_required
@administrators
def show_register():
    page: dict[str, Any] = {"lines": [(line, titled(line)) for line in register()], "measures": security_measures()}
    return render_template("personal_data/register.html", entry="register", today=now(), **page)


@bp.get("/admin/registre.md")
@login_required
@administrators
def download_register():
    headers = {"Content-Disposition": 'attachment; filename="registre-des-traitements.md"'}
    return Response(as_markdown(), mimetype="text/markdown", headers=headers)


def _desk(form: OnBehalfForm) -> str:
    return render_template(
        "personal_data/desk.html",
        form=form,
        erasures=queries.erasures(),
        exports=queries.exports(),
        mentions=queries.mentions(),
        runs=queries.runs(),
        labels={name: label for name, label, _rule in RULES},
        periods=PERIODS,
        days=days,
        entry="personal_data",
    )


def _edit_text(name: str) -> Any:
    """The text in force, in a form; sent back changed, it becomes the next version."""
    current = current_text(name)
    form = TextForm(data={"body": current.body, "base": str(current.version)})
    if not form.validate_on_submit():
        page = {"which": name, "current": current, "versions": versions_of(name)}
        shown = render_template("personal_data/text_form.html", form=form, entry="texts", **page)
        return shown, 422 if request.method == "POST" else 200
    base = int(form.base.data) if (form.base.data or "").isdigit() else -1
    published = publish_text(name, form.body.data, form.note.data, base, current_user)
    commit()
    done = _("La nouvelle version est en vigueur : les membres la liront à leur prochaine connexion.")
    flash(done if published else _("Le texte n’a pas changé : rien n’est publié."), "success" if published else "info")
    return see_other(url_for(PAGES[name]))
