"""Forms of baskets."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from community.core.forms import Form, at_most, required


class NameForm(Form):
    name = StringField(_l("Nom du panier"), validators=[required(), at_most(120)])
