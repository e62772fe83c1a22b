"""Forms of personal data."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange

from community.core.forms import Form, at_least, at_most, required
from community.people.accounts.forms import CurrentPasswordMixin
from community.services.personal_data.retention import PERIODS

OWN_TEXTS = (
    SelectChoice("keep", _l("Les garder sous « Membre parti » : les réponses continuent d’aider")),
    SelectChoice("remove", _l("Effacer celles qui ne sont qu’à moi : commentaires, et textes que personne n’a repris")),
)


class ProofForm(CurrentPasswordMixin):
    """One's password, asked again before what leaves the site or cannot be undone (see accounts.views.proved)."""


class LeaveForm(ProofForm):
    own_texts = RadioField(_l("Vos contributions publiées"), choices=list(OWN_TEXTS), default="keep")
    sure = BooleanField(_l("Je comprends que mon compte sera effacé pour de bon"), validators=[required()])


class OnBehalfForm(Form):
    """An administrator acts for a member who wrote to them."""

    email = EmailField(_l("Adresse du membre"), validators=[required(), at_most(254)])
    what = RadioField(
        _l("Demande"),
        choices=[
            SelectChoice("export", _l("Recevoir une copie de ses données")),
            SelectChoice("erasure", _l("Effacer son compte")),
        ],
        default="export",
    )
    reason = StringField(_l("Comment la demande est arrivée"), validators=[required(), at_least(5), at_most(200)])


class TextForm(Form):
    """A new version of the charter or of the notice, written against version ``base``."""

    base = HiddenField(default="0")
    body = TextAreaField(_l("Texte"), validators=[required(), at_least(50), at_most(30_000)])
    note = StringField(_l("Ce qui change, dit aux membres"), validators=[required(), at_least(5), at_most(300)])


def _days(period):
    within = NumberRange(period.least, period.most, message=_l("Entre %(min)d et %(max)d jours."))
    needed = InputRequired(_l("Indiquez un nombre de jours."))
    return IntegerField(period.label, validators=[needed, within])


class PeriodsForm(Form):
    """Every period, in days; fields are named as the options with « __ » for the dot."""

    locals().update({period.option.replace(".", "__"): _days(period) for period in PERIODS})

    def values(self) -> dict[str, int]:
        """Options by their names."""
        return {period.option: self[period.option.replace(".", "__")].data for period in PERIODS}
