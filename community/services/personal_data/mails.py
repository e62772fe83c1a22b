"""The mails of personal data: the copy is ready, an erasure is asked, called off or done, an account is not used."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from community.core.i18n import speaking
from community.core.mail import MailMessage, absolute_url, send_mail
from community.people.accounts.models import Member


def export_ready(member: Member, export: Any) -> MailMessage:
    link = absolute_url("personal_data.show")
    return _send(member, _l("La copie de vos données est prête"), "export_ready", link=link, until=export.expires_at)


def erasure_asked(member: Member, request: Any) -> MailMessage:
    link = absolute_url("personal_data.leave")
    subject = _l("Votre compte sera effacé")
    return _send(member, subject, "erasure_asked", link=link, due=request.due_at, keeps=request.own_texts == "keep")


def erasure_cancelled(member: Member) -> MailMessage:
    return _send(member, _l("Votre compte ne sera pas effacé"), "erasure_cancelled")


def farewell(member: Member, request: Any) -> MailMessage:
    return _send(member, _l("Votre compte est effacé"), "farewell", keeps=request.own_texts == "keep")


def inactive(member: Member, until: Any) -> MailMessage:
    link = absolute_url("accounts.sign_in")
    return _send(
        member, _l("Votre compte ne sert plus : gardez-le, ou laissez-le partir"), "inactive", link=link, until=until
    )


def _send(member: Member, subject: object, template: str, **values: object) -> MailMessage:
    """In the member's language, whatever the one of the request that causes it."""
    with speaking(member.locale):
        return send_mail(member.email, str(subject), f"personal_data/{template}", name=member.display_name, **values)
