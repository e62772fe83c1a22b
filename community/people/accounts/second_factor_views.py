"""The second factor of one's own account: switch it on, recovery codes, switch it off."""

from __future__ import annotations

from flask import Response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.db import commit
from community.core.errors import NotFound
from community.core.web import saved, see_other
from community.people.accounts import mails
from community.people.accounts.actions import get_member
from community.people.accounts.entry_forms import DisableCodesForm, FirstCodeForm, ProofForm
from community.people.accounts.identities import identities_of
from community.people.accounts.sealing import seal, unseal
from community.people.accounts.second_factors import (
    begin_second_factor,
    check_second_factor,
    codes_left,
    confirm_second_factor,
    must_have_second_factor,
    needs_second_factor,
    new_recovery_codes,
    pending_second_factor,
    qr_code,
    remove_second_factor,
    secret_of,
)
from community.people.accounts.throttle import limit_own_codes, limit_password_checks
from community.people.accounts.views import bp, proved

CODES_SECONDS = 3600


@bp.get("/compte/double-facteur")
@login_required
def second_factor():
    return second_factor_page()


def second_factor_page(proof: ProofForm | None = None, status: int = 200) -> tuple[str, int]:
    """What protects the account: the second factor, on or off, its recovery codes, and the providers it is joined to."""
    return render_template(
        "accounts/second_factor.html",
        proof=proof or ProofForm(formdata=None),
        enabled=needs_second_factor(current_user.id),
        required=bool(session.get("must_protect")) or must_have_second_factor(current_user),
        left=codes_left(current_user.id),
        identities=identities_of(current_user.id),
    ), status


@bp.post("/compte/double-facteur")
@login_required
@limit_password_checks
def start_second_factor():
    form = ProofForm()
    if not form.validate() or not proved(form):
        return second_factor_page(form, 422)
    begin_second_factor(get_member(current_user.id))
    return saved(url_for("accounts.set_up_second_factor"))


@bp.route("/compte/double-facteur/configuration", methods=["GET", "POST"])
@login_required
@limit_own_codes
def set_up_second_factor():
    factor = pending_second_factor(current_user.id)
    if factor is None:
        return see_other(url_for("accounts.second_factor"))
    form = FirstCodeForm()
    codes = None
    if form.validate_on_submit():
        codes = confirm_second_factor(factor, form.code.data, get_member(current_user.id))
        if codes is None:
            form.code.errors = [
                _("Ce code n’est pas le bon. Vérifiez l’heure de votre téléphone, puis donnez le suivant.")
            ]
    if codes is None:
        status = 422 if request.method == "POST" else 200
        return render_template("accounts/second_factor_setup.html", form=form, secret=secret_of(factor)), status
    commit()
    session.pop("must_protect", None)
    return codes_page(codes)


@bp.get("/compte/double-facteur/code.svg")
@login_required
def second_factor_image():
    factor = pending_second_factor(current_user.id)
    if factor is None:
        raise NotFound()
    return Response(qr_code(factor, current_user.email), mimetype="image/svg+xml")


@bp.post("/compte/double-facteur/codes")
@login_required
@limit_password_checks
def renew_codes():
    form = ProofForm()
    if not needs_second_factor(current_user.id):
        raise NotFound()
    if not form.validate() or not proved(form):
        return second_factor_page(form, 422)
    member = get_member(current_user.id)
    codes = new_recovery_codes(member)
    mails.second_factor_changed(member, "codes")
    commit()
    return codes_page(codes)


@bp.post("/compte/double-facteur/codes.txt")
@login_required
def download_codes():
    """The codes that were just shown, as a file: they come back sealed from the page, they are kept nowhere."""
    codes = unseal(request.form.get("sealed", ""), f"codes-{current_user.id}", CODES_SECONDS)
    if codes is None:
        raise NotFound()
    text = "\n".join([_("Entrepairs : codes de secours. Chacun sert une fois."), "", *codes, ""])
    headers = {"Content-Disposition": 'attachment; filename="entrepairs-codes-de-secours.txt"'}
    return Response(text, mimetype="text/plain", headers=headers)


@bp.route("/compte/double-facteur/desactivation", methods=["GET", "POST"])
@login_required
@limit_own_codes
def disable_second_factor():
    form = DisableCodesForm()
    if not form.validate_on_submit() or not proved(form) or not _gave_code(form):
        status = 422 if request.method == "POST" else 200
        return render_template("accounts/second_factor_off.html", form=form), status
    remove_second_factor(get_member(current_user.id), current_user)
    if must_have_second_factor(current_user):
        session["must_protect"] = True
    return saved(url_for("accounts.second_factor"), _("La double authentification est désactivée."))


def _gave_code(form: DisableCodesForm) -> bool:
    if check_second_factor(get_member(current_user.id), form.code.data):
        return True
    form.code.errors = [_("Ce code n’est pas valable, ou il a déjà servi. Attendez le suivant.")]
    return False


def codes_page(codes: list[str]) -> str:
    return render_template("accounts/recovery_codes.html", codes=codes, sealed=seal(codes, f"codes-{current_user.id}"))
