"""Accounts: the list, one account, and what an administrator may do for it; the platform's options."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.options import option, set_option
from community.core.web import saved, see_other
from community.people.accounts.actions import change_quality, close_all_sessions, get_member, set_platform_role
from community.people.accounts.organisations import vouch_for, withdraw_voucher
from community.people.accounts.second_factors import KEEPERS, remove_second_factor, require_of_keepers
from community.people.accounts.sessions import PERIODS, shorten_sessions
from community.people.accounts.trust import THRESHOLDS
from community.services.administration.forms import OptionsForm, QualityForm, ReasonForm
from community.services.administration.people import STATES, MemberFilters, account, accounts
from community.services.administration.queries import changed_options
from community.services.administration.views import administrators, bp


@bp.get("/admin/membres")
@login_required
@administrators
def members():
    filters = MemberFilters.from_args(request.args)
    page = accounts(filters, request.args.get("page"))
    return render_template("admin/members.html", page=page, filters=filters, states=STATES, entry="members")


@bp.get("/admin/membres/<int:id>")
@login_required
@administrators
def member(id: int):
    return account_page(id)


def account_page(id: int, form: ReasonForm | None = None, status: int = 200) -> tuple[str, int]:
    member, shown = account(id), form or ReasonForm(formdata=None)
    quality = form if isinstance(form, QualityForm) else QualityForm(formdata=None, data={"quality": member.quality})
    page = render_template("admin/member.html", member=member, form=shown, quality=quality, entry="members")
    return page, status


@bp.post("/admin/membres/<int:id>/double-facteur")
@login_required
@administrators
def reset_second_factor(id: int):
    """Somebody lost the telephone and the codes: after making sure of who it is, by other means. Never one's own: that
    asks for one's password and a code."""
    if id == current_user.id:
        return see_other(url_for("accounts.second_factor"))
    return _act(
        id,
        lambda person, reason: remove_second_factor(person, current_user, reason),
        _("Le second facteur est réinitialisé."),
    )


@bp.post("/admin/membres/<int:id>/sessions")
@login_required
@administrators
def close_sessions_of(id: int):
    return _act(
        id, lambda person, reason: close_all_sessions(person, current_user, reason), _("Ses sessions sont fermées.")
    )


@bp.post("/admin/membres/<int:id>/role")
@login_required
@administrators
def change_role(id: int):
    role = "administrator" if request.form.get("role") == "administrator" else "member"
    return _act(
        id, lambda person, reason: set_platform_role(person, role, current_user, reason), _("Le rôle est changé.")
    )


@bp.post("/admin/membres/<int:id>/qualite", endpoint="change_quality")
@login_required
@administrators
def set_quality(id: int):
    """Whoever declared to be a firm or elected does not change that alone (accounts/profiles.py)."""
    account(id)
    form = QualityForm()
    if not form.validate():
        return account_page(id, form, 422)
    change_quality(get_member(id), form.quality.data, current_user, form.reason.data)
    return saved(url_for("admin.member", id=id), _("Sa qualité est changée."))


@bp.post("/admin/membres/<int:id>/organisme")
@login_required
@administrators
def vouch(id: int):
    account(id)
    person = get_member(id)
    if request.form.get("verified") == "1":
        vouch_for(person, current_user)
    else:
        withdraw_voucher(person, current_user)
    return saved(url_for("admin.member", id=id))


@bp.route("/admin/reglages", methods=["GET", "POST"])
@login_required
@administrators
def options():
    kept = {name: option(name) for name, *_rest in (*THRESHOLDS, *PERIODS)}
    fields = {name.replace(".", "_"): value for name, value in kept.items()}
    form = OptionsForm(data={"second_factor": option("second_factor.required"), **fields})
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("admin/options.html", form=form, changed=changed_options(), entry="options"), status
    if form.second_factor.data != option("second_factor.required"):
        set_option("second_factor.required", form.second_factor.data, current_user)
        if form.second_factor.data == KEEPERS:
            require_of_keepers(current_user)
    for name, value in (form.thresholds() | form.periods()).items():
        if value != kept[name]:
            set_option(name, value, current_user)
    shorten_sessions()
    return saved(url_for("admin.options"), _("Les réglages sont enregistrés."))


def _act(id: int, act, done: str):
    """An act on an account: its reason first, which the log keeps."""
    account(id)
    form = ReasonForm()
    if not form.validate():
        return account_page(id, form, 422)
    act(get_member(id), form.reason.data)
    return saved(url_for("admin.member", id=id), done)
