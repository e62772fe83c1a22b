"""The directory, a member's page, and names for the editor's « @ »."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import jsonify, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from community.contributions.queries import member_feed
from community.core import ports
from community.core.limits import limiter
from community.core.slugs import slugify
from community.core.territories import territory_name
from community.core.web import saved
from community.people.accounts.actions import get_member
from community.people.accounts.forms import territory_choices
from community.people.accounts.models import Member
from community.people.accounts.organisations import vouch_for, withdraw_voucher
from community.people.accounts.queries import (
    DirectoryFilters,
    common_expertise,
    communities_of,
    community_ids_of,
    directory,
    expertise_of,
    find_member,
    mention_candidates,
)
from community.people.accounts.views import members as bp
from community.permissions import can_vouch_for, community_visible_to, require

ports.provide("mention_candidates")(mention_candidates)


@bp.get("/membres")
@login_required
@limiter.limit("5 per second; 120 per minute")
def index():
    filters = DirectoryFilters.from_args(request.args)
    return render_template(
        "members/index.html",
        page=directory(filters, request.args.get("page")),
        filters=filters,
        fields=common_expertise(),
        territories=territory_choices,
        active="members",
    )


@bp.get("/membres/<int:id>")
@bp.get("/membres/<int:id>-<slug>")
def show(id: int, slug: str | None = None):
    member = find_member(id)
    if slug != slugify(member.display_name):
        address = url_for("members.show", id=id, slug=slugify(member.display_name))
        asked = urlencode(list(request.args.items(multi=True)))
        return redirect(f"{address}?{asked}" if asked else address, 301)
    return render_template(
        "members/show.html",
        member=member,
        may_vouch=member.organisation_id is not None and _may_vouch(id),
        expertise=expertise_of([id])[id],
        communities=communities_of(id, community_visible_to(current_user)),
        feed=member_feed(current_user, id, request.args.get("page")),
        active="members",
    )


@bp.get("/membres/completion")
@login_required
@limiter.limit("10 per second; 240 per minute")
def complete():
    """Names that begin with what was typed after « @ »: [{id, name, detail}]."""
    rows = mention_candidates(request.args.get("q", "")[:80])
    return jsonify(
        [
            {
                "id": row.id,
                "name": row.display_name,
                "detail": " · ".join(filter(None, (row.job, row.organisation_name, territory_name(row.territory)))),
            }
            for row in rows
        ]
    )


@bp.post("/membres/<int:id>/organisme/verification")
@login_required
def vouch(id: int):
    """A moderator of one of the person's communities, or an administrator, knows that the person works there."""
    return _judge_organisation(id, vouch_for)


@bp.post("/membres/<int:id>/organisme/retrait")
@login_required
def withdraw_vouch(id: int):
    return _judge_organisation(id, withdraw_voucher)


def _may_vouch(id: int) -> bool:
    """Asked of everybody who opens a profile: only of moderators does it depend on where the person is a member."""
    places = community_ids_of(id) if current_user.moderated_ids else ()
    return can_vouch_for(current_user, id, places)


def _judge_organisation(id: int, judge: Callable[[Member, Any], None]):
    member = find_member(id)
    require(_may_vouch(id))
    judge(get_member(id), current_user)
    return saved(url_for("members.show", id=id, slug=slugify(member.display_name)))
