"""The form of a sheet: one long page by sections.

A draft is saved however little it holds; publishing asks for four fields.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from community.abilities.tags.actions import parse_tags
from community.abilities.tags.forms import TagsField
from community.abilities.tags.queries import Labels
from community.content.questions.forms import parse_cpv
from community.content.sheets.fields import MOST_CRITERIA, MOST_RESULTS, ROWS, clean_rows, number, shown
from community.content.sheets.models import Sheet
from community.core.forms import REQUIRED, Form, OnceForm, at_most
from community.core.territories import territory_options
from community.core.vocab import options
from community.people.accounts.ration_forms import Rationed

LONG = 30_000
LISTS = ("techniques", "social_considerations", "environmental_considerations")
CHOICES = (
    "organisation_type",
    "population_band",
    "contract_type",
    "procedure",
    "amount_band",
    "territory",
    "phase",
    "would_repeat",
)
PLAIN = (
    "title", "summary", "context", "need", "difficulties", "sourcing_note", "dispute", "organisation_name", "contact",
    "sourcing_done", "duration_months", "lots", "bids_received", "notified_on", "decp_id",
)  # fmt: skip
NEEDED = ("title", "summary", "context", "lessons")


class Ticks(SelectMultipleField):
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CriterionForm(Form):
    """One award criterion; a row left empty is dropped."""

    class Meta(Form.Meta):
        csrf = False

    label = StringField(_l("Critère"), validators=[at_most(120)])
    weight = StringField(_l("Poids (%)"), validators=[at_most(10)])
    method = StringField(_l("Comment il a été noté"), validators=[at_most(500)])

    def validate_weight(self, field) -> None:
        weight = number(field.data)
        if field.data and (weight is None or not 0 <= weight <= 1000):
            raise ValidationError(_l("Un nombre, par exemple 40."))


class ResultForm(Form):
    """One result; a row left empty is dropped."""

    class Meta(Form.Meta):
        csrf = False

    indicator = StringField(_l("Indicateur"), validators=[at_most(120)])
    value = StringField(_l("Valeur"), validators=[at_most(60)])
    unit = StringField(_l("Unité"), validators=[at_most(60)])
    method = StringField(_l("Comment c’est mesuré"), validators=[at_most(500)])


def _count(label: Any, most: int) -> IntegerField:
    wrong = _l("Un nombre entier, de 0 à %(max)s.")
    return IntegerField(label, validators=[Optional(), NumberRange(0, most, wrong)])


class SheetForm(Rationed, Form):
    """Write or edit a sheet. ``revision`` is the one that the editor started from."""

    community = SelectField(_l("Communauté"), validators=[InputRequired(_l("Choisissez une communauté."))])
    title = StringField(_l("Titre"), validators=[at_most(200)])
    summary = TextAreaField(_l("En bref"), validators=[at_most(500)])
    organisation_name = StringField(_l("Organisme"), validators=[at_most(160)])
    organisation_type = SelectField(_l("Type d’organisme"))
    territory = SelectField(_l("Territoire"))
    population_band = SelectField(_l("Strate de population"))
    context = TextAreaField(_l("Contexte"), validators=[at_most(LONG)])
    need = TextAreaField(_l("Besoin"), validators=[at_most(LONG)])
    contract_type = SelectField(_l("Nature"))
    procedure = SelectField(_l("Procédure"))
    techniques = Ticks(_l("Techniques d’achat"))
    amount_band = SelectField(_l("Tranche de montant (HT)"))
    duration_months = _count(_l("Durée en mois"), 600)
    lots = _count(_l("Nombre de lots"), 999)
    bids_received = _count(_l("Offres reçues"), 9999)
    notified_on = DateField(_l("Date de notification"), validators=[Optional()])
    decp_id = StringField(_l("Identifiant DECP"), validators=[at_most(60)])
    social_considerations = Ticks(_l("Considérations sociales"))
    environmental_considerations = Ticks(_l("Considérations environnementales"))
    sourcing_done = BooleanField(_l("Un sourçage a été mené avant la consultation"))
    sourcing_note = TextAreaField(_l("Comment s’est passé le sourçage"), validators=[at_most(LONG)])
    award_criteria = FieldList(FormField(CriterionForm), _l("Critères d’attribution"), max_entries=MOST_CRITERIA)
    results = FieldList(FormField(ResultForm), _l("Résultats"), max_entries=MOST_RESULTS)
    lessons = TextAreaField(_l("Enseignements"), validators=[at_most(LONG)])
    difficulties = TextAreaField(_l("Difficultés"), validators=[at_most(LONG)])
    dispute = TextAreaField(_l("Contentieux"), validators=[at_most(LONG)])
    would_repeat = RadioField(_l("À refaire ?"))
    tags = TagsField(_l("Étiquettes"), validators=[Length(max=400)])
    cpv = StringField(_l("Codes CPV"), validators=[at_most(120)])
    dimensions = Ticks(_l("Dimensions"))
    phase = SelectField(_l("Phase d’achat la plus utile"))
    contact = StringField(_l("Contact"), validators=[at_most(200)])
    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])
    note = StringField(_l("Pourquoi cette modification ?"), validators=[at_most(200)])

    def __init__(self, communities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.community.choices = communities
        for name in CHOICES:
            self[name].choices = territory_options("—") if name == "territory" else options(name, "—")
        self.would_repeat.choices = options("would_repeat", str(_l("Trop tôt pour le dire")))
        self.techniques.choices = options("technique")
        self.social_considerations.choices = options("social")
        self.environmental_considerations.choices = options("environmental")
        self.dimensions.choices = options("dimension")

    @classmethod
    def of(cls, sheet: Sheet, labels: Labels, communities: list[tuple[str, str]], **kwargs: Any) -> SheetForm:
        """The form as the sheet stands, or as it was just sent when there is a POST."""
        kept = {name: getattr(sheet, name) for name in (*PLAIN, *LISTS)}
        kept |= {name: getattr(sheet, name) or "" for name in CHOICES}
        kept |= {
            "community": sheet.community.slug,
            "lessons": sheet.body,
            "tags": ", ".join(label for _slug, label in labels.tags),
            "cpv": ", ".join(labels.cpv),
            "dimensions": labels.dimensions,
            "revision": sheet.revisions_count,
            "award_criteria": [row | {"weight": shown(row.get("weight"))} for row in sheet.award_criteria],
            "results": list(sheet.results),
        }
        form = cls(communities, data=kept, **kwargs)
        if sheet.published_at is not None:
            del form.community  # a published sheet stays where its readers found it
        return form

    def has_what_publishing_needs(self) -> bool:
        """After validate(): the four fields are there; those that are not get their error."""
        empty = [name for name in NEEDED if not self[name].data]
        for name in empty:
            self[name].errors = [*self[name].errors, REQUIRED]
        return not empty

    def validate_cpv(self, field) -> None:
        if field.data and not parse_cpv(field.data):
            raise ValidationError(_l("Un code CPV a huit chiffres, par exemple 15800000."))

    def change_rows(self, add: str, drop: str) -> None:
        """« Ajouter » gives one more empty row to a list; « Retirer » takes the named row (« results-2 ») away."""
        if add in ROWS and len(self[add].entries) < self[add].max_entries:
            self[add].append_entry()
        name, _dash, place = drop.rpartition("-")
        if name in ROWS:
            self[name].entries = [entry for entry in self[name].entries if entry.name != f"{name}-{place}"]

    def offer_rows(self) -> None:
        """Show one empty row where there is none yet, so that the form invites to fill it in."""
        for name in ROWS:
            if not self[name].entries:
                self[name].append_entry()

    def values(self) -> dict[str, Any]:
        """What the actions take, in their own words."""
        rows = {name: clean_rows(name, [entry.data for entry in self[name].entries]) for name in ROWS}
        return (
            {name: self[name].data for name in PLAIN}
            | {name: self[name].data or [] for name in LISTS}
            | {name: self[name].data or None for name in CHOICES}
            | rows
            | {
                "lessons": self.lessons.data,
                "decp_id": self.decp_id.data or None,
                "tags": parse_tags(self.tags.data or ""),
                "cpv": parse_cpv(self.cpv.data or ""),
                "dimensions": self.dimensions.data or [],
            }
        )


class StartForm(OnceForm):
    """Begin a sheet: its community and a working title."""

    community = SelectField(_l("Communauté"), validators=[InputRequired(_l("Choisissez une communauté."))])
    title = StringField(_l("Titre provisoire"), validators=[at_most(200)])

    def __init__(self, communities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.community.choices = communities


class ContractForm(StartForm):
    """Begin a sheet from a contract: one that was imported, or a pasted DECP record."""

    contract = HiddenField(validators=[Length(max=12)])
    record = TextAreaField(_l("Données essentielles du contrat (JSON)"), validators=[at_most(200_000)])
