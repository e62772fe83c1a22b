"""Forms of coming in: register under the platform's rules, join an account, give a code."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from community.core.forms import Form, at_most, required
from community.people.accounts.forms import (
    CurrentPasswordMixin,
    EmailMixin,
    NameMixin,
    NewPasswordMixin,
    WorkMixin,
    normal_email,
)
from community.people.accounts.passwords import LONGEST
from community.people.accounts.policy import way_by_domain, way_in
from community.people.accounts.registrations import invited_address


class InvitedMixin(Form):
    """Where the platform's rules are applied: by the address's domain, or by the invitation whose link was followed."""

    reason = TextAreaField(_l("Pourquoi vous venez"), validators=[at_most(1000)])
    invitation = HiddenField(validators=[Length(max=100)])

    def address(self) -> str | None:
        """The address that registers, as it is kept."""
        raise NotImplementedError

    def invited(self) -> str | None:
        """The address that received the invitation whose link was followed."""
        return invited_address(self.invitation.data or "")

    def way(self) -> str | None:
        """How this address comes in (policy.py). Invitations count by their link alone: who is invited is not told."""
        address = self.address()
        return "invitation" if address and self.invited() == address else way_by_domain(address or "")

    def check_way(self) -> None:
        invited = self.invited()
        if invited is not None and invited != self.address():
            raise ValidationError(
                _("Votre invitation a été envoyée à %(email)s : gardez cette adresse.", email=invited)
            )
        if self.way() is None:
            raise ValidationError(_("L’inscription n’est pas ouverte à cette adresse : voyez les règles ci-dessus."))

    def validate_reason(self, field: Any) -> None:
        if self.address() and self.way() == "approval" and len(field.data or "") < 10:
            raise ValidationError(_("Votre inscription sera examinée : dites en une phrase pourquoi vous venez."))


class RegistrationForm(NameMixin, EmailMixin, NewPasswordMixin, InvitedMixin, WorkMixin):
    charter = BooleanField(
        _l("J’ai lu la charte et je m’engage à la respecter"),
        validators=[DataRequired(_l("L’inscription suppose d’accepter la charte."))],
    )

    def address(self) -> str | None:
        return normal_email(self.email.data)

    def validate_email(self, field: Any) -> None:
        super().validate_email(field)
        self.check_way()

    def validate_password(self, field: Any) -> None:
        self.check_password(self.email.data or "", self.display_name.data or "")


class NewcomerForm(NameMixin, InvitedMixin, WorkMixin):
    """Registering with an address that the identity provider verified: neither password nor mail."""

    charter = BooleanField(
        _l("J’ai lu la charte et je m’engage à la respecter"),
        validators=[DataRequired(_l("L’inscription suppose d’accepter la charte."))],
    )

    def __init__(self, email: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.email = email

    def address(self) -> str | None:
        return self.email

    def way(self) -> str | None:
        """The address is proved already, so invitations count."""
        return way_in(self.email)

    def validate_charter(self, field: Any) -> None:
        self.check_way()


class JoiningForm(Form):
    """Joining an account to an identity: its password."""

    password = PasswordField(
        _l("Mot de passe"),
        validators=[InputRequired(_l("Ce champ est obligatoire.")), at_most(LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class CodeMixin(Form):
    code = StringField(
        _l("Code à six chiffres"),
        validators=[required(), at_most(40)],
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "text",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


class SecondStepForm(CodeMixin):
    """The code, after the password; ``passed`` carries, sealed, what the first step proved."""

    passed = HiddenField()


class FirstCodeForm(CodeMixin):
    """The first code that a generator shows."""


class ProofForm(CurrentPasswordMixin):
    """Nothing but the password again."""


class DisableCodesForm(CodeMixin, CurrentPasswordMixin):
    """Switching the second factor off takes both."""
