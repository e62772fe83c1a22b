"""Closed vocabularies: the code kept in the database and the French words shown for it.

Where an official list exists (DECP), its values are kept letter for letter as codes.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

Vocabulary = dict[str, LazyString]


def N_(text: str) -> str:  # noqa: N802 - the name under which pybabel finds texts to translate
    """Marks a text that is translated later, where it is shown."""
    return text


def _official(*values: str) -> Vocabulary:
    """Values that are their own French words: written as N_("…") so that they reach the translators."""
    return {value: _l(value) for value in values}


PHASES: Vocabulary = {
    "programming": _l("Programmation"),
    "sourcing": _l("Sourçage"),
    "needs": _l("Définition du besoin"),
    "drafting": _l("Rédaction"),
    "consultation": _l("Consultation"),
    "analysis": _l("Analyse des offres"),
    "award": _l("Attribution"),
    "execution": _l("Exécution"),
    "review": _l("Bilan"),
}
DIMENSIONS: Vocabulary = {
    "environment": _l("Environnement"),
    "social": _l("Social"),
    "economy": _l("Économie"),
    "innovation": _l("Innovation"),
}
CONTRACT_TYPES: Vocabulary = {"works": _l("Travaux"), "supplies": _l("Fournitures"), "services": _l("Services")}
ORGANISATION_TYPES: Vocabulary = {
    "commune": _l("Commune"),
    "epci": _l("Intercommunalité (EPCI)"),
    "syndicat": _l("Syndicat"),
    "departement": _l("Département"),
    "region": _l("Région"),
    "etat_central": _l("État central"),
    "etat_deconcentre": _l("État déconcentré"),
    "etablissement_national": _l("Établissement public national"),
    "hopital": _l("Hôpital ou GHT"),
    "bailleur": _l("Bailleur social"),
    "universite": _l("Université ou lycée"),
    "sdis": _l("SDIS"),
    "sem_spl": _l("SEM ou SPL"),
    "centrale_achat": _l("Centrale d’achat"),
    "reseau": _l("Réseau"),
    "autre": _l("Autre"),
}
COMMUNITY_KINDS: Vocabulary = {
    "thematic": _l("Thématique"),
    "territorial": _l("Territoriale"),
    "purchase_family": _l("Famille d’achats"),
    "buyer_type": _l("Type d’acheteur"),
    "project": _l("Projet"),
}
ACCESS: Vocabulary = {"open": _l("Ouverte"), "request": _l("Sur demande"), "invitation": _l("Sur invitation")}
VISIBILITY: Vocabulary = {
    "public": _l("Publique"),
    "platform": _l("Membres de la plateforme"),
    "members": _l("Membres de la communauté"),
}
COMMUNITY_ROLES: Vocabulary = {"member": _l("Membre"), "expert": _l("Expert"), "moderator": _l("Animateur")}
QUALITIES: Vocabulary = {
    "agent": _l("agent public"),
    "elected": _l("élu ou élue"),
    "firm": _l("entreprise"),
    "other": _l("autre"),
}
MEMBER_STATES: Vocabulary = {
    "pending": _l("En attente"),
    "waiting": _l("Inscription à examiner"),
    "declined": _l("Inscription refusée"),
    "active": _l("Actif"),
    "suspended": _l("Suspendu"),
    "erased": _l("Effacé"),
}
#: the kinds of contributions add theirs (``label`` of their models)
KINDS: Vocabulary = {"member": _l("Membre")}
STATES: Vocabulary = {
    "open": _l("Ouverte"),
    "answered": _l("Répondue"),
    "solved": _l("Résolue"),
    "closed": _l("Fermée"),
    "draft": _l("Brouillon"),
    "published": _l("Publiée"),
    "proposed": _l("Proposée"),
    "in_review": _l("En relecture"),
    "validated": _l("Validée"),
    "overdue": _l("À revoir"),
    "refused": _l("Refusée"),
    "replaced": _l("Remplacée"),
    "retired": _l("Retirée"),
    "removed": _l("Retirée"),
}
PROCEDURES = _official(
    N_("Procédure adaptée"),
    N_("Appel d'offres ouvert"),
    N_("Appel d'offres restreint"),
    N_("Procédure avec négociation"),
    N_("Marché passé sans publicité ni mise en concurrence préalable"),
    N_("Dialogue compétitif"),
)
TECHNIQUES = _official(
    N_("Accord-cadre"),
    N_("Concours"),
    N_("Système de qualification"),
    N_("Système d'acquisition dynamique"),
    N_("Catalogue électronique"),
    N_("Enchère électronique"),
    N_("Sans objet"),
)
SOCIAL_CONSIDERATIONS = _official(
    N_("Clause sociale"), N_("Critère social"), N_("Marché réservé"), N_("Pas de considération sociale")
)
ENVIRONMENTAL_CONSIDERATIONS = _official(
    N_("Clause environnementale"), N_("Critère environnemental"), N_("Pas de considération environnementale")
)
AMOUNT_BANDS = _official(
    N_("< 40 k€"), N_("40 – 90 k€"), N_("90 – 221 k€"), N_("221 k€ – 1 M€"), N_("1 – 5 M€"), N_("> 5 M€")
)
POPULATION_BANDS = _official(
    N_("< 2 000 hab."),
    N_("2 000 – 9 999 hab."),
    N_("10 000 – 49 999 hab."),
    N_("50 000 – 99 999 hab."),
    N_("100 000 – 299 999 hab."),
    N_("≥ 300 000 hab."),
)
WOULD_REPEAT: Vocabulary = {
    "yes": _l("Oui, à l’identique"),
    "adapted": _l("Oui, en l’adaptant"),
    "no": _l("Non"),
}
TRUST_LEVELS: Vocabulary = {
    "testimony": _l("Témoignage"),
    "peer_reviewed": _l("Relu par les pairs"),
    "expert_validated": _l("Validé par un expert"),
    "national_reference": _l("Référence nationale"),
}

DOCUMENT_NATURES: Vocabulary = {
    "guide": _l("Guide"),
    "specification": _l("Cahier des charges"),
    "deliberation": _l("Délibération"),
    "product_sheet": _l("Fiche produit"),
    "analysis_grid": _l("Grille d’analyse"),
    "template": _l("Modèle"),
    "report": _l("Rapport ou bilan"),
    "link": _l("Lien"),
}
LICENCES: Vocabulary = {
    "own": _l("Notre propre document, réutilisable entre acheteurs"),
    "open_licence": _l("Licence Ouverte 2.0"),
    "cc_by": _l("Creative Commons BY"),
    "cc_by_sa": _l("Creative Commons BY-SA"),
    "cc_by_nc": _l("Creative Commons BY-NC"),
    "agreed": _l("Partagé avec l’accord de l’émetteur"),
    "unknown": _l("À vérifier auprès de l’émetteur"),
}
REDACTION_KINDS: Vocabulary = {
    "unread": _l("Fichier à relire vous-même"),
    "tenderer": _l("Nom d’un candidat près d’une note"),
    "price": _l("Prix au milieu d’une analyse"),
    "signature": _l("Bloc de signature"),
    "iban": _l("Coordonnées bancaires (IBAN)"),
    "siret": _l("Numéro SIRET"),
    "name": _l("Nom d’une personne"),
    "email": _l("Adresse électronique"),
    "phone": _l("Numéro de téléphone"),
}

CLAUSE_KINDS: Vocabulary = {
    "technical_specification": _l("Spécification technique"),
    "performance_condition": _l("Condition d’exécution"),
    "award_criterion": _l("Critère d’attribution"),
    "participation_condition": _l("Condition de participation"),
    "variant": _l("Variante"),
    "reserved": _l("Lot ou marché réservé"),
    "allotment": _l("Allotissement"),
    "review_clause": _l("Clause de réexamen"),
    "penalty_or_incentive": _l("Pénalité ou incitation"),
}
AMBITIONS: Vocabulary = {
    "base": _l("Base"),
    "good_practice": _l("Bonne pratique"),
    "exemplary": _l("Exemplaire"),
}
TARGET_DOCUMENTS: Vocabulary = {
    "RC": _l("Règlement de la consultation (RC)"),
    "CCAP": _l("Cahier des clauses administratives (CCAP)"),
    "CCTP": _l("Cahier des clauses techniques (CCTP)"),
    "AE": _l("Acte d’engagement (AE)"),
    "annexe": _l("Annexe"),
}
EFFORTS: Vocabulary = {"low": _l("Faible"), "medium": _l("Moyenne"), "high": _l("Forte")}
CCAG = _official(
    N_("CCAG-FCS"),
    N_("CCAG-Travaux"),
    N_("CCAG-TIC"),
    N_("CCAG-PI"),
    N_("CCAG-MI"),
    N_("CCAG-MOE"),
    N_("Pas de CCAG"),
)
USE_OUTCOMES: Vocabulary = {
    "accepted": _l("Acceptée sans difficulté"),
    "questions": _l("A suscité des questions"),
    "challenged": _l("Contestée"),
    "dropped": _l("Abandonnée avant la fin"),
}
VERIFICATIONS = _official(
    N_("label ou équivalent"),
    N_("certificat"),
    N_("fiche technique"),
    N_("rapport d’essai"),
    N_("déclaration"),
    N_("relevé d’heures"),
    N_("bordereau de suivi"),
    N_("visite ou audit"),
    N_("échantillon"),
    N_("réunion de suivi"),
)

ALL: dict[str, Vocabulary] = {
    "phase": PHASES,
    "dimension": DIMENSIONS,
    "contract_type": CONTRACT_TYPES,
    "organisation_type": ORGANISATION_TYPES,
    "community_kind": COMMUNITY_KINDS,
    "access": ACCESS,
    "visibility": VISIBILITY,
    "role": COMMUNITY_ROLES,
    "member_state": MEMBER_STATES,
    "quality": QUALITIES,
    "kind": KINDS,
    "state": STATES,
    "procedure": PROCEDURES,
    "technique": TECHNIQUES,
    "social": SOCIAL_CONSIDERATIONS,
    "environmental": ENVIRONMENTAL_CONSIDERATIONS,
    "amount_band": AMOUNT_BANDS,
    "population_band": POPULATION_BANDS,
    "would_repeat": WOULD_REPEAT,
    "trust_level": TRUST_LEVELS,
    "document_nature": DOCUMENT_NATURES,
    "licence": LICENCES,
    "redaction": REDACTION_KINDS,
    "kind_of_clause": CLAUSE_KINDS,
    "ambition": AMBITIONS,
    "target_document": TARGET_DOCUMENTS,
    "effort": EFFORTS,
    "ccag": CCAG,
    "verification": VERIFICATIONS,
    "use_outcome": USE_OUTCOMES,
}


def label(vocabulary: str, code: str | None) -> str:
    """The words for a code; the code itself when it is unknown (imported data), nothing for nothing."""
    if not code:
        return ""
    return str(ALL[vocabulary].get(code, code))


def options(vocabulary: str, empty: str | None = None) -> list[tuple[str, str]]:
    """(code, words) pairs for a form's choices, in the vocabulary's own order."""
    pairs = [(code, str(words)) for code, words in ALL[vocabulary].items()]
    return pairs if empty is None else [("", empty), *pairs]
