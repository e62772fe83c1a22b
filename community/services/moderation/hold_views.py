"""What waits before publication: the moderators' desk, and the rules that fill it."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy import select

from community.core.db import db
from community.core.errors import NotFound
from community.core.web import row_id, saved
from community.people.communities.models import Community
from community.permissions import can_edit_hold_rules, require
from community.services.moderation.around import Around, around
from community.services.moderation.forms import RefusalForm, RulesForm, usual
from community.services.moderation.holds import digest_of, refuse, release
from community.services.moderation.models import Hold
from community.services.moderation.notices import reasons_for_desk
from community.services.moderation.queries import counts_waiting, hold_for, holds_waiting
from community.services.moderation.rules import rules_of, save_rules
from community.services.moderation.views import bp, open_desk


@bp.get("/moderation/retenues")
@login_required
def holds():
    open_desk()
    queue = holds_waiting(current_user, request.args.get("page"))
    asked = request.args.get("retenue", type=row_id) or (queue.rows[0].id if queue.rows else None)
    return hold_page(queue, hold_for(asked, current_user) if asked else None)


@bp.post("/moderation/retenues/<int:id>/publication")
@login_required
def release_hold(id: int):
    hold = _own(id)
    if hold.state == "waiting" and request.form.get("read") != digest_of(hold):
        flash(_("Ce texte a changé depuis que vous l’avez lu : le voici tel qu’il est maintenant."), "warn")
        return hold_page(holds_waiting(current_user), hold, status=409)
    release(hold, current_user)
    return saved(url_for("moderation.holds"), _("C’est publié, et son auteur est prévenu."))


@bp.post("/moderation/retenues/<int:id>/refus")
@login_required
def refuse_hold(id: int):
    hold = _own(id)
    form = RefusalForm()
    if not form.validate_on_submit():
        return hold_page(holds_waiting(current_user), hold, form, 422)
    refuse(hold, current_user, form.message.data)
    return saved(
        url_for("moderation.holds"), _("La publication est refusée ; l’auteur garde son texte et sait pourquoi.")
    )


@bp.get("/moderation/regles")
@login_required
def rules():
    open_desk()
    return rules_page(_place())


@bp.post("/moderation/regles")
@login_required
def save():
    community = _place()
    require(can_edit_hold_rules(current_user, community.id if community else None))
    form = RulesForm()
    if not form.validate_on_submit():
        return rules_page(community, form, 422)
    save_rules(community, current_user, form.rules())
    return saved(
        url_for("moderation.rules", communaute=community.slug if community else None),
        _("Les règles sont enregistrées : elles valent pour ce qui sera écrit désormais."),
    )


def hold_page(queue: Any, hold: Hold | None, form: RefusalForm | None = None, status: int = 200):
    page = render_template(
        "moderation/holds.html",
        queue=queue,
        hold=hold,
        read=digest_of(hold) if hold else "",
        seen=around(hold.contribution_id, hold.comment_id) if hold else Around(),
        form=form or RefusalForm(formdata=None, data=usual("refuse")),
        reasons_in_words=reasons_for_desk,
        counts=counts_waiting(current_user),
        entry="holds",
    )
    return page, status


def rules_page(community: Community | None, form: RulesForm | None = None, status: int = 200):
    if form is None:
        kept = rules_of(community.id if community else None)
        data: dict[str, Any] = dict.fromkeys(kept, True) | {
            "count": kept.get("first_posts", {}).get("count", 1),
            "list": "\n".join(kept.get("words", {}).get("words", [])),
            "days": kept.get("repeated", {}).get("days", 7),
        }
        form = RulesForm(formdata=None, data=data)
    chosen = community.slug if community else ""
    page = render_template(
        "moderation/rules.html",
        form=form,
        places=_places(),
        chosen=chosen,
        counts=counts_waiting(current_user),
        entry="rules",
    )
    return page, status


def _own(id: int) -> Hold:
    """A hold of one's desk: hold_for() gives no other, and says so like the rest of the site."""
    require(current_user.is_authenticated)
    return hold_for(id, current_user)


def _place() -> Community | None:
    """The community that the address names, else the first that this person may set rules for; None: the platform."""
    slug = request.args.get("communaute", "")
    if not slug and current_user.is_administrator:
        return None
    slug = slug or next((slug for slug, _name in _places()), "")
    community = db.session.scalars(select(Community).where(Community.slug == slug)).one_or_none()
    if community is None or not can_edit_hold_rules(current_user, community.id):
        raise NotFound()
    return community


def _places() -> list[tuple[str, str]]:
    """(slug, name) of the places whose rules this person edits; the platform first, for administrators."""
    query = select(Community.slug, Community.name).where(Community.archived_at.is_(None)).order_by(Community.name)
    if current_user.is_administrator:
        return [("", _("Toute la plateforme")), *((row.slug, row.name) for row in db.session.execute(query))]
    mine = query.where(Community.id.in_(current_user.moderated_ids))
    return [(row.slug, row.name) for row in db.session.execute(mine)]
