"""Forms of documents: what is said of one, its file or its address, a new version, and the answers to the check."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from community.abilities.tags.actions import parse_tags
from community.abilities.tags.forms import TagsField
from community.abilities.tags.queries import Labels
from community.content.documents.models import Document
from community.content.questions.forms import parse_cpv
from community.core.clock import now
from community.core.fetch import is_web_address
from community.core.forms import Form, OnceForm, at_least, at_most, required
from community.core.territories import territory_options
from community.core.vocab import options
from community.people.accounts.ration_forms import Rationed


class DocumentForm(Rationed, OnceForm):
    """Share a document, or edit what is said of one. ``revision`` is the one that the editor started from."""

    community = SelectField(_l("Communauté"), validators=[InputRequired(_l("Choisissez une communauté."))])
    title = StringField(_l("Titre"), validators=[required(), at_least(5), at_most(200)])
    nature = SelectField(_l("Nature du document"), validators=[InputRequired(_l("Choisissez la nature du document."))])
    url = StringField(_l("Adresse du document"), validators=[at_most(2000)])
    issuer = StringField(_l("Émetteur"), validators=[at_most(160)])
    edition_date = DateField(_l("Date d’édition"), validators=[Optional()])
    licence = SelectField(_l("Droits"), validators=[Optional()])
    body = TextAreaField(_l("À quoi sert ce document"), validators=[at_most(30_000)])
    tags = TagsField(_l("Étiquettes"), validators=[Length(max=400)])
    cpv = StringField(_l("Codes CPV"), validators=[at_most(120)])
    dimensions = SelectMultipleField(
        _l("Dimensions"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    phase = SelectField(_l("Phase d’achat"), validators=[Optional()])
    territory = SelectField(_l("Territoire"), validators=[Optional()])
    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])
    note = StringField(_l("Pourquoi cette modification ?"), validators=[at_most(200)])

    def __init__(self, communities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.community.choices = [("", str(_l("Choisissez une communauté"))), *communities]
        self.nature.choices = options("document_nature", str(_l("Choisissez")))
        self.licence.choices = options("licence", "—")
        self.phase.choices = options("phase", "—")
        self.territory.choices = territory_options("—")
        self.dimensions.choices = options("dimension")

    @classmethod
    def of(cls, document: Document, labels: Labels, communities: list[tuple[str, str]], **kwargs: Any) -> DocumentForm:
        """The form as the document stands, or as it was just sent when there is a POST."""
        kept = {name: getattr(document, name) for name in ("title", "body", "issuer", "edition_date", "url")}
        kept |= {name: getattr(document, name) or "" for name in ("nature", "licence", "phase", "territory")}
        kept |= {
            "community": document.community.slug,
            "tags": ", ".join(label for _slug, label in labels.tags),
            "cpv": ", ".join(labels.cpv),
            "dimensions": labels.dimensions,
            "revision": document.revisions_count,
        }
        form = cls(communities, data=kept, **kwargs)
        del form.once
        if document.published_at is not None:
            del form.community  # it stays where its readers found it; « restreindre » is another page
        if document.url is None:
            del form.url
        else:
            form.url.validators = [*form.url.validators, required()]
        return form

    def validate_url(self, field: Any) -> None:
        if field.data and not is_web_address(field.data):
            raise ValidationError(_l("Une adresse publique commence par https:// ou http://."))

    def validate_edition_date(self, field: Any) -> None:
        if field.data and field.data > now().date():
            raise ValidationError(_l("Cette date est à venir."))

    def validate_cpv(self, field: Any) -> None:
        if field.data and not parse_cpv(field.data):
            raise ValidationError(_l("Un code CPV a huit chiffres, par exemple 15800000."))

    def values(self) -> dict[str, Any]:
        """What the actions take, in their own words."""
        plain = {name: self[name].data or "" for name in ("title", "body", "issuer", "nature")}
        chosen = {name: self[name].data or None for name in ("edition_date", "licence", "phase", "territory")}
        address = {"url": self["url"].data} if "url" in self and self["url"].data else {}
        return {
            **plain,
            **chosen,
            **address,
            "tags": parse_tags(self.tags.data or ""),
            "cpv": parse_cpv(self.cpv.data or ""),
            "dimensions": self.dimensions.data or [],
        }


class VersionForm(Form):
    """Another file for a document: a new version, or another one in place of the file that waits."""

    note = StringField(_l("Ce qui change"), validators=[at_most(300)])


class WithdrawForm(Form):
    """Why one version alone is closed to readers: told on the page, in the log, and to who gave it."""

    reason = StringField(_l("Pourquoi cette version est retirée"), validators=[required(), at_most(300)])


class AnswersForm(Form):
    """The findings that the author confirms may be shared: boxes to tick, one a finding."""

    public = SelectMultipleField(choices=[], validate_choice=False)


class RestrictForm(Form):
    """A place that fewer people see."""

    community = SelectField(_l("Communauté plus fermée"), validators=[InputRequired(_l("Choisissez une communauté."))])

    def __init__(self, communities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.community.choices = communities
