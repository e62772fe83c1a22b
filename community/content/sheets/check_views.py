"""The check before a sheet is read by others: confirm, correct, or choose a place that fewer people see."""

from __future__ import annotations

from flask import render_template, request
from flask_login import current_user, login_required

from community.content.questions.queries import postable_communities
from community.content.sheets.actions import publish_sheet, save_sheet
from community.content.sheets.checking import confirm, findings_of, keep_for_these, left_to_answer
from community.content.sheets.models import Sheet
from community.content.sheets.views import bp, get_sheet
from community.contributions.permalink import url_for_item
from community.core.db import commit
from community.core.errors import Invalid, NotFound
from community.core.redaction import narrower
from community.core.web import saved
from community.people.communities.models import Community
from community.permissions import can_post_in, can_publish_sheet, require


@bp.get("/fiches/<int:id>/occultation")
@login_required
def check(id: int):
    return check_page(_to_check(id))


@bp.post("/fiches/<int:id>/occultation")
@login_required
def answer(id: int):
    """Keep the answers; publish when nothing is left, else show what is."""
    sheet = _to_check(id)
    require(can_post_in(current_user, sheet.community))
    confirm(sheet, current_user, set(request.form.getlist("public")))
    if left_to_answer(sheet):
        commit()
        return check_page(sheet, 422)
    publish_sheet(sheet, current_user)
    return saved(url_for_item(sheet))


@bp.post("/fiches/<int:id>/restriction")
@login_required
def narrow(id: int):
    """Publish the sheet in a community that fewer people see."""
    sheet = _to_check(id)
    wanted = request.form.get("community", "")
    community = next((place for place in _narrower(sheet) if place.slug == wanted), None)
    if community is None:
        raise Invalid()
    require(can_post_in(current_user, community))
    save_sheet(sheet, current_user, community)
    keep_for_these(sheet, current_user)
    publish_sheet(sheet, current_user)
    return saved(url_for_item(sheet))


def check_page(sheet: Sheet, status: int = 200):
    found = findings_of(sheet)
    page = render_template(
        "sheets/check.html",
        sheet=sheet,
        found=found,
        left=left_to_answer(sheet),
        answers=sheet.redaction or {},
        places=_narrower(sheet),
        refused=status == 422,
        active="sheets",
    )
    return page, status


def _to_check(id: int) -> Sheet:
    """A draft of this person's; a sheet that is out has passed its check."""
    sheet = get_sheet(id)
    require(can_publish_sheet(current_user, sheet))
    if sheet.published_at is not None:
        raise NotFound()
    return sheet


def _narrower(sheet: Sheet) -> list[Community]:
    """The places of this person that fewer people see than the sheet's own."""
    return [
        place
        for place in postable_communities(current_user)
        if place.id in current_user.places and narrower(sheet.community.visibility, place.visibility)
    ]
