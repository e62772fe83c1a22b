"""Forms of communities: their presentation, asking to come in, answering, inviting, roles."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from community.core.clock import now
from community.core.forms import Form, at_least, at_most, required
from community.core.vocab import COMMUNITY_KINDS, COMMUNITY_ROLES, QUALITIES, options

MOST_ADDRESSES = 30
HERE = ZoneInfo("Europe/Paris")
_BETWEEN = re.compile(r"[\s,;]+")
_CHOOSE = _l("Choisissez dans la liste.")
_DAYS = _l("Un nombre de jours, entre 1 et 60.")


class Ticks(SelectMultipleField):
    """Several boxes; none ticked is an answer too."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CommunityForm(Form):
    """A community's presentation. Name and visibility belong to administrators: see ``without_name()``."""

    name = StringField(_l("Nom"), validators=[required(), at_least(3), at_most(80)])
    kind = SelectField(_l("Type de communauté"), validators=[InputRequired(_CHOOSE)])
    access = SelectField(_l("Comment y entrer"), validators=[InputRequired(_CHOOSE)])
    visibility = SelectField(_l("Qui peut savoir qu’elle existe"), validators=[InputRequired(_CHOOSE)])
    purpose = TextAreaField(_l("À quoi elle sert"), validators=[required(), at_least(20), at_most(2_000)])
    charter = TextAreaField(_l("Charte"), validators=[Optional(), at_most(20_000)])
    answer_target_days = IntegerField(
        _l("Délai de réponse visé, en jours"), validators=[InputRequired(_DAYS), NumberRange(1, 60, _DAYS)], default=3
    )
    barred = Ticks(_l("Qui elle n’accueille pas"), validators=[Optional()])
    two_person_review = BooleanField(_l("Personne ne valide seul la clause qu’il a proposée"), default=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = options("community_kind")
        self.access.choices = options("access")
        self.visibility.choices = options("visibility")
        self.barred.choices = options("quality")

    def validate_barred(self, field: Any) -> None:
        if len(field.data) == len(QUALITIES):
            raise ValidationError(_("Une communauté accueille au moins quelqu’un."))
        if current_user.quality in field.data and not current_user.is_administrator:
            raise ValidationError(_("Vous ne pouvez pas écarter votre propre qualité."))

    def without_name(self) -> CommunityForm:
        """The form of a moderator: neither the name nor the visibility can be sent."""
        del self.name
        del self.visibility
        return self

    def values(self) -> dict[str, Any]:
        """The fields that this person could fill in, in the actions' words."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}


class JoinRequestForm(Form):
    message = TextAreaField(_l("Votre message aux animateurs"), validators=[required(), at_least(10), at_most(1_000)])


class RefusalForm(Form):
    reason = TextAreaField(_l("Pourquoi refuser"), validators=[required(), at_least(5), at_most(1_000)])


class InvitationForm(Form):
    """One or several addresses, however they are separated, and a word for them."""

    addresses = TextAreaField(_l("Adresses électroniques"), validators=[required(), at_most(8_000)])
    message = TextAreaField(_l("Un mot pour elles et eux"), validators=[Optional(), at_most(1_000)])

    def emails(self) -> list[str]:
        """The addresses, in lower case, each once, in the order typed."""
        parts = (part.strip("<>\"'").lower() for part in _BETWEEN.split(self.addresses.data or ""))
        return list(dict.fromkeys(part for part in parts if part))

    def validate_addresses(self, field: Any) -> None:
        emails = self.emails()
        if len(emails) > MOST_ADDRESSES:
            raise ValidationError(_("%(most)d adresses au plus à la fois.", most=MOST_ADDRESSES))
        wrong = [email for email in emails if not _is_address(email)]
        if wrong:
            raise ValidationError(_("Ce ne sont pas des adresses : %(list)s", list=", ".join(wrong[:5])))


class SuspensionForm(Form):
    """Until when, if a day is given, and why: the person reads it as it is."""

    until = DateField(_l("Jusqu’au"), validators=[Optional()])
    reason = TextAreaField(_l("Pourquoi"), validators=[required(), at_least(10), at_most(1_000)])

    def validate_until(self, field: Any) -> None:
        if field.data and field.data <= now().astimezone(HERE).date():
            raise ValidationError(_("Choisissez un jour à venir."))

    def end(self) -> datetime | None:
        """The first instant of the day chosen, in France."""
        return datetime.combine(self.until.data, time(), HERE) if self.until.data else None


class SanctionForm(SuspensionForm):
    kind = RadioField(_l("Mesure"), validators=[InputRequired(_CHOOSE)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = [
            ("silence", _("Priver de parole : la personne lit, sans publier, voter ni commenter")),
            ("ban", _("Exclure : la personne quitte la communauté et ne peut pas y revenir")),
        ]


class RoleForm(Form):
    role = SelectField(_l("Rôle"), validators=[InputRequired(_CHOOSE)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.role.choices = options("role")


def known_kind(value: str | None) -> str:
    """A community's kind as asked in the address; nothing for what does not exist."""
    return value if value in COMMUNITY_KINDS else ""


def known_role(value: str | None) -> str:
    return value if value in COMMUNITY_ROLES else ""


def _is_address(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return len(text) <= 254
