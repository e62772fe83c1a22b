"""The mails of accounts.

What a visitor may ask for by typing an address is only written down by the request (the same row whether the address is
known or not, so that time tells nothing) and decided by the worker, in handlers.py.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from community.core.i18n import speaking
from community.core.mail import absolute_url, send_mail
from community.core.outbox import emit
from community.people.accounts.models import Member
from community.people.accounts.policy import is_examined
from community.people.accounts.tokens import make_token, may_send


class Address:
    """The subject of an event about an address that may be nobody's."""

    __tablename__ = "address"
    id = 0


def ask_for(purpose: str, email: str) -> None:
    """Somebody asks that this address be written to: "confirm", "again" (registered twice) or "reset"."""
    emit("account.mail_asked", Address(), purpose=purpose, email=email)


def send_asked(member: Member, purpose: str) -> None:
    """Decide what an existing member's address receives, at most five links a day."""
    if member.state == "pending":
        send_finish(member) if purpose in ("again", "reset") else send_confirmation(member)
    elif member.state in ("active", "waiting", "declined"):
        send_reset(member) if purpose == "reset" else send_already(member)


def send_confirmation(member: Member) -> None:
    if may_send(member.id, "confirm"):
        token = make_token(member, "confirm", member.email)
        link = absolute_url("accounts.confirm", token=token)
        _send(member, _l("Confirmez votre adresse"), "confirm", link=link, examined=is_examined(member.email))


def send_finish(member: Member) -> None:
    """A second registration at an address that waits: its owner alone, from the mail, says what the password is."""
    if may_send(member.id, "reset"):
        token = make_token(member, "reset", member.email)
        _send(member, _l("Terminez votre inscription"), "finish", link=absolute_url("accounts.reset", token=token))


def send_reset(member: Member) -> None:
    if may_send(member.id, "reset"):
        token = make_token(member, "reset", member.email)
        link = absolute_url("accounts.reset", token=token)
        _send(member, _l("Choisissez un nouveau mot de passe"), "reset", link=link)


def send_already(member: Member) -> None:
    if may_send(member.id, "notice"):
        make_token(member, "notice", member.email)
        links = {"link": absolute_url("accounts.sign_in"), "forgotten": absolute_url("accounts.forgotten")}
        _send(member, _l("Vous avez déjà un compte"), "already", **links)


def email_change(member: Member, email: str, token: str) -> None:
    link = absolute_url("accounts.confirm_email", token=token)
    _send(member, _l("Confirmez votre nouvelle adresse"), "email_change", recipient=email, link=link, email=email)


def email_changed(member: Member, former: str) -> None:
    subject = _l("L’adresse de votre compte a changé")
    _send(member, subject, "email_changed", recipient=former, email=member.email)


def password_changed(member: Member) -> None:
    _send(member, _l("Votre mot de passe a changé"), "password_changed", link=absolute_url("accounts.forgotten"))


def registration_accepted(member: Member, answer: str) -> None:
    subject = _l("Bienvenue : votre inscription est acceptée")
    _send(member, subject, "registration_accepted", answer=answer, link=absolute_url("accounts.sign_in"))


def registration_refused(member: Member, answer: str) -> None:
    _send(member, _l("Votre inscription n’a pas été acceptée"), "registration_refused", answer=answer)


def registration_waits(administrator: Member, member: Member) -> None:
    """Tell an administrator that somebody waits; who, is on the page."""
    link = absolute_url("admin.registrations")
    _send(
        administrator,
        _l("Une inscription attend votre réponse"),
        "registration_waits",
        who=member.display_name,
        link=link,
    )


def platform_invitation(email: str, inviter: str, message: str, token: str) -> None:
    """To somebody who has no account, hence no language: French."""
    with speaking("fr"):
        subject = str(_l("%(name)s vous invite sur Entrepairs", name=inviter))
        link = absolute_url("accounts.registration", invitation=token)
        send_mail(email, subject, "accounts/platform_invitation", inviter=inviter, message=message, link=link)


def second_factor_changed(member: Member, what: str) -> None:
    """``what``: "on", "off", "reset" (by an administrator) or "recovery" (a recovery code was used)."""
    _send(
        member,
        _l("La double authentification de votre compte"),
        "second_factor",
        what=what,
        link=absolute_url("accounts.second_factor"),
    )


def identity_linked(member: Member, provider: str) -> None:
    subject = _l("Un nouveau moyen de connexion à votre compte")
    _send(member, subject, "identity_linked", provider=provider, link=absolute_url("accounts.second_factor"))


def seal_opened(member: Member, item: Any, moderator: str, reason: str) -> None:
    """To who asked discreetly: a moderator read who asked, and this is why."""
    link = absolute_url("questions.show", id=item.id)
    subject = _l("Votre identité a été consultée")
    _send(member, subject, "seal_opened", title=item.title, moderator=moderator, reason=reason, link=link)


def _send(member: Member, subject: object, template: str, recipient: str = "", **values: object) -> None:
    """In the member's language, whatever the one of the request that causes it."""
    with speaking(member.locale):
        send_mail(recipient or member.email, str(subject), f"accounts/{template}", name=member.display_name, **values)
