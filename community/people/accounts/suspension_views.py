"""What a suspended person reads when signing in: until when, why, and how to contest it, without a session."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from community.core import ports
from community.core.db import commit
from community.core.errors import Conflict
from community.core.limits import limiter
from community.core.resume import for_visitors
from community.people.accounts.forms import ContestForm
from community.people.accounts.models import Member
from community.people.accounts.sealing import seal, unseal
from community.people.accounts.throttle import limit_mails
from community.people.accounts.views import bp
from community.people.communities.models import Sanction
from community.people.communities.sanctions import contest, get_sanction, settle_suspension, suspension_of

PURPOSE, SECONDS = "contest", 3600


@ports.provide("stop_if_suspended")
def stop_if_suspended(member: Member) -> Response | None:
    """Whoever proved to be this suspended member gets this page; None when the suspension is over: come in."""
    sanction = settle_suspension(member) if request.method == "POST" else suspension_of(member.id)
    return suspended_page(sanction, ContestForm(formdata=None)) if sanction is not None else None


@bp.post("/connexion/contestation")
@for_visitors
@limit_mails
@limiter.limit("10 per hour")
def contest_suspension():
    """The page itself carries, sealed for an hour, which suspension its reader may contest."""
    form = ContestForm()
    id = unseal(form.passed.data or "", PURPOSE, SECONDS)
    sanction = get_sanction(id) if isinstance(id, int) else None
    if sanction is None or sanction.kind != "suspension":
        raise Conflict(_("Trop de temps a passé : connectez-vous de nouveau pour retrouver cette page."))
    if sanction.contested_at is not None or not form.validate():
        return suspended_page(sanction, form, 422)
    contest(sanction, form.message.data)
    commit()
    return suspended_page(get_sanction(sanction.id), form, 200)


def suspended_page(sanction: Sanction, form: ContestForm, status: int = 403) -> Response:
    form.passed.data = seal(sanction.id, PURPOSE)
    return make_response(render_template("accounts/suspended.html", sanction=sanction, form=form), status)
