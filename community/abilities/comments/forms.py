"""The comment form."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from community.core.forms import OnceForm, at_least, at_most, required
from community.people.accounts.naming_forms import Unnamed
from community.people.accounts.ration_forms import Rationed


class CommentForm(Unnamed, Rationed, OnceForm):
    body = TextAreaField(_l("Votre commentaire"), validators=[required(), at_least(2), at_most(2000)])
