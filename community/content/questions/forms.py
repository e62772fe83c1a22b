"""Forms of questions and answers."""

from __future__ import annotations

import re
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from community.abilities.tags.actions import parse_tags
from community.abilities.tags.forms import TagsField
from community.content.questions.embargo import today
from community.core.clock import now
from community.core.forms import Form, OnceForm, at_least, at_most, required
from community.core.vocab import options
from community.people.accounts.naming_forms import Unnamed
from community.people.accounts.ration_forms import Rationed

CPV = re.compile(r"\b(\d{8})(?:-\d)?\b")


def parse_cpv(text: str) -> list[str]:
    """CPV codes as people paste them (« 15800000-6, 15300000 »): 8 digits each, at most 6."""
    return list(dict.fromkeys(CPV.findall(text)))[:6]


class QuestionForm(Unnamed, Rationed, OnceForm):
    """Ask or edit a question. ``suggestions_seen`` says that close content was shown before publishing."""

    community = SelectField(_l("Communauté"), validators=[InputRequired(_l("Choisissez une communauté."))], coerce=str)
    title = StringField(_l("Votre question en une phrase"), validators=[required(), at_least(15), at_most(200)])
    body = TextAreaField(
        _l("Le contexte et ce que vous voulez savoir"), validators=[required(), at_least(20), at_most(30_000)]
    )
    tags = TagsField(_l("Étiquettes"), validators=[Optional(), Length(max=400)])
    phase = SelectField(_l("Phase d’achat"), validators=[Optional()])
    cpv = StringField(_l("Codes CPV"), validators=[Optional(), at_most(120)])
    deadline = DateField(_l("J’ai besoin d’une réponse avant le"), validators=[Optional()])
    discreet = BooleanField(_l("Ne pas montrer mon nom aux autres membres"))
    embargo = DateField(_l("Ne publier qu’à partir du"), validators=[Optional()])
    suggestions_seen = HiddenField(validators=[Length(max=1)])

    def __init__(self, communities: list[tuple[str, str]] | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        self.phase.choices = options("phase", "—")
        self.community.choices = [("", _l("Choisissez une communauté")), *(communities or [])]

    def validate_cpv(self, field) -> None:
        if field.data and not parse_cpv(field.data):
            raise ValidationError(_l("Un code CPV a huit chiffres, par exemple 15800000."))

    def validate_deadline(self, field) -> None:
        if field.data and field.data < now().date() and field.data != field.object_data:
            raise ValidationError(_l("Cette date est passée."))

    def validate_embargo(self, field) -> None:
        check_embargo(field)

    def values(self) -> dict:
        """What the actions take, in their own words."""
        return {
            "title": self.title.data,
            "body": self.body.data,
            "tags": parse_tags(self.tags.data or ""),
            "phase": self.phase.data or None,
            "cpv": parse_cpv(self.cpv.data or ""),
            "deadline": self.deadline.data,
        }


def check_embargo(field) -> None:
    """A day to come, within a year."""
    if field.data and not today() < field.data <= today() + timedelta(days=366):
        raise ValidationError(_l("Choisissez un jour à venir, dans l’année."))


class EmbargoForm(Form):
    embargo = DateField(_l("Ne publier qu’à partir du"), validators=[InputRequired(_l("Choisissez un jour."))])

    def validate_embargo(self, field) -> None:
        check_embargo(field)


class SealForm(Form):
    reason = TextAreaField(
        _l("Pourquoi lire qui a posé cette question"), validators=[required(), at_least(20), at_most(800)]
    )


class EditQuestionForm(QuestionForm):
    paced = False
    revision = IntegerField(validators=[InputRequired()])
    note = StringField(_l("Pourquoi cette modification ?"), validators=[Optional(), at_most(200)])

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        del self.community
        del self.once
        del self.suggestions_seen
        del (
            self.discreet
        )  # chosen once, when asking: a name that was shown cannot be taken back, nor the other way round
        del self.embargo  # another day is chosen on the question's own page


class AnswerForm(Unnamed, Rationed, OnceForm):
    body = TextAreaField(_l("Votre réponse"), validators=[required(), at_least(10), at_most(30_000)])


class EditAnswerForm(Unnamed, Rationed, Form):
    paced = False
    body = TextAreaField(_l("Votre réponse"), validators=[required(), at_least(10), at_most(30_000)])
    revision = IntegerField(validators=[InputRequired()])
    note = StringField(_l("Pourquoi cette modification ?"), validators=[Optional(), at_most(200)])


class CertifyForm(Form):
    until = DateField(_l("Certifiée jusqu’au"), validators=[Optional()])


class CloseForm(Form):
    reason = StringField(_l("Pourquoi fermer cette question ?"), validators=[required(), at_most(300)])


class DuplicateForm(Form):
    original = StringField(_l("Adresse ou numéro de la question d’origine"), validators=[required(), at_most(300)])
    sure = BooleanField(_l("J’ai vérifié que les deux questions demandent la même chose"))

    def original_id(self) -> int | None:
        """The question's number in « 12 », « #12 » or an address of its page."""
        found = re.search(r"(?:questions/|^#?)(\d{1,9})", (self.original.data or "").strip())
        return int(found.group(1)) if found else None
