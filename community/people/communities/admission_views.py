"""Coming in where the door is not open: requests and the moderators' desk, invitations and their answer."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, login_required

from community.core.db import commit
from community.core.limits import limiter
from community.core.web import saved, see_other
from community.people.accounts.views import renew_session
from community.people.communities.admissions import (
    accept_invitation,
    accept_request,
    decline_invitation,
    invite,
    refuse_request,
    request_to_join,
    withdraw_invitation,
    withdraw_request,
)
from community.people.communities.forms import InvitationForm, JoinRequestForm, RefusalForm
from community.people.communities.models import Community
from community.people.communities.queries import (
    decided_requests,
    invitation_by_token,
    invitation_in,
    invitations_page,
    my_invitation,
    request_in,
    waiting_requests,
)
from community.people.communities.views import bp, get_community
from community.permissions import can_answer_invitation, can_invite, can_manage_community, can_request_to_join, require

# --- requests ---------------------------------------------------------------------------------------------------------


@bp.route("/communautes/<slug>/demande", methods=["GET", "POST"])
@login_required
@limiter.limit("10 per hour", methods=["POST"])
def ask_to_join(slug: str):
    community = get_community(slug)
    require(can_request_to_join(current_user, community))
    form = JoinRequestForm()
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("communities/ask.html", community=community, form=form, active="communities"), status
    request_to_join(current_user, community, form.message.data)
    return saved(
        url_for("communities.show", slug=slug),
        _("Votre demande est envoyée. Une réponse vous parviendra par courriel et dans vos notifications."),
    )


@bp.post("/communautes/<slug>/demande/retrait")
@login_required
def withdraw_my_request(slug: str):
    community = get_community(slug)
    require(can_request_to_join(current_user, community))
    withdraw_request(current_user, community)
    return saved(url_for("communities.show", slug=slug))


@bp.get("/communautes/<slug>/demandes")
@login_required
def desk(slug: str):
    community = get_community(slug)
    require(can_manage_community(current_user, community))
    return show_desk(community)


@bp.post("/communautes/<slug>/demandes/<int:id>/acceptation")
@login_required
def accept_join_request(slug: str, id: int):
    community = get_community(slug)
    require(can_manage_community(current_user, community))
    join_request = request_in(community, id)
    name = join_request.member.display_name
    accept_request(join_request, current_user)
    return saved(url_for("communities.desk", slug=slug), _("%(name)s fait partie de la communauté.", name=name))


@bp.post("/communautes/<slug>/demandes/<int:id>/refus")
@login_required
def refuse_join_request(slug: str, id: int):
    community = get_community(slug)
    require(can_manage_community(current_user, community))
    join_request = request_in(community, id)
    form = RefusalForm()
    if not form.validate():
        return show_desk(community, {id: form}, 422)
    refuse_request(join_request, current_user, form.reason.data)
    return saved(url_for("communities.desk", slug=slug), _("La réponse et sa raison sont envoyées."))


def show_desk(community: Community, forms: dict[int, RefusalForm] | None = None, status: int = 200):
    """Requests that wait, each with its two answers; ``forms`` holds the refusal that was not valid."""
    page = waiting_requests(community.id, request.args.get("page"))
    return render_template(
        "communities/desk.html",
        community=community,
        page=page,
        decided=decided_requests(community.id),
        forms_by_id=forms or {},
        blank=RefusalForm(formdata=None),
        active="communities",
    ), status


# --- invitations ------------------------------------------------------------------------------------------------------


@bp.route("/communautes/<slug>/invitations", methods=["GET", "POST"])
@login_required
@limiter.limit("20 per hour", methods=["POST"])
def invitations(slug: str):
    community = get_community(slug)
    require(can_invite(current_user, community))
    form = InvitationForm()
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        page = invitations_page(community.id, request.args.get("page"))
        return render_template("communities/invitations.html", community=community, form=form, page=page), status
    sent = [invite(community, current_user, email, message=form.message.data or "") for email in form.emails()]
    commit()
    count = sum(invitation is not None for invitation in sent)
    flash(ngettext("%(num)d invitation envoyée.", "%(num)d invitations envoyées.", count), "success")
    return see_other(url_for("communities.invitations", slug=slug))


@bp.post("/communautes/<slug>/invitations/<int:id>/retrait")
@login_required
def take_back_invitation(slug: str, id: int):
    community = get_community(slug)
    require(can_manage_community(current_user, community))
    withdraw_invitation(invitation_in(community, id), current_user)
    return saved(url_for("communities.invitations", slug=slug))


@bp.get("/invitations/<token>")
@limiter.limit("60 per hour")
def show_invitation(token: str):
    """What the link of the mail shows; opening it changes nothing. Under another address, no name is shown."""
    invitation = invitation_by_token(token)
    if current_user.is_authenticated:
        other = current_user.email != invitation.email
        message = _("Cette invitation a été envoyée à une autre adresse que celle de votre compte.") if other else None
        require(can_answer_invitation(current_user, invitation), message)
    return render_template("communities/invitation.html", invitation=invitation, token=token, active="communities")


@bp.post("/invitations/<int:id>/acceptation")
@login_required
def accept_my_invitation(id: int):
    invitation = my_invitation(current_user, id)
    require(can_answer_invitation(current_user, invitation))
    accept_invitation(invitation, current_user)
    slug, name, role = invitation.community.slug, invitation.community.name, invitation.role
    if role == "moderator":
        renew_session()
    return saved(url_for("communities.show", slug=slug), _("Bienvenue dans « %(name)s ».", name=name))


@bp.post("/invitations/<int:id>/refus")
@login_required
def decline_my_invitation(id: int):
    invitation = my_invitation(current_user, id)
    require(can_answer_invitation(current_user, invitation))
    decline_invitation(invitation, current_user)
    return saved(url_for("communities.index"), _("L’invitation est déclinée."))
