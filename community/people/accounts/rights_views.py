"""« Vos droits »: what one may do now, what comes with use, and what was decided against one."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.errors import NotFound
from community.core.limits import limiter
from community.core.web import saved
from community.people.accounts.forms import ContestForm
from community.people.accounts.trust import rights_of
from community.people.accounts.views import bp
from community.people.communities.queries import places_without_effect
from community.people.communities.sanctions import contest, sanctions_against


@bp.get("/compte/droits")
@login_required
def rights():
    return rights_page()


@bp.post("/compte/droits/<int:id>/contestation")
@login_required
@limiter.limit("10 per hour")
def contest_sanction(id: int):
    """Answer a sanction, once; those who could lift it are told."""
    sanction = next((row for row in sanctions_against(current_user.person_id) if row.id == id), None)
    if sanction is None:
        raise NotFound()
    form = ContestForm()
    if not form.validate():
        return rights_page({id: form}, 422)
    contest(sanction, form.message.data)
    return saved(url_for("accounts.rights"), _("Votre message est transmis aux personnes qui peuvent lever la mesure."))


def rights_page(forms: dict[int, ContestForm] | None = None, status: int = 200):
    """``forms`` holds the contest that was not valid, by sanction."""
    return render_template(
        "accounts/rights.html",
        rights=rights_of(current_user),
        sanctions=sanctions_against(current_user.person_id),
        useless=places_without_effect(current_user),
        forms_by_id=forms or {},
        blank=ContestForm(formdata=None),
    ), status
