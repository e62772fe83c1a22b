"""The register of processing (article 30 of the RGPD): what is done with personal data here, in words a controller signs.

Periods come from the options, so that the register says what really happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from community.core.clock import now
from community.core.options import option


@dataclass(frozen=True)
class Processing:
    """One line of the register."""

    name: str
    purpose: str
    basis: str
    people: str
    data: str
    recipients: str
    kept: str


def days(name: str) -> str:
    """An option's period in words: whole years and months where it is some."""
    count = option(name)
    if count % 365 == 0:
        return ngettext("%(num)d an", "%(num)d ans", count // 365)
    if count % 30 == 0 and count > 30:
        return ngettext("%(num)d mois", "%(num)d mois", count // 30)
    return ngettext("%(num)d jour", "%(num)d jours", count)


def register() -> list[Processing]:
    """Every processing of the platform."""
    public_task = _("Mission d’intérêt public (article 6.1.e) : l’entraide entre acheteurs publics")
    duty = _("Obligation légale (article 6.1.c)")
    safety = _("Intérêt légitime (article 6.1.f) : la sécurité du service")
    members = _("Les membres de la plateforme")
    return [
        Processing(
            _("Comptes des membres"),
            _("Savoir à qui l’on parle : inscription, connexion, profil, organisme, second facteur."),
            public_task,
            _("Les membres et les personnes qui demandent à s’inscrire"),
            _("Nom, adresse électronique, organisme, fonction, qualité, domaines, langue ; empreinte du mot de passe ; "
              "identifiant du fournisseur d’identité ; secret chiffré du second facteur ; appareil et date des sessions."),
            _("Les membres voient nom, fonction et organisme ; les administrateurs voient aussi l’adresse."),
            _("La vie du compte. Compte inutilisé : avertissement après %(months)s, effacement %(grace)s plus tard. "
              "Inscription jamais confirmée : 30 jours.",
              months=days("retention.inactive"), grace=days("retention.inactive_grace")),
        ),
        Processing(
            _("Contributions"),
            _("Publier et retrouver questions, réponses, fiches expériences, clauses, documents et commentaires."),
            public_task,
            members,
            _("Ce que les membres écrivent et déposent, la date, l’historique des versions, les votes et les citations."),
            _("Qui peut voir la communauté où la contribution est publiée ; le public si elle est publique."),
            _("Tant que la contribution est utile. Au départ de son auteur, elle reste sous « Membre parti » ou "
              "s’efface à sa demande si elle n’est qu’à lui."),
        ),
        Processing(
            _("Questions posées sous pseudonyme"),
            _("Permettre de demander conseil sans s’exposer."),
            public_task,
            members,
            _("Le lien, scellé, entre un pseudonyme et son auteur."),
            _("Personne. Un animateur peut l’ouvrir avec une raison écrite, consignée et dite à l’auteur."),
            _("La vie du compte ; le lien est détruit à l’effacement du compte."),
        ),
        Processing(
            _("Suivi et notifications"),
            _("Prévenir chacun de ce qu’il suit ; garder ses paniers, brouillons et recherches."),
            public_task,
            members,
            _("Abonnements, recherches suivies, notifications, paniers, brouillons, courriels envoyés."),
            _("La personne elle-même."),
            _("Notifications lues : %(read)s. Texte des courriels envoyés : %(mails)s. Le reste : la vie du compte.",
              read=days("retention.notifications"), mails=days("retention.mails")),
        ),
        Processing(
            _("Communautés et invitations"),
            _("Accueillir, inviter, attribuer les rôles."),
            public_task,
            _("Les membres et les personnes invitées"),
            _("Adhésions, rôles, messages de demande, adresses invitées."),
            _("Les animateurs de la communauté et les administrateurs."),
            _("Demandes et invitations closes : %(requests)s.", requests=days("retention.requests")),
        ),
        Processing(
            _("Modération et recours"),
            _("Traiter les signalements, décider, permettre le recours, rendre des comptes."),
            _("Obligation légale (article 6.1.c) : règlement européen sur les services numériques, articles 16 à 20"),
            _("Les auteurs des contenus signalés, les personnes qui signalent"),
            _("Signalement, raison, décision, message envoyé, recours, sanctions."),
            _("Les animateurs concernés et les administrateurs. La page de transparence est anonyme."),
            _("La vie du compte ; au-delà, la décision reste sans le nom."),
        ),
        Processing(
            _("Journal des actes"),
            _("Prouver qui a fait quoi : modération, droits, identité, réglages."),
            duty,
            _("Les animateurs et les administrateurs"),
            _("Numéro de compte, acte, objet, raison, date ; jamais le contenu."),
            _("Les animateurs pour leur communauté, les administrateurs."),
            _("Sans limite : chaque ligne est liée à la précédente ; le compte effacé n’y est plus qu’un numéro."),
        ),
        Processing(
            _("Sécurité et journaux techniques"),
            _("Refuser les abus, comprendre un incident."),
            safety,
            _("Toute personne qui se connecte"),
            _("Adresse réseau des demandes refusées, numéro de compte, page, heure ; compteurs de fréquence."),
            _("L’exploitant du serveur."),
            _("Compteurs : une heure au plus. Journaux techniques : la durée fixée par l’exploitant (six à douze mois "
              "selon la recommandation de la CNIL)."),
        ),
        Processing(
            _("Droits des personnes"),
            _("Fournir la copie des données, effacer les comptes, garder la preuve de la charte acceptée."),
            duty,
            members,
            _("Demandes, dates, versions des textes acceptées ; l’archive préparée."),
            _("La personne elle-même ; les administrateurs voient qu’une demande existe, jamais l’archive."),
            _("Copies : %(exports)s. Effacement : %(delay)s après la demande.",
              exports=days("retention.exports"), delay=days("erasure.delay")),
        ),
    ]  # fmt: skip


def security_measures() -> list[str]:
    """What protects the data, for the register's last section."""
    return [
        _("Mots de passe conservés sous forme d’empreinte (argon2id), second facteur possible et exigible."),
        _("Droits vérifiés à chaque lecture et à chaque écriture ; ce que l’on n’a pas le droit de voir n’existe pas."),
        _("Actes consignés dans un journal dont chaque ligne scelle la précédente."),
        _("Fichiers déposés examinés avant d’être servis, dans un processus séparé."),
        _("Journaux sans texte ni secret ; fréquences limitées par compte et par adresse."),
        _("Aucune ressource chargée d’un autre site, aucun traceur."),
    ]


def as_markdown() -> str:
    """The whole register as a text to keep or sign."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield f"# {_('Registre des activités de traitement')}"
    yield ""
    yield _("Plateforme Entrepairs. Établi le %(day)s.", day=now().date().isoformat())
    yield ""
    for line in register():
        yield f"## {line.name}"
        yield ""
        for title, text in titled(line):
            yield f"- **{title}** : {text}"
        yield ""
    yield f"## {_('Mesures de sécurité')}"
    yield ""
    for measure in security_measures():
        yield f"- {measure}"


def titled(line: Processing) -> list[tuple[str, Any]]:
    """A line's fields with their titles, in the order of the register."""
    return [
        (_("Finalité"), line.purpose),
        (_("Base légale"), line.basis),
        (_("Personnes concernées"), line.people),
        (_("Données"), line.data),
        (_("Destinataires"), line.recipients),
        (_("Durée de conservation"), line.kept),
    ]
