"""The field of tags, and the form of tags alone.

A new tag is nothing to prevent, but nobody should make one by mistake: where tags that exist are near what was typed, they
are named first, and the same words sent again make the new tag. Only tags that this person may know are ever named.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import StringField
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import HiddenInput, TextInput

from community.abilities.tags.actions import parse_tags
from community.abilities.tags.queries import near_tags
from community.core.forms import Form
from community.core.slugs import slugify


class TagsInput(TextInput):
    """The words, and beside them the new tags about which this person was told (tags.js adds those it told of)."""

    def __call__(self, field: Any, **kwargs: Any) -> Any:
        told = SimpleNamespace(
            id=f"{field.id}-nouvelles", name=field.told_name, flags={}, _value=lambda: ",".join(sorted(field.told))
        )
        return super().__call__(field, **kwargs) + HiddenInput()(told)


class TagsField(StringField):
    """Tags separated by commas; unknown ones that are near known ones are asked about once."""

    widget = TagsInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.told: set[str] = set()
        super().__init__(*args, **kwargs)

    @property
    def told_name(self) -> str:
        return f"{self.name}-nouvelles"

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        given = ",".join(formdata.getlist(self.told_name)) if formdata else ""
        self.told = {slugify(word) for word in given[:600].split(",") if word.strip()}

    def pre_validate(self, form: Any) -> None:
        labels = [label for label in parse_tags(self.data or "") if slugify(label) not in self.told]
        near = near_tags(current_user, labels)
        self.told.update(slugify(label) for label in near)
        if near:
            raise ValidationError(" ".join([*(_asked(label, others) for label, others in near.items()), _how()]))


def _asked(label: str, others: list[str]) -> str:
    names = ", ".join(f"«\u00a0{other}\u00a0»" for other in others)
    return _("« %(label)s » serait une nouvelle étiquette ; il existe déjà %(names)s.", label=label, names=names)


def _how() -> str:
    return _("Reprenez une étiquette existante, ou envoyez de nouveau pour garder la vôtre.")


class TagForm(Form):
    tags = TagsField(_l("Étiquettes"), validators=[Optional(), Length(max=400)])
