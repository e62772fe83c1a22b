"""The rows of the register of processing: what is done with personal data, for what, on what ground, and how long.

Data, not code: one row a processing, in the words that a controller signs. « %(name)s » is a period, told in words by
register.py from the option that PERIODS names, so that the register says what really happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Processing:
    """One row of the register (article 30 of the RGPD)."""

    name: Any
    purpose: Any
    basis: Any
    people: Any
    data: Any
    recipients: Any
    kept: Any


PERIODS = {
    "months": "retention.inactive",
    "grace": "retention.inactive_grace",
    "unconfirmed": "retention.unconfirmed",
    "declined": "retention.declined",
    "idle": "sessions.idle",
    "read": "retention.notifications",
    "mails": "retention.mails",
    "requests": "retention.requests",
    "reports": "retention.report_addresses",
    "exports": "retention.exports",
    "delay": "erasure.delay",
}
PUBLIC_TASK = _l("Mission d’intérêt public (article 6.1.e) : l’entraide entre acheteurs publics")
DUTY = _l("Obligation légale (article 6.1.c)")
SAFETY = _l("Intérêt légitime (article 6.1.f) : la sécurité du service")
MEMBERS = _l("Les membres de la plateforme")

REGISTER = (
    Processing(
        name=_l("Comptes des membres"),
        purpose=_l("Savoir à qui l’on parle : inscription, connexion, profil, organisme, second facteur."),
        basis=PUBLIC_TASK,
        people=_l("Les membres et les personnes qui demandent à s’inscrire"),
        data=_l(
            "Nom, adresse électronique, organisme, fonction, qualité, domaines, langue ; empreinte du mot de passe ; "
            "identifiant du fournisseur d’identité ; secret chiffré du second facteur ; appareil et date des "
            "sessions."
        ),
        recipients=_l("Les membres voient nom, fonction et organisme ; les administrateurs voient aussi l’adresse."),
        kept=_l(
            "La vie du compte. Compte inutilisé : avertissement après %(months)s, effacement %(grace)s plus tard. "
            "Inscription jamais confirmée : %(unconfirmed)s ; refusée : %(declined)s. "
            "Session mémorisée : %(idle)s sans visite."
        ),
    ),
    Processing(
        name=_l("Contributions"),
        purpose=_l("Publier et retrouver questions, réponses, fiches expériences, clauses, documents et commentaires."),
        basis=PUBLIC_TASK,
        people=MEMBERS,
        data=_l(
            "Ce que les membres écrivent et déposent, la date, l’historique des versions, les votes et les citations."
        ),
        recipients=_l("Qui peut voir la communauté où la contribution est publiée ; le public si elle est publique."),
        kept=_l(
            "Tant que la contribution est utile. Au départ de son auteur, elle reste sous « Membre parti » ou "
            "s’efface à sa demande si elle n’est qu’à lui."
        ),
    ),
    Processing(
        name=_l("Questions posées sous pseudonyme"),
        purpose=_l("Permettre de demander conseil sans s’exposer."),
        basis=PUBLIC_TASK,
        people=MEMBERS,
        data=_l("Le lien, scellé, entre un pseudonyme et son auteur."),
        recipients=_l("Personne. Un animateur peut l’ouvrir avec une raison écrite, consignée et dite à l’auteur."),
        kept=_l("La vie du compte ; le lien est détruit à l’effacement du compte."),
    ),
    Processing(
        name=_l("Suivi et notifications"),
        purpose=_l("Prévenir chacun de ce qu’il suit ; garder ses paniers, brouillons et recherches."),
        basis=PUBLIC_TASK,
        people=MEMBERS,
        data=_l("Abonnements, recherches suivies, notifications, paniers, brouillons, courriels envoyés."),
        recipients=_l("La personne elle-même."),
        kept=_l("Notifications lues : %(read)s. Texte des courriels envoyés : %(mails)s. Le reste : la vie du compte."),
    ),
    Processing(
        name=_l("Communautés et invitations"),
        purpose=_l("Accueillir, inviter, attribuer les rôles."),
        basis=PUBLIC_TASK,
        people=_l("Les membres et les personnes invitées"),
        data=_l("Adhésions, rôles, messages de demande, adresses invitées."),
        recipients=_l("Les animateurs de la communauté et les administrateurs."),
        kept=_l("Demandes et invitations closes : %(requests)s."),
    ),
    Processing(
        name=_l("Modération et recours"),
        purpose=_l("Traiter les signalements, décider, permettre le recours, rendre des comptes."),
        basis=_l(
            "Obligation légale (article 6.1.c) : règlement européen sur les services numériques, articles 16 à 20"
        ),
        people=_l("Les auteurs des contenus signalés, les personnes qui signalent"),
        data=_l(
            "Signalement, raison, adresse laissée par un visiteur pour la réponse, décision, message envoyé, recours, "
            "sanctions."
        ),
        recipients=_l("Les animateurs concernés et les administrateurs. La page de transparence est anonyme."),
        kept=_l(
            "La vie du compte ; au-delà, la décision reste sans le nom. Adresse d’un visiteur : jusqu’à la réponse, "
            "%(reports)s au plus."
        ),
    ),
    Processing(
        name=_l("Journal des actes"),
        purpose=_l("Prouver qui a fait quoi : modération, droits, identité, réglages."),
        basis=DUTY,
        people=_l("Les animateurs et les administrateurs"),
        data=_l("Numéro de compte, acte, objet, raison, date ; jamais le contenu."),
        recipients=_l("Les animateurs pour leur communauté, les administrateurs."),
        kept=_l("Sans limite : chaque ligne est liée à la précédente ; le compte effacé n’y est plus qu’un numéro."),
    ),
    Processing(
        name=_l("Sécurité et journaux techniques"),
        purpose=_l("Refuser les abus, comprendre un incident."),
        basis=SAFETY,
        people=_l("Toute personne qui se connecte"),
        data=_l("Adresse réseau des demandes refusées, numéro de compte, page, heure ; compteurs de fréquence."),
        recipients=_l("L’exploitant du serveur."),
        kept=_l(
            "Compteurs : une heure au plus. Journaux techniques : la durée fixée par l’exploitant (six à douze mois "
            "selon la recommandation de la CNIL)."
        ),
    ),
    Processing(
        name=_l("Droits des personnes"),
        purpose=_l("Fournir la copie des données, effacer les comptes, garder la preuve de la charte acceptée."),
        basis=DUTY,
        people=MEMBERS,
        data=_l("Demandes, dates, versions des textes acceptées ; l’archive préparée."),
        recipients=_l("La personne elle-même ; les administrateurs voient qu’une demande existe, jamais l’archive."),
        kept=_l("Copies : %(exports)s. Effacement : %(delay)s après la demande."),
    ),
)

MEASURES = (
    _l("Mots de passe conservés sous forme d’empreinte (argon2id), second facteur possible et exigible."),
    _l("Droits vérifiés à chaque lecture et à chaque écriture ; ce que l’on n’a pas le droit de voir n’existe pas."),
    _l("Actes consignés dans un journal dont chaque ligne scelle la précédente."),
    _l("Fichiers déposés examinés avant d’être servis, dans un processus séparé."),
    _l("Journaux sans texte ni secret ; fréquences limitées par compte et par adresse."),
    _l("Aucune ressource chargée d’un autre site, aucun traceur."),
)
