"""Pages of experience sheets: the list, a sheet, its removal and return. Writing is in writing_views.py."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, render_template, request
from flask_login import current_user, login_required
from sqlalchemy.orm import joinedload

from community.abilities.attachments.queries import files_named
from community.abilities.comments.queries import comments_on
from community.abilities.links.queries import links_of
from community.abilities.tags.queries import labels_of
from community.content.questions.queries import marks_on
from community.content.sheets.facets import SHEETS
from community.content.sheets.fields import shown, total_weight, weights_are_odd
from community.content.sheets.models import Sheet
from community.content.sheets.queries import credits_of, drafts_of, sheets_page
from community.contributions.act_views import add_removal
from community.contributions.permalink import right_address
from community.people.accounts.models import Member
from community.permissions import (
    can_add_link,
    can_comment,
    can_edit,
    can_follow,
    can_manage_community,
    can_remove,
    can_restore,
    can_vote,
    get_visible,
)

bp = Blueprint("sheets", __name__)
bp.add_app_template_filter(shown, "figure")


@bp.get("/fiches")
def index():
    filters = SHEETS.asked(request.args)
    page = sheets_page(current_user, filters, request.args.get("page"))
    labels = labels_of([row.id for row in page])
    facets = SHEETS.counted(current_user, filters)
    return render_template(
        "sheets/index.html", page=page, filters=filters, facets=facets, labels=labels, active="sheets"
    )


@bp.get("/fiches/brouillons")
@login_required
def drafts():
    return render_template("sheets/drafts.html", drafts=drafts_of(current_user), active="sheets")


@bp.get("/fiches/<int:id>")
@bp.get("/fiches/<int:id>-<slug>")
def show(id: int, slug: str | None = None):
    """The sheet's page. At most 8 statements signed in, 5 for a visitor."""
    sheet = get_sheet(id)
    return right_address(sheet, slug) or render_template(
        "sheets/show.html",
        sheet=sheet,
        comments=comments_on([id], current_user)[id],
        files=files_named({id: [sheet.body_html, *(sheet.html or {}).values()]}),
        labels=labels_of([id])[id],
        links=links_of(sheet, current_user),
        marks=marks_on(current_user, [id], []),
        credits=credits_of(sheet, current_user),
        odd_weights=weights_are_odd(sheet.award_criteria),
        total_weight=total_weight(sheet.award_criteria),
        may=_may(sheet),
        active="sheets",
    )


def _may(sheet: Sheet) -> SimpleNamespace:
    """What the person at the screen may do here, for the page's buttons."""
    return SimpleNamespace(
        edit=can_edit(current_user, sheet),
        remove=can_remove(current_user, sheet),
        restore=can_restore(current_user, sheet),
        vote=can_vote(current_user, sheet),
        comment=can_comment(current_user, sheet),
        follow=can_follow(current_user, sheet),
        link=can_add_link(current_user, sheet),
        moderate=can_manage_community(current_user, sheet.community),
    )


def get_sheet(id: int) -> Sheet:
    return get_visible(Sheet, id, current_user, joinedload(Sheet.author).joinedload(Member.organisation))


add_removal(bp, "/fiches/<int:id>", get_sheet)
