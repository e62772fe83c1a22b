"""Why something is reported, and what became of it, in the words that people read."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from community.core import vocab
from community.core.vocab import Vocabulary

TEXT_REASONS: Vocabulary = {
    "confidential": _l("Information confidentielle ou donnée personnelle"),
    "advertising": _l("Publicité ou démarchage"),
    "hurtful": _l("Propos blessants ou déplacés"),
    "unlawful": _l("Contenu illicite"),
    "wrong": _l("Conseil faux ou juridiquement risqué"),
    "misplaced": _l("Pas à sa place ici"),
    "copied": _l("Reproduit sans en avoir le droit"),
    "other": _l("Autre raison"),
}
MEMBER_REASONS: Vocabulary = {
    "supplier": _l("Fournisseur qui ne se déclare pas"),
    "impostor": _l("Se fait passer pour quelqu’un d’autre"),
    "advertising": TEXT_REASONS["advertising"],
    "hurtful": TEXT_REASONS["hurtful"],
    "other": TEXT_REASONS["other"],
}
#: what the reporter is told; the code is the decision's
OUTCOMES: Vocabulary = {
    "keep": _l("Laissé en place"),
    "edit": _l("Corrigé"),
    "move": _l("Déplacé dans une autre communauté"),
    "hide": _l("Masqué"),
    "remove": _l("Retiré"),
    "warn": _l("L’auteur a été averti"),
    "silence": _l("Une mesure a été prise"),
    "ban": _l("Une mesure a été prise"),
    "suspend": _l("Une mesure a été prise"),
}
vocab.ALL["flag_reason"] = TEXT_REASONS | MEMBER_REASONS
vocab.ALL["flag_outcome"] = OUTCOMES
