"""Forms: one base, with the cleaning and the messages that every form shares."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, HiddenField, SelectMultipleField
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
                "TagsField",
            ):
                filters = [_clean, *filters]
            return unbound_field.bind(form=form, filters=filters, **options)

    #: whether a kept draft filled the form in: the page says so
    recalled = False

    def take(self, draft: Mapping[str, str | list[str]]) -> None:
        """Fill in the fields that a kept draft names, as if they had just been typed.

        A draft is a whole form as the browser sends it: boxes of which it names none were unticked.
        """
        self.recalled = bool(draft)
        typed = MultiDict({name: values_of(value) for name, value in draft.items()})
        for name, field in self._fields.items():
            if isinstance(field, FieldList):
                if any(key.startswith(f"{name}-") for key in typed):
                    field.process(typed)
            elif name in typed and name not in ("csrf_token", "once"):
                with contextlib.suppress(ValueError):  # half a date is no date
                    field.process_formdata(typed.getlist(name))
            elif draft and isinstance(field, SelectMultipleField):
                field.process_formdata([])


def values_of(value: str | list[str]) -> list[str]:
    """A draft keeps one text, or several for a field of several choices."""
    return value if isinstance(value, list) else [value]


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
