"""The journal: every act of moderation, rights, identity and settings; a community's own for its moderators."""

from __future__ import annotations

from flask import Response, render_template, request, stream_with_context
from flask_login import current_user, login_required

from community.core.audit import head
from community.core.errors import NotFound
from community.permissions import can_read_journal, get_visible_community
from community.services.moderation.acts import TARGETS
from community.services.moderation.journal import Filters, acts_recorded, journal_csv, journal_page
from community.services.moderation.views import bp


@bp.get("/admin/journal")
@login_required
def journal():
    """To anybody but administrators the page does not exist, like all of /admin."""
    _administrators()
    filters = Filters.from_args(request.args)
    return render_template(
        "moderation/journal.html",
        page=journal_page(filters, request.args.get("page")),
        filters=filters,
        acts=acts_recorded(),
        targets=TARGETS,
        head=head(),
        entry="journal",
    )


@bp.get("/admin/journal.csv", endpoint="journal_csv")
@login_required
def export():
    """Sent as it is read, a thousand rows at a time: however long the log, none of it waits in memory."""
    _administrators()
    lines = journal_csv(Filters.from_args(request.args))
    response = Response(stream_with_context(lines), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=journal.csv"
    return response


@bp.get("/communautes/<slug>/journal")
@login_required
def community_journal(slug: str):
    community = get_visible_community(slug, current_user)
    if not can_read_journal(current_user, community.id):
        raise NotFound()
    page = journal_page(Filters(), request.args.get("page"), community.id)
    return render_template("moderation/community_journal.html", community=community, page=page, active="communities")


def _administrators() -> None:
    if not can_read_journal(current_user, None):
        raise NotFound()
