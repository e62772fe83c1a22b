"""The mails of communities: an invitation, and the answer to a request."""

from __future__ import annotations

from flask_babel import gettext as _

from community.core.i18n import speaking
from community.core.mail import absolute_url, send_mail
from community.people.communities.models import Community, Invitation, JoinRequest


def send_invitation(invitation: Invitation, community: Community, inviter: str, token: str) -> None:
    """The only place where the token is readable: the mail to the invited address."""
    send_mail(
        invitation.email,
        _("%(name)s vous invite dans « %(community)s »", name=inviter, community=community.name),
        "communities/invitation",
        community=community,
        invitation=invitation,
        inviter=inviter,
        link=absolute_url("communities.show_invitation", token=token),
    )


def send_decision(request: JoinRequest) -> None:
    """Tell the asker, in the asker's language, with the reason when it is no."""
    with speaking(request.member.locale):
        _send_decision(request, request.state == "accepted")


def _send_decision(request: JoinRequest, accepted: bool) -> None:
    subject = _("Bienvenue dans « %(community)s »") if accepted else _("Votre demande pour « %(community)s »")
    send_mail(
        request.member.email,
        subject % {"community": request.community.name},
        "communities/join_decision",
        request=request,
        accepted=accepted,
        link=absolute_url("communities.show", slug=request.community.slug),
    )
