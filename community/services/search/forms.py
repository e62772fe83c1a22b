"""Forms of moderators: a group of synonyms, a chosen result."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

from community.core.forms import Form, at_most, required
from community.services.search.synonyms import read_expressions
from community.services.search.words import search_key

_NUMBER = re.compile(r"/(?:questions|fiches|clauses|documents)/(\d{1,10})(?!\d)")


class SynonymForm(Form):
    """Expressions, one a line."""

    expressions = TextAreaField(_l("Expressions équivalentes"), validators=[required(), at_most(1200)])

    def validate_expressions(self, field: Any) -> None:
        if len(read_expressions(field.data or "")) < 2:
            raise ValidationError(_l("Il en faut au moins deux, d’un à cinq mots chacune."))

    @property
    def groups(self) -> list[str]:
        return read_expressions(self.expressions.data or "")


class PinForm(Form):
    """A page of this site, by its address, and the words that it answers."""

    words = StringField(_l("Mots cherchés"), validators=[required(), at_most(200)])
    page = StringField(_l("Adresse de la page"), validators=[required(), at_most(500)])

    def validate_words(self, field: Any) -> None:
        if not search_key(field.data or ""):
            raise ValidationError(_l("Ces mots sont trop courants pour être cherchés."))

    def validate_page(self, field: Any) -> None:
        if self.ref is None:
            raise ValidationError(_l("Collez l’adresse d’une question, d’une fiche, d’une clause ou d’un document."))

    @property
    def ref(self) -> int | None:
        found = _NUMBER.search(self.page.data or "")
        return int(found.group(1)) if found and int(found.group(1)) < 2**31 else None
