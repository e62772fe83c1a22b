"""Forms of clauses: proposing, and what reviewers decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from community.abilities.tags.actions import parse_tags
from community.abilities.tags.forms import TagsField
from community.content.clauses.fields import MOST_IN, MOST_ROWS, REQUIRED, ROWS, TEXTS
from community.content.clauses.variables import MOST, NAME, variables_in
from community.content.questions.forms import parse_cpv
from community.core.clock import now
from community.core.forms import REQUIRED as NEEDED
from community.core.forms import Form, OnceForm, at_least, at_most, required
from community.core.vocab import VERIFICATIONS, options
from community.people.accounts.ration_forms import Rationed

LONG = 20_000
SPARE_ROWS = 2
CHOOSE = _l("Choisissez dans la liste.")


class Ticks(SelectMultipleField):
    """Several choices as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _bare(name: str | None) -> str:
    """A variable's name, when it was typed with the braces that it has in the text."""
    return (name or "").strip(" {}")


class VerificationForm(Form):
    """One way to check the clause while the contract runs; a row left empty is dropped."""

    class Meta(Form.Meta):
        csrf = False

    means = SelectField(_l("Moyen"), default="")
    moment = StringField(_l("Moment"), validators=[at_most(200)])
    who = StringField(_l("Qui"), validators=[at_most(120)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(means, str(words).capitalize()) for means, words in VERIFICATIONS.items()]
        given = self.means.data if self.means.data and self.means.data not in VERIFICATIONS else None
        self.means.choices = [("", "—"), *known, *([(given, given)] if given and len(given) <= 60 else [])]


class BasisForm(Form):
    """One article, and when somebody last read it at its source; a row left empty is dropped."""

    class Meta(Form.Meta):
        csrf = False

    article = StringField(_l("Article"), validators=[at_most(60)])
    checked_on = DateField(_l("Vérifié le"), validators=[Optional()])

    def validate_checked_on(self, field: Any) -> None:
        if field.data and field.data > now().date():
            raise ValidationError(_l("Cette date est à venir."))


class VariableForm(Form):
    """What one variable of the text means; a row without a name is dropped."""

    class Meta(Form.Meta):
        csrf = False

    name = StringField(_l("Nom dans le texte"), validators=[at_most(60)], filters=[_bare])
    label = StringField(_l("Ce que c’est"), validators=[at_most(120)])
    unit = StringField(_l("Unité"), validators=[at_most(40)])
    example = StringField(_l("Exemple"), validators=[at_most(120)])

    def validate_name(self, field: Any) -> None:
        if field.data and not NAME.match(field.data):
            raise ValidationError(_l("Des lettres, des chiffres et _ seulement."))
        if not field.data and any(self[part].data for part in ("label", "unit", "example")):
            raise ValidationError(_l("De quelle variable s’agit-il ?"))


class ClauseForm(Rationed, OnceForm):
    """A clause, or a change to one. ``base_number`` is the version that the writer started from (0 for a new clause)."""

    community = SelectField(_l("Communauté"), validators=[InputRequired(CHOOSE)])
    title = StringField(_l("Titre"), validators=[at_most(200)])
    text = TextAreaField(_l("Texte de la clause"), validators=[at_most(LONG)])
    variables = FieldList(FormField(VariableForm), _l("Variables du texte"), max_entries=MOST)
    purpose = TextAreaField(_l("Pourquoi"), validators=[at_most(LONG)])
    kind_of_clause = SelectField(_l("Type de clause"), default="")
    target_document = SelectField(_l("Pièce du marché"), default="")
    ambition = SelectField(_l("Ambition"), default="")
    contract_types = Ticks(_l("Nature du marché"))
    ccag = SelectField(_l("CCAG"), default="")
    dimensions = Ticks(_l("Dimensions"))
    applies_when = TextAreaField(_l("Quand l’utiliser"), validators=[at_most(LONG)])
    avoid_when = TextAreaField(_l("À éviter si"), validators=[at_most(LONG)])
    cautions = TextAreaField(_l("Points de vigilance"), validators=[at_most(LONG)])
    verification = FieldList(FormField(VerificationForm), _l("Vérification"), max_entries=MOST_ROWS)
    effort = SelectField(_l("Charge de contrôle"), default="")
    penalty = TextAreaField(_l("Sanction"), validators=[at_most(LONG)])
    scoring_hint = TextAreaField(_l("Notation"), validators=[at_most(LONG)])
    legal_basis = FieldList(FormField(BasisForm), _l("Fondement"), max_entries=MOST_ROWS)
    source = StringField(_l("Origine"), validators=[at_most(500)])
    requires = SelectMultipleField(_l("Va avec"), validators=[Optional()])
    excludes = SelectMultipleField(_l("Incompatible avec"), validators=[Optional()])
    variant_of = SelectField(_l("Variante de"), default="")
    tags = TagsField(_l("Étiquettes"), validators=[at_most(400)])
    cpv = StringField(_l("Codes CPV"), validators=[at_most(120)])
    note = StringField(_l("Ce que change cette proposition"), validators=[at_most(500)])
    base_number = IntegerField(widget=HiddenInput(), default=0)

    def __init__(
        self, communities: list[tuple[str, str]], clauses: list[tuple[str, str]], *, needed: bool = False, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self._needed = needed
        self.community.choices = communities
        self.kind_of_clause.choices = options("kind_of_clause", "—")
        self.target_document.choices = options("target_document", "—")
        self.ambition.choices = options("ambition", "—")
        self.effort.choices = options("effort", "—")
        self.ccag.choices = [("", "—"), *options("ccag")]
        self.contract_types.choices = options("contract_type")
        self.dimensions.choices = options("dimension")
        self.requires.choices = self.excludes.choices = clauses
        self.variant_of.choices = [("", "—"), *clauses]

    @classmethod
    def of(cls, data: Mapping[str, Any] | None, communities: Any, clauses: Any, **kwargs: Any) -> ClauseForm:
        """The form of what a version says; ``None`` for a blank one."""
        return cls(communities, clauses, data=_typed(data) if data else None, **kwargs)

    def without_community(self) -> ClauseForm:
        del self.community
        return self

    def offer_rows(self) -> None:
        """A row for each variable of the texts that has none, and two blank rows at the end of each list."""
        known = {row.form.name.data for row in self.variables}
        for name in self.used_variables():
            if name not in known and len(self.variables) < MOST:
                self.variables.append_entry({"name": name})
        for name in ROWS:
            rows = getattr(self, name)
            blank = sum(1 for row in rows if not any(row.form[part].data for part in ROWS[name]))
            for _number in range(SPARE_ROWS - blank):
                if len(rows) < MOST_IN.get(name, MOST_ROWS):
                    rows.append_entry()

    def blank(self, name: str) -> Any:
        """One more row as the page may add it by itself, numbered after the others; nothing when the list is full."""
        rows = self[name]
        if len(rows) >= MOST_IN.get(name, MOST_ROWS):
            return None
        row = rows.append_entry()
        rows.entries.pop()
        return row

    def validate(self, extra_validators: Any = None) -> bool:
        """What proposing asks for; a draft may lack anything but its kind and document."""
        valid = super().validate(extra_validators)
        self._check_variables()
        for name in ROWS:
            if any(row.errors for row in self[name]):
                self[name].errors = [_l("Une ligne est à revoir.")]
                valid = False
        names = (*REQUIRED, "note") if self._needed and self.base_number.data else REQUIRED
        for name in names if self._needed else ("title", "kind_of_clause", "target_document"):
            field = self[name]
            if not field.data and not field.errors:
                field.errors = [*field.errors, NEEDED]
                valid = False
        return valid

    def _check_variables(self) -> None:
        """A definition under a name that no text has, while a variable waits for its own, is a slip that is said."""
        used, rows = self.used_variables(), [row.form for row in self.variables]
        bare = set(used) - {row.name.data for row in rows}
        for row in rows if self._needed and bare else ():
            if row.name.data and row.name.data not in used and not row.name.errors:
                row.name.errors = [
                    _l("Cette variable n’est plus dans le texte : videz la ligne, ou donnez-lui le nom d’une autre.")
                ]

    def used_variables(self) -> list[str]:
        return variables_in("\n".join(self[field].data or "" for field in TEXTS))

    def values(self) -> dict[str, Any]:
        """The fields, in the words of the actions."""
        data = {name: field.data for name, field in self._fields.items() if name not in NOT_FIELDS}
        data["tags"], data["cpv"] = parse_tags(self.tags.data or ""), parse_cpv(self.cpv.data or "")
        if self._needed:  # what a text does not have any more needs no definition
            used = self.used_variables()
            data["variables"] = [row for row in data["variables"] if row["name"] in used]
        for name in ("requires", "excludes"):
            data[name] = [int(id) for id in data[name] or ()]
        data["variant_of"] = int(self.variant_of.data) if self.variant_of.data else None
        return data


NOT_FIELDS = ("csrf_token", "once", "community", "note", "base_number")


class RemarkForm(Rationed, OnceForm):
    body = TextAreaField(_l("Votre remarque"), validators=[required(), at_least(3), at_most(2_000)])


class ReasonForm(Form):
    reason = TextAreaField(_l("Pourquoi"), validators=[required(), at_least(10), at_most(2_000)])


class ValidationForm(Form):
    """Validate a proposal: what changes, how far it may be trusted, until when, and who looks after it."""

    note = StringField(_l("Ce que change cette version"), validators=[required(), at_most(500)])
    trust_level = SelectField(_l("Niveau de confiance"), validators=[InputRequired(CHOOSE)], default="peer_reviewed")
    review_due = DateField(_l("À revoir le"), validators=[InputRequired(NEEDED)])
    curator = SelectField(_l("Responsable"), coerce=int)

    def __init__(self, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.trust_level.choices = options("trust_level")
        self.curator.choices = people

    def validate_review_due(self, field: Any) -> None:
        if field.data and field.data <= now().date():
            raise ValidationError(_l("Choisissez une date à venir."))


class RetireForm(ReasonForm):
    successor = SelectField(_l("Clause à utiliser à la place"), default="")

    def __init__(self, clauses: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.successor.choices = [("", _l("Aucune")), *clauses]


class ReviewedForm(Form):
    review_due = DateField(_l("Prochaine relecture"), validators=[InputRequired(NEEDED)])


class UseForm(OnceForm):
    """Told in half a minute: the outcome is the one thing asked for."""

    outcome = RadioField(_l("Comment a-t-elle été reçue ?"), validators=[InputRequired(CHOOSE)])
    adapted = BooleanField(_l("Je l’ai adaptée"))
    context = StringField(_l("Dans quel marché ?"), validators=[at_most(300)])
    result = TextAreaField(_l("Ce que cela a donné"), validators=[at_most(500)])
    sheet = SelectField(_l("Racontée dans la fiche"), default="")

    def __init__(self, sheets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outcome.choices = options("use_outcome")
        self.sheet.choices = [("", "—"), *sheets]


class ArticleForm(Form):
    article = StringField(_l("Article"), validators=[required(), at_most(60)])
    note = StringField(_l("Ce qui a changé"), validators=[at_most(400)])


def _typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """A version's data as form fields hold it: texts for lists, dates for days, ids as the choices write them."""
    typed = dict(data)
    typed["tags"], typed["cpv"] = ", ".join(data["tags"]), ", ".join(data["cpv"])
    for name in ("requires", "excludes"):
        typed[name] = [str(id) for id in data[name]]
    typed["variant_of"] = str(data["variant_of"] or "")
    typed["legal_basis"] = [
        {"article": row["article"], "checked_on": date.fromisoformat(row["checked_on"]) if row["checked_on"] else None}
        for row in data["legal_basis"]
    ]
    return typed
