"""The form of a report."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, TextAreaField
from wtforms.validators import Email, ValidationError

from community.abilities.flags.vocabulary import MEMBER_REASONS, TEXT_REASONS
from community.core.forms import Form, at_most, required


class FlagForm(Form):
    reason = RadioField(_l("Pourquoi signaler ?"), validators=[required()])
    words = TextAreaField(_l("Précisions"), validators=[at_most(2000)])

    def __init__(self, about_member: bool, **more: Any) -> None:
        super().__init__(**more)
        self.reason.choices = [
            (code, str(words)) for code, words in (MEMBER_REASONS if about_member else TEXT_REASONS).items()
        ]

    def validate_words(self, field: TextAreaField) -> None:
        if self.reason.data == "other" and len(field.data or "") < 10:
            raise ValidationError(_l("Dites en quelques mots ce qui ne va pas."))


class VisitorFlagForm(FlagForm):
    """A visitor leaves an address: the answer is sent to it, then it is forgotten."""

    email = EmailField(
        _l("Votre adresse électronique"),
        validators=[required(), at_most(254), Email(_l("Cette adresse n’a pas la forme d’une adresse électronique."))],
    )
