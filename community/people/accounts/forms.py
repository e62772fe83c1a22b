"""Forms of accounts: come in, register, choose a password or an address, describe oneself."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from community.core.forms import Form, at_least, at_most, required
from community.core.slugs import slugify
from community.core.territories import DEPARTEMENTS, REGIONS
from community.core.vocab import options
from community.people.accounts.organisations import only_organisation_named, proposed_names
from community.people.accounts.passwords import LONGEST, refusal
from community.people.accounts.policy import may_move, policy, rules_in_words
from community.people.accounts.profiles import quality_is_settled
from community.people.accounts.pseudonyms import looks_like_pseudonym
from community.people.accounts.sessions import password_is_set

DIGESTS = {"daily": _l("Chaque jour"), "weekly": _l("Chaque semaine"), "never": _l("Jamais")}
LANGUAGES = {"fr": "Français", "en": "English"}
TOP_FIELDS = 12


def normal_email(text: str | None) -> str | None:
    """The address as it is kept (lower case, composed accents), or None when it is not an address."""
    if not text or len(text) > 254 or not text.isprintable() or "\N{REPLACEMENT CHARACTER}" in text:
        return None
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def tidy_name(text: Any) -> Any:
    """Composed accents, single spaces, no invisible character: two names that look the same are the same."""
    if not isinstance(text, str):
        return text
    visible = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in unicodedata.normalize("NFC", text))
    return " ".join(visible.split())


def parse_expertise(text: str) -> list[str]:
    """Fields as people type them, separated by commas or lines: at most 12, each once."""
    known: dict[str, str] = {}
    for label in split_fields(text):
        known.setdefault(slugify(label), label[:60])
    return list(known.values())[:TOP_FIELDS]


def split_fields(text: str) -> list[str]:
    parts = text.replace("\n", ",").replace(";", ",").split(",")
    return [label for label in map(tidy_name, parts) if label]


def territory_choices(empty: str) -> dict[str, str | dict[str, str]]:
    """No choice, then régions, then départements by code, the two under their headings."""
    departements = {code: f"{code} – {name}" for code, (name, _region) in DEPARTEMENTS.items()}
    return {"": empty, str(_l("Régions")): REGIONS, str(_l("Départements")): departements}


class SignInForm(Form):
    """``suite`` is where to go afterwards; ``resume`` a form that an expired session held up (core/resume.py)."""

    email = EmailField(_l("Adresse électronique"), validators=[required()], render_kw={"autocomplete": "username"})
    password = PasswordField(
        _l("Mot de passe"),
        validators=[InputRequired(_l("Ce champ est obligatoire.")), at_most(LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField(_l("Se souvenir de moi sur cet appareil"))
    suite = HiddenField(validators=[Length(max=2000)])
    resume = HiddenField()


class ContestForm(Form):
    """What a sanctioned person answers; ``passed`` says, sealed, which sanction where nobody is signed in."""

    message = TextAreaField(
        _l("Pourquoi vous contestez cette mesure"), validators=[required(), at_least(10), at_most(3_000)]
    )
    passed = HiddenField()


class NameMixin(Form):
    display_name = StringField(
        _l("Prénom et nom"),
        filters=[tidy_name],
        validators=[required(), at_most(80)],
        render_kw={"autocomplete": "name"},
    )

    def validate_display_name(self, field: Any) -> None:
        if sum(character.isalpha() for character in field.data) < 2 or "@" in field.data or "//" in field.data:
            raise ValidationError(_l("Écrivez votre prénom et votre nom, comme sur une carte de visite."))
        if looks_like_pseudonym(field.data):
            raise ValidationError(_l("Ce nom est réservé aux pseudonymes de la plateforme."))


class EmailMixin(Form):
    email = EmailField(_l("Adresse électronique"), validators=[required()], render_kw={"autocomplete": "email"})

    def validate_email(self, field: Any) -> None:
        normal = normal_email(field.data)
        if normal is None:
            raise ValidationError(_l("Cette adresse n’est pas complète : exemple prenom.nom@ville.fr."))
        field.data = normal


class NewPasswordMixin(Form):
    password = PasswordField(
        _l("Mot de passe"),
        validators=[InputRequired(_l("Ce champ est obligatoire."))],
        render_kw={"autocomplete": "new-password"},
    )

    def check_password(self, email: str, name: str) -> None:
        problem = refusal(self.password.data or "", email, name)
        if problem:
            raise ValidationError(problem)


class WorkMixin(Form):
    """Where one works and as what: asked at registration, edited on the account page."""

    quality = SelectField(_l("Vous êtes"), validators=[required()], default="agent")
    organisation = StringField(
        _l("Organisme"),
        filters=[tidy_name],
        validators=[required(), at_most(160)],
        render_kw={"autocomplete": "organization"},
    )
    organisation_type = SelectField(_l("Type d’organisme"), validators=[required()])
    territory = SelectField(_l("Territoire"), validators=[required()])
    job = StringField(
        _l("Fonction"),
        filters=[tidy_name],
        validators=[required(), at_most(120)],
        render_kw={"autocomplete": "organization-title"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quality.choices = options("quality")
        self.organisation_type.choices = options("organisation_type", str(_l("Choisissez…")))
        self.territory.choices = territory_choices(str(_l("Choisissez…")))
        self.organisation.render_kw = {**self.organisation.render_kw, "list": "organismes"}

    def proposed(self) -> Sequence[str]:
        """The names of the list beside the field."""
        return proposed_names()

    def validate(self, extra_validators: Any = None) -> bool:
        """An organisation chosen in the list brings its own type and territory."""
        if not (self.organisation_type.data and self.territory.data):
            known = only_organisation_named(self.organisation.data or "")
            if known is not None:
                self.organisation_type.data, self.territory.data = known.type, known.territory
        return super().validate(extra_validators)


class AddressForm(EmailMixin):
    """Ask for a mail: the confirmation link again, or a new password."""


class ResetForm(NewPasswordMixin):
    """Choose a new password from a mail's link; whose it is was said by the link."""

    def __init__(self, owner: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.owner = owner
        self.password.label.text = _l("Nouveau mot de passe")

    def validate_password(self, field: Any) -> None:
        self.check_password(self.owner.email, self.owner.display_name)


class CurrentPasswordMixin(Form):
    current_password = PasswordField(
        _l("Mot de passe actuel"),
        validators=[InputRequired(_l("Ce champ est obligatoire.")), at_most(LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not password_is_set(current_user):
            del self.current_password


class ChangePasswordForm(CurrentPasswordMixin, ResetForm):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(current_user, **kwargs)


class ChangeEmailForm(EmailMixin, CurrentPasswordMixin):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.email.label.text = _l("Nouvelle adresse électronique")

    def validate_email(self, field: Any) -> None:
        """The rules of registration hold for the address that one goes on with, or they would be gone round in two steps."""
        super().validate_email(field)
        if not may_move(current_user.id, current_user.email, field.data):
            rules = " ".join(rules_in_words(policy()))
            raise ValidationError(
                _("La plateforme n’admet pas cette adresse. %(rules)s Sinon, écrivez à l’administration.", rules=rules)
            )


class ConfirmForm(Form):
    """Nothing but a button: a mail scanner that opens every link must confirm nothing."""


class ProfileForm(NameMixin, WorkMixin):
    bio = TextAreaField(_l("Quelques mots sur vous"), validators=[Optional(), at_most(1000)])
    expertise = TextAreaField(_l("Vos domaines"), validators=[Optional(), at_most(800)])
    can_help = BooleanField(_l("Prêt à aider : mes pairs peuvent me solliciter"))
    locale = SelectField(_l("Langue de l’interface"), validators=[required()])
    digest = SelectField(_l("Résumé par courriel"), validators=[required()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if quality_is_settled(current_user.quality):
            del self.quality
        self.locale.choices = list(LANGUAGES.items())
        self.digest.choices = [(code, str(words)) for code, words in DIGESTS.items()]

    def validate_expertise(self, field: Any) -> None:
        if any(len(label) > 60 for label in split_fields(field.data)):
            raise ValidationError(_l("Séparez vos domaines par des virgules : 60 caractères au plus pour chacun."))
