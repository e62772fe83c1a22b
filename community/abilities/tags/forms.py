"""The form of tags alone."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length, Optional

from community.core.forms import Form


class TagForm(Form):
    tags = StringField(_l("Étiquettes"), validators=[Optional(), Length(max=400)])
