"""Who belongs to a community, and the roles that its moderators give and take."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.core.errors import Invalid
from community.core.vocab import label
from community.core.web import saved
from community.people.communities.actions import remove_member, set_role
from community.people.communities.forms import RoleForm, known_role
from community.people.communities.queries import members_page
from community.people.communities.views import bp, get_community
from community.permissions import can_manage_community, can_see_members, require


@bp.get("/communautes/<slug>/membres")
@login_required
def members(slug: str):
    community = get_community(slug)
    require(can_see_members(current_user, community))
    role = known_role(request.args.get("role"))
    page = members_page(community.id, role, request.args.get("page"))
    return render_template(
        "communities/members.html",
        community=community,
        page=page,
        role=role,
        may_manage=can_manage_community(current_user, community),
        active="communities",
    )


@bp.post("/communautes/<slug>/membres/<int:id>/role")
@login_required
def change_role(slug: str, id: int):
    community = get_community(slug)
    require(can_manage_community(current_user, community))
    form = RoleForm()
    if not form.validate():
        raise Invalid(_("Ce rôle n’existe pas."))
    set_role(community, id, form.role.data, current_user)
    return saved(
        url_for("communities.members", slug=slug),
        _("Le rôle est changé : %(role)s.", role=label("role", form.role.data)),
    )


@bp.post("/communautes/<slug>/membres/<int:id>/retrait")
@login_required
def expel(slug: str, id: int):
    community = get_community(slug)
    require(can_manage_community(current_user, community))
    remove_member(community, id, current_user)
    return saved(url_for("communities.members", slug=slug), _("Cette personne ne fait plus partie de la communauté."))
