"""Pages of communities: the list, one community, opening, changing and archiving one; its members and their roles."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_required

from community.contributions.queries import community_feed
from community.core.errors import Conflict
from community.core.limits import limiter
from community.core.web import saved, see_other
from community.people.communities.actions import (
    archive_community,
    create_community,
    edit_community,
    join_by_posting,
    leave_community,
    reopen_community,
)
from community.people.communities.forms import CommunityForm, known_kind
from community.people.communities.models import Community
from community.people.communities.queries import (
    communities_page,
    my_invitations,
    people_with_roles,
    standing,
)
from community.permissions import (
    can_archive_community,
    can_create_community,
    can_invite,
    can_join,
    can_leave,
    can_manage_community,
    can_post_in,
    can_rename_community,
    can_request_to_join,
    can_see_members,
    get_visible_community,
    require,
)

bp = Blueprint("communities", __name__)
UNWELCOME = {
    "agent": _l("les agents publics"),
    "elected": _l("les élus"),
    "firm": _l("les entreprises"),
    "other": _l("les personnes venues à un autre titre"),
}


@bp.get("/communautes")
def index():
    kind = known_kind(request.args.get("type"))
    page = communities_page(current_user, kind, request.args.get("page"))
    invitations = my_invitations(current_user)
    return render_template(
        "communities/index.html", page=page, kind=kind, invitations=invitations, active="communities"
    )


@bp.get("/communautes/<slug>")
def show(slug: str):
    """Purpose, charter, people, latest activity. At most 8 statements, however much there is."""
    community = get_community(slug)
    return render_template(
        "communities/show.html",
        community=community,
        people=people_with_roles(community.id),
        page=community_feed(current_user, community, request.args.get("page")),
        standing=standing(current_user, community),
        may=abilities_in(community),
        active="communities",
    )


@bp.route("/communautes/nouvelle", methods=["GET", "POST"])
@login_required
def create():
    require(can_create_community(current_user))
    form = CommunityForm()
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("communities/new.html", form=form, active="communities"), status
    try:
        community = create_community(current_user, **form.values())
    except Conflict as conflict:
        form.name.errors = [conflict.message]
        return render_template("communities/new.html", form=form, active="communities"), 409
    return saved(
        url_for("communities.show", slug=community.slug),
        _("La communauté est ouverte. Invitez maintenant les personnes qui vont l’animer."),
    )


@bp.route("/communautes/<slug>/modifier", methods=["GET", "POST"])
@login_required
def edit(slug: str):
    community = get_community(slug)
    require(can_manage_community(current_user, community))
    form = CommunityForm(obj=community)
    form = form if can_rename_community(current_user, community) else form.without_name()
    page = {"community": community, "form": form, "active": "communities"}
    if not form.validate_on_submit():
        return render_template("communities/edit.html", **page), 422 if request.method == "POST" else 200
    try:
        edit_community(community, current_user, **form.values())
    except Conflict as conflict:
        form.name.errors = [conflict.message]
        return render_template("communities/edit.html", **page), 409
    return saved(url_for("communities.show", slug=slug), _("La présentation est à jour."))


@bp.post("/communautes/<slug>/archivage")
@login_required
def archive(slug: str):
    community = get_community(slug)
    require(can_archive_community(current_user, community))
    archive_community(community, current_user)
    return saved(url_for("communities.show", slug=slug))


@bp.post("/communautes/<slug>/archivage/retrait")
@login_required
def reopen(slug: str):
    community = get_community(slug)
    require(can_archive_community(current_user, community))
    reopen_community(community, current_user)
    return saved(url_for("communities.show", slug=slug))


@bp.post("/communautes/<slug>/adhesion")
@login_required
@limiter.limit("30 per hour")
def join(slug: str):
    community = get_community(slug)
    require(can_join(current_user, community) or current_user.is_member_of(community.id))
    join_by_posting(current_user, community)
    return saved(url_for("communities.show", slug=slug), _("Bienvenue dans « %(name)s ».", name=community.name))


@bp.post("/communautes/<slug>/adhesion/retrait")
@login_required
def leave(slug: str):
    community = get_community(slug)
    if not can_leave(current_user, community):
        return see_other(url_for("communities.index"))
    leave_community(current_user, community)
    return saved(url_for("communities.index"), _("Vous avez quitté « %(name)s ».", name=community.name))


def abilities_in(community: Community) -> dict[str, bool]:
    """What the page of a community may offer to who reads it."""
    return {
        "join": can_join(current_user, community),
        "ask": can_request_to_join(current_user, community),
        "leave": can_leave(current_user, community),
        "manage": can_manage_community(current_user, community),
        "invite": can_invite(current_user, community),
        "archive": can_archive_community(current_user, community),
        "see_members": can_see_members(current_user, community),
        "post": can_post_in(current_user, community),
    }


@bp.app_template_global()
def unwelcome(qualities: list[str]) -> str:
    """« les entreprises ni les élus »: whom a community does not welcome, in words."""
    return f" {_('ni')} ".join(str(UNWELCOME[code]) for code in qualities if code in UNWELCOME)


def get_community(slug: str) -> Community:
    return get_visible_community(slug, current_user)
