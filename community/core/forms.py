"""Forms: one base, with the cleaning and the messages that every form shares."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import DataRequired, Length

from community.core.text import clean_text

REQUIRED = _l("Ce champ est obligatoire.")


class Form(FlaskForm):
    """Base of every form: texts are cleaned of NUL and broken characters at the edge; spaces around are dropped."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            filters = list(unbound_field.kwargs.get("filters", ()))
            if unbound_field.field_class.__name__ in (
                "StringField",
                "TextAreaField",
                "EmailField",
                "SearchField",
                "HiddenField",
            ):
                filters = [_clean, *filters]
            return unbound_field.bind(form=form, filters=filters, **options)

    def take(self, draft: Mapping[str, str]) -> None:
        """Fill in the fields that a kept draft names, as if they had just been typed."""
        for name, value in draft.items():
            if name in self._fields and name not in ("csrf_token", "once"):
                self._fields[name].process_formdata([value])


class OnceForm(Form):
    """A form that creates something: ``once`` makes a double submission create one thing."""

    once = HiddenField(default=lambda: secrets.token_urlsafe(12), validators=[Length(max=40)])


def _clean(value: Any) -> Any:
    return clean_text(value).strip() if isinstance(value, str) else value


def required() -> DataRequired:
    return DataRequired(REQUIRED)


def at_most(count: int) -> Length:
    return Length(max=count, message=_l("%(max)d caractères au plus."))


def at_least(count: int) -> Length:
    return Length(min=count, message=_l("%(min)d caractères au moins."))
