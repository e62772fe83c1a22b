"""Writing under a pseudonym: a text that names its own author comes back once, with what was found, before anybody reads it."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from wtforms import BooleanField, HiddenField, StringField

from community.core.db import db
from community.people.accounts.models import Member, Organisation

_WORDS = re.compile(r"[^\W_]+")
#: mailboxes that many share, and words that say what a body is: alone they name nobody
_SHARED = frozenset(
    _WORDS.findall("accueil achat achats commande contact direction dgs info mairie marche marches secretariat")
)
_KINDS = frozenset(
    _WORDS.findall(
        "agglomeration ca cc commune communaute conseil cu d de departement departemental des du et l la le les mairie "
        "metropole mixte region regional publique syndicat urbaine ville"
    )
)


def names_itself(text: str, name: str, email: str, organisation: str) -> list[str]:
    """What in a text tells who this person is, in the person's own spelling; accents and capitals aside, whole words."""
    said, seen, found = f" {_folded(text)} ", set(), []
    for words in [name, email, email.partition("@")[0], *_surnames(name), organisation, _place(organisation)]:
        key = _folded(words)
        if len(key) >= 4 and key not in _SHARED and f" {key} " in said and not any(f" {key} " in one for one in seen):
            seen.add(f" {key} ")
            found.append(words)
    return found


def _folded(text: str) -> str:
    spelt = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORDS.findall("".join(letter for letter in spelt if not unicodedata.combining(letter))))


def _surnames(name: str) -> list[str]:
    """The last word of a name, and those written in capitals (« MARTIN Claire »)."""
    words = name.split()
    return [word for word in words[:-1] if word.isupper()] + words[-1:]


def _place(organisation: str) -> str:
    """« Collines varoises » in « Communauté d’agglomération des Collines varoises »."""
    words = _WORDS.findall(organisation)
    while words and _folded(words[0]) in _KINDS:
        words.pop(0)
    return " ".join(words)


class Unnamed:
    """Mixed into a form before Form: what is signed by a pseudonym does not name its author without their saying so."""

    named_anyway = BooleanField(_l("Publier ces mots quand même"))
    #: set by at() where the page already has the author's pseudonym; a question being asked says it by its own box
    discreetly = False

    def at(self, item: Any) -> Self:
        """On this contribution's page: whether what is written there is signed by a pseudonym."""
        self.discreetly = current_user.writing_in(item).id != current_user.person_id
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)  # type: ignore[misc]
        asked = getattr(self, "discreet", None)
        if not (self.discreetly or (asked is not None and asked.data)) or self.named_anyway.data:
            return valid
        found = names_itself(self._texts(), *_who())
        if found:
            words = " », « ".join(found)
            self.named_anyway.errors = [
                _("Votre texte contient « %(words)s » : on saurait qui écrit. Ôtez-le, ou cochez la case.", words=words)
            ]
        return valid and not found

    def _texts(self) -> str:
        typed = [field for field in self if isinstance(field, StringField) and not isinstance(field, HiddenField)]  # type: ignore[attr-defined]
        return "\n".join(field.data or "" for field in typed)


def _who() -> tuple[str, str, str]:
    row = db.session.execute(
        select(Member.display_name, Member.email, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.id == current_user.person_id)
    ).one()
    return row[0], row[1], row[2] or ""
