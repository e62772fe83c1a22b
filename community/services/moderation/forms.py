"""Forms of the desk: a decision, a refusal, an appeal and its answer, the rules of a place, a sweep."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional, ValidationError

from community.core.clock import now
from community.core.forms import Form, at_least, at_most, required
from community.core.vocab import Vocabulary
from community.services.moderation.decisions import Wanted
from community.services.moderation.rules import clean_words
from community.services.moderation.vocabulary import MESSAGES

USUAL_DAYS = {"suspend": 7, "silence": 14}


class DecisionForm(Form):
    """One decision on a case: the words for the author, and what this action needs. ``prefix`` is the action."""

    action = HiddenField()
    message = TextAreaField(_l("Message à l’auteur"), validators=[at_most(4000)])
    until = DateField(_l("Jusqu’au"), validators=[Optional()])
    community = SelectField(_l("Communauté"), validators=[Optional()], choices=())
    title = StringField(_l("Titre"), validators=[at_most(200)])
    body = TextAreaField(_l("Texte"), validators=[at_most(30_000)])

    def __init__(self, action: str, places: list[tuple[str, str]] = [], **more: Any) -> None:  # noqa: B006
        super().__init__(prefix=f"{action}-", **more)
        self.wanted_action = action
        self.community.choices = places

    def validate_message(self, field: TextAreaField) -> None:
        if self.wanted_action != "keep" and len(field.data or "") < 10:
            raise ValidationError(_l("L’auteur doit savoir pourquoi : écrivez-lui."))

    def validate_until(self, field: DateField) -> None:
        if self.wanted_action in USUAL_DAYS and (field.data is None or field.data <= now().date()):
            raise ValidationError(_l("Choisissez une date à venir."))

    def validate_body(self, field: TextAreaField) -> None:
        if self.wanted_action == "edit" and not field.data:
            raise ValidationError(_l("Un texte corrigé n’est pas vide : pour l’ôter, retirez-le."))

    def wanted(self, target: Any = None) -> Wanted:
        until = datetime.combine(self.until.data, time(22, 0), UTC) if self.until.data else None
        words = {"title": self.title.data or "", "body": self.body.data or ""}
        return Wanted(self.wanted_action, self.message.data or "", until, target, **words)


def usual(action: str, **more: Any) -> dict[str, Any]:
    """What a decision's form says before anybody edits it."""
    days = USUAL_DAYS.get(action)
    until = now().date() + timedelta(days=days) if days else None
    return {"action": action, "message": str(MESSAGES.get(action, "")), "until": until} | more


class RefusalForm(Form):
    message = TextAreaField(_l("Message à l’auteur"), validators=[required(), at_least(10), at_most(4000)])


class AppealForm(Form):
    words = TextAreaField(_l("Pourquoi contester ?"), validators=[required(), at_least(10), at_most(4000)])


class AnswerForm(Form):
    """The answer to an appeal."""

    answer = TextAreaField(_l("Réponse à l’auteur"), validators=[required(), at_least(10), at_most(4000)])


class RulesForm(Form):
    """The rules of the platform or of a community; what is not ticked is off."""

    first_posts = BooleanField(_l("Relire les premiers messages d’un membre"))
    count = IntegerField(_l("Combien"), validators=[Optional(), NumberRange(1, 20, _l("Entre 1 et 20."))], default=1)
    links = BooleanField(_l("Relire les liens des nouveaux membres"))
    words = BooleanField(_l("Relire les textes qui contiennent certains mots"))
    list = TextAreaField(_l("Mots et expressions, un par ligne"), validators=[at_most(10_000)])
    language = BooleanField(_l("Relire les textes qui ne sont pas en français"))
    repeated = BooleanField(_l("Relire un texte que son auteur a déjà publié"))
    days = IntegerField(
        _l("Depuis combien de jours"), validators=[Optional(), NumberRange(1, 90, _l("Entre 1 et 90."))]
    )

    def validate_list(self, field: TextAreaField) -> None:
        if self.words.data and not clean_words(field.data or ""):
            raise ValidationError(_l("Donnez au moins un mot."))

    def rules(self) -> dict[str, dict[str, Any]]:
        settings: dict[str, dict[str, Any]] = {
            "first_posts": {"count": self.count.data or 1},
            "links": {},
            "words": {"words": clean_words(self.list.data or "")},
            "language": {},
            "repeated": {"days": self.days.data or 7},
        }
        return {kind: value for kind, value in settings.items() if self[kind].data}


SWEPT: Vocabulary = {
    "1": _l("depuis une heure"),
    "24": _l("depuis un jour"),
    "168": _l("depuis une semaine"),
    "0": _l("depuis toujours"),
}


class SweepForm(Form):
    since = SelectField(_l("Ce qu’il a publié"), choices=(), default="1")
    reason = TextAreaField(_l("Raison"), validators=[required(), at_least(5), at_most(900)])
    suspend = BooleanField(_l("Et suspendre le compte"))

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.since.choices = [(hours, str(words)) for hours, words in SWEPT.items()]
