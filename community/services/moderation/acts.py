"""The acts of the audit log in words: one vocabulary for all that the site records, whoever records it.

A test looks for every ``record(…, "…")`` of the code: an act without words here makes it fail.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from community.core import vocab
from community.core.vocab import Vocabulary
from community.people.accounts.sessions import PERIODS as SESSIONS
from community.people.accounts.trust import THRESHOLDS
from community.services.personal_data.retention import PERIODS

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
    "member.swept": _l("Retrait de tout ce qu’un membre a publié"),
    "member.sweep_ended": _l("Retrait terminé"),
    "member.sweep_undone": _l("Tout ce qu’un membre a publié, remis"),
    "moderation.undone": _l("Décision annulée par qui l’avait prise"),
    "moderation.rules_changed": _l("Règles de relecture modifiées"),
    "hold.released": _l("Texte retenu, publié"),
    "hold.refused": _l("Texte retenu, refusé"),
    "appeal.made": _l("Décision contestée"),
    "appeal.granted": _l("Contestation acceptée"),
    "appeal.rejected": _l("Contestation rejetée"),
    "content.edited": _l("Texte d’un membre modifié"),
    "content.restored": _l("Texte rétabli"),
    "question.closed": _l("Question fermée"),
    "question.reopened": _l("Question rouverte"),
    "member.suspended": _l("Compte suspendu"),
    "member.suspension_lifted": _l("Suspension levée"),
    "member.silenced": _l("Membre en lecture seule"),
    "member.silence_lifted": _l("Lecture seule levée"),
    "member.banned": _l("Membre exclu de la communauté"),
    "member.ban_lifted": _l("Exclusion levée"),
    "seal.opened": _l("Identité scellée consultée"),
    "community.created": _l("Communauté ouverte"),
    "community.edited": _l("Communauté modifiée"),
    "community.archived": _l("Communauté archivée"),
    "community.reopened": _l("Communauté rouverte"),
    "community.bars_changed": _l("Qualités admises modifiées"),
    "community.role_changed": _l("Rôle changé"),
    "community.member_removed": _l("Place retirée"),
    "community.request_accepted": _l("Demande d’entrée acceptée"),
    "community.request_refused": _l("Demande d’entrée refusée"),
    "community.invited": _l("Invitation envoyée"),
    "community.invitation_withdrawn": _l("Invitation retirée"),
    "registration.accepted": _l("Inscription acceptée"),
    "registration.refused": _l("Inscription refusée"),
    "registration.invited": _l("Invitation à s’inscrire"),
    "registration.invitation_withdrawn": _l("Invitation à s’inscrire retirée"),
    "organisation.added": _l("Organisme ajouté"),
    "organisation.edited": _l("Organisme modifié"),
    "organisation.merged": _l("Organismes réunis"),
    "organisation.unmerged": _l("Organismes séparés de nouveau"),
    "organisation.vouched": _l("Appartenance vérifiée"),
    "organisation.unvouched": _l("Vérification retirée"),
    "identity.linked": _l("Connexion extérieure jointe au compte"),
    "identity.unlinked": _l("Connexion extérieure séparée du compte"),
    "second_factor.enabled": _l("Second facteur activé"),
    "second_factor.disabled": _l("Second facteur retiré"),
    "second_factor.recovered": _l("Code de secours utilisé"),
    "second_factor.reset": _l("Second facteur réinitialisé"),
    "member.email_changed": _l("Adresse de connexion changée"),
    "member.password_changed": _l("Mot de passe changé"),
    "member.password_reset": _l("Mot de passe réinitialisé"),
    "member.quality_changed": _l("Qualité changée"),
    "member.sessions_closed": _l("Sessions fermées"),
    "member.erased": _l("Compte effacé"),
    "erasure.asked": _l("Effacement demandé"),
    "erasure.cancelled": _l("Effacement annulé"),
    "export.asked": _l("Copie des données demandée"),
    "text.published": _l("Texte du site publié"),
    "event.retried": _l("Événement remis dans la file"),
    "option.changed": _l("Réglage modifié"),
    "file.quarantined": _l("Fichier mis en quarantaine par l’antivirus"),
    "file.examined_again": _l("Nouvel examen d’un fichier par l’antivirus demandé"),
    "file.released": _l("Fichier sorti de quarantaine par l’antivirus"),
    "file.deleted": _l("Fichier en quarantaine supprimé définitivement"),
    "document.version_withdrawn": _l("Version d’un document retirée"),
    "document.version_restored": _l("Version d’un document remise"),
    "file.withheld": _l("Fichier joint fermé aux lecteurs"),
    "file.reopened": _l("Fichier joint rouvert aux lecteurs"),
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
    "invitation": _l("invitation"),
    "platform_invitation": _l("invitation"),
    "outbox": _l("événement"),
    "blob": _l("fichier"),
}
#: what an administrator sets, in the words of the page where it is set
OPTIONS: Vocabulary = {
    "second_factor.required": _l("Double authentification"),
    "registration": _l("Qui peut s’inscrire"),
    **{name: words for name, _default, _least, _most, words in (*THRESHOLDS, *SESSIONS)},
    **{period.option: period.label for period in PERIODS},
}
vocab.ALL |= {"audit_act": ACTS, "audit_target": TARGETS, "audit_option": OPTIONS}
