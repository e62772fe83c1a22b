"""The acts of the audit log in words: one vocabulary for all that the site records, whoever records it.

A test looks for every ``record(…, "…")`` of the code: an act without words here makes it fail.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from community.core import vocab
from community.core.vocab import Vocabulary

ACTS: Vocabulary = {
    "content.kept": _l("Signalement classé"),
    "content.corrected": _l("Texte corrigé"),
    "content.moved": _l("Texte déplacé"),
    "content.hidden": _l("Texte masqué"),
    "content.removed": _l("Texte retiré"),
    "content.author_silenced": _l("Auteur mis en lecture seule"),
    "content.author_banned": _l("Auteur exclu de la communauté"),
    "content.author_suspended": _l("Auteur suspendu"),
    "member.warned": _l("Membre averti"),
    "member.swept": _l("Tout ce qu’un membre a publié, retiré"),
    "member.sweep_undone": _l("Tout ce qu’un membre a publié, remis"),
    "moderation.undone": _l("Décision annulée par qui l’avait prise"),
    "moderation.rules_changed": _l("Règles de relecture modifiées"),
    "hold.released": _l("Texte retenu, publié"),
    "hold.refused": _l("Texte retenu, refusé"),
    "appeal.made": _l("Décision contestée"),
    "appeal.granted": _l("Contestation acceptée"),
    "appeal.rejected": _l("Contestation rejetée"),
    "option.changed": _l("Réglage modifié"),
    "file.quarantined": _l("Fichier mis en quarantaine par l’antivirus"),
}
TARGETS: Vocabulary = {
    "contribution": _l("texte"),
    "comment": _l("commentaire"),
    "member": _l("membre"),
    "community": _l("communauté"),
    "decision": _l("décision"),
    "hold": _l("texte retenu"),
    "appeal": _l("contestation"),
    "flag_case": _l("signalement"),
    "attachment": _l("fichier"),
    "organisation": _l("organisme"),
    "sweep": _l("nettoyage"),
}
vocab.ALL |= {"audit_act": ACTS, "audit_target": TARGETS}
