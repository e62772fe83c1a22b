"""« Ne plus le recevoir »: the summary's own link, which needs no password. Opening it changes nothing, its button does."""

from __future__ import annotations

from flask import render_template

from community.core.db import commit
from community.core.limits import limiter
from community.people.accounts.forms import ConfirmForm
from community.people.accounts.models import Member
from community.services.notifications.digest import whose_digest
from community.services.notifications.views import bp


@bp.get("/resume/<token>")
@limiter.limit("20 per minute")
def digest_of_mail(token: str):
    return _page(whose_digest(token))


@bp.post("/resume/<token>")
@limiter.limit("20 per minute")
def stop_digest(token: str):
    member = whose_digest(token)
    member.digest = "never"
    commit()
    return _page(member)


def _page(member: Member) -> str:
    return render_template("notifications/stop_digest.html", stopped=member.digest == "never", form=ConfirmForm())
