"""Forms of administration: rules of registration, decisions, invitations, organisations, options."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from community.core.forms import Form, at_most, required
from community.core.siret import is_siret, tidy_siret
from community.core.vocab import options
from community.people.accounts.domains import is_within, parse_domains
from community.people.accounts.forms import normal_email, territory_choices, tidy_name
from community.people.accounts.policy import FREE_MAIL_RULES, MODES, policy
from community.people.accounts.sessions import PERIODS
from community.people.accounts.trust import THRESHOLDS

MOST_ADDRESSES = 50


def _no_wrong_domain(form: Form, field: Any) -> None:
    _good, wrong = parse_domains(field.data or "")
    if wrong:
        raise ValidationError(_("Ce ne sont pas des domaines : %(list)s", list=", ".join(wrong[:5])))


class PolicyForm(Form):
    mode = RadioField(_l("Qui peut s’inscrire"), validators=[InputRequired(_l("Choisissez."))])
    domains = TextAreaField(_l("Domaines admis directement"), validators=[at_most(40_000), _no_wrong_domain])
    organisations = BooleanField(_l("Admettre aussi les domaines des organismes enregistrés"))
    free_mail = RadioField(_l("Adresses de messagerie personnelle"), validators=[InputRequired(_l("Choisissez."))])
    denied = TextAreaField(_l("Messageries personnelles"), validators=[at_most(40_000), _no_wrong_domain])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mode.choices = [(code, str(words)) for code, words in MODES.items()]
        self.free_mail.choices = [(code, str(words)) for code, words in FREE_MAIL_RULES.items()]

    def value(self) -> dict[str, Any]:
        """What the option "registration" keeps."""
        return {
            "mode": self.mode.data,
            "free_mail": self.free_mail.data,
            "organisations": self.organisations.data,
            "domains": parse_domains(self.domains.data or "")[0],
            "denied": parse_domains(self.denied.data or "")[0],
        }


class AcceptForm(Form):
    answer = TextAreaField(_l("Un mot d’accueil"), validators=[Optional(), at_most(1000)])


class RefuseForm(Form):
    answer = TextAreaField(_l("Raison du refus"), validators=[required(), at_most(1000)])


class PlatformInvitationForm(Form):
    addresses = TextAreaField(_l("Adresses électroniques"), validators=[required(), at_most(8_000)])
    message = TextAreaField(_l("Un mot pour elles et eux"), validators=[Optional(), at_most(1000)])

    def emails(self) -> list[str]:
        words = (self.addresses.data or "").replace(",", " ").replace(";", " ").split()
        return list(dict.fromkeys(word.strip("<>\"'") for word in words))

    def validate_addresses(self, field: Any) -> None:
        wrong = [word for word in self.emails() if normal_email(word) is None]
        if wrong:
            raise ValidationError(_("Ce ne sont pas des adresses : %(list)s", list=", ".join(wrong[:5])))
        if len(self.emails()) > MOST_ADDRESSES:
            raise ValidationError(_("%(most)d adresses au plus à la fois.", most=MOST_ADDRESSES))


class OrganisationForm(Form):
    name = StringField(_l("Nom"), filters=[tidy_name], validators=[required(), at_most(160)])
    type = SelectField(_l("Type d’organisme"), validators=[required()])
    territory = SelectField(_l("Territoire"), validators=[required()])
    siret = StringField(_l("SIRET"), validators=[at_most(40)], render_kw={"inputmode": "numeric"})
    population_band = SelectField(_l("Strate"), default="")
    domains = TextAreaField(_l("Domaines de messagerie"), validators=[at_most(4000), _no_wrong_domain])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.type.choices = options("organisation_type", str(_l("Choisissez…")))
        self.territory.choices = territory_choices(str(_l("Choisissez…")))
        self.population_band.choices = options("population_band", str(_l("Sans objet")))

    def validate_siret(self, field: Any) -> None:
        if field.data and not is_siret(tidy_siret(field.data)):
            raise ValidationError(_("Ce SIRET n’existe pas : vérifiez ses 14 chiffres, sa clé n’est pas bonne."))

    def validate_domains(self, field: Any) -> None:
        """Anybody opens a letter box at a free mail: an address there proves no employer."""
        free = [name for name in self.domain_names() if is_within(name, policy().denied)]
        if free:
            raise ValidationError(_("Ces messageries sont ouvertes à tous : %(list)s", list=", ".join(free)))

    def values(self) -> dict[str, Any]:
        """The record's columns."""
        kept = {name: self[name].data for name in ("name", "type", "territory")}
        siret, band = tidy_siret(self.siret.data or "") or None, self.population_band.data or None
        return {**kept, "siret": siret, "population_band": band}

    def domain_names(self) -> list[str]:
        return parse_domains(self.domains.data or "")[0]


class ReasonForm(Form):
    """An act on somebody's account, and why; the reason stays in the log."""

    reason = StringField(_l("Raison, pour le journal"), validators=[required(), at_most(300)])


class QualityForm(ReasonForm):
    quality = SelectField(_l("Qualité"), validators=[required()])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.quality.choices = options("quality")


class OptionsForm(Form):
    second_factor = RadioField(_l("Double authentification"), validators=[InputRequired(_l("Choisissez."))])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.second_factor.choices = [
            ("nobody", str(_l("Au choix de chacun"))),
            (
                "keepers",
                str(
                    _l(
                        "Exigée des animateurs et des administrateurs : les sessions de ceux qui ne l’ont pas se ferment"
                    )
                ),
            ),
        ]

    def thresholds(self) -> dict[str, int]:
        """The rations of new members, by option."""
        return {name: self[name.replace(".", "_")].data for name, *_rest in THRESHOLDS}

    def periods(self) -> dict[str, int]:
        """How long remembered sessions last, by option."""
        return {name: self[name.replace(".", "_")].data for name, *_rest in PERIODS}

    def validate_sessions_idle(self, field: IntegerField) -> None:
        if field.data and self.sessions_most.data and field.data > self.sessions_most.data:
            raise ValidationError(_l("Pas plus que la durée totale."))


for _name, _default, _least, _most, _words in (*THRESHOLDS, *PERIODS):
    _between = NumberRange(_least, _most, _l("Un nombre entre %(min)s et %(max)s."))
    _field = IntegerField(_words, validators=[InputRequired(_l("Donnez un nombre.")), _between])
    setattr(OptionsForm, _name.replace(".", "_"), _field)
