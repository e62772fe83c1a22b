"""The names of variables in French words: « duree_eligibilite » is read « durée éligibilité »."""

from __future__ import annotations

#: what buyers write in clauses, with its accents; feminine and plural forms follow by rule
_ACCENTED = """
accès accessibilité activité adapté âge agréé aléas ancienneté année arrêté attribué bénéficiaire biosourcé
capacité catégorie cédé certifié concerné conformité continuité contrôle coût critère décalé défaut dégradé
délai délégué département dépôt désignation détail détruit déchet début durée échange échantillon échéance école écoconception
économie éligibilité élément élève émission énergie entité équipe équipement équivalent espèce établissement étage étape
état éthique étiquette étude évaluation événement évolution exécution fenêtre fraîcheur fréquence gérant hygiène intérêt
justifié kilomètre légume livré maître marché matériau matériaux matériel métier méthode modèle modalité mobilité
nécessaire numéro opération œuvre pénalité période périodicité périmètre pièce pondération préavis précision prélèvement
prénom présence prévention prévisionnel prévu priorité propriété procédé qualité quantité réalisé réception réclamation
récolte recyclé rédaction réduction réemploi réemployé réfaction référence référent règle règlement régularité relevé
remplaçant réparabilité réparation répartition réponse requête réseau réserve réservé résultat rétention réunion
réversibilité révision salarié sécurité série société spécialité spécificité système tâche téléphone température thème
traçabilité unité utilisé validité variété véhicule vérification
"""
#: abbreviations and units, which no rule gives
_SPECIAL = {
    "m2": "m²", "m3": "m³", "kwh": "kWh", "mpa": "MPa", "ko": "Ko", "cov": "COV", "ccag": "CCAG", "cctp": "CCTP",
    "ccap": "CCAP", "cpv": "CPV", "esat": "Esat", "co2": "CO₂",
}  # fmt: skip
_PLAIN = str.maketrans({**dict(zip("àâäéèêëîïôöùûüç", "aaaeeeeiioouuuc", strict=True)), "œ": "oe"})
_WORDS = {word.translate(_PLAIN): word for word in _ACCENTED.split()} | _SPECIAL
#: endings that a feminine or a plural adds: prévue, réservées, prévisionnelles
_ENDINGS = ("s", "x", "e", "es", "le", "les", "te", "tes")


def words_of(name: str) -> str:
    """The name's words with the accents that a variable's name does not carry; a word nobody knows stays as it is."""
    return " ".join(_word(word) for word in name.split("_") if word)


def _word(word: str) -> str:
    if word in _WORDS:
        return _WORDS[word]
    for ending in _ENDINGS:
        base = _WORDS.get(word.removesuffix(ending)) if word.endswith(ending) else None
        if base and word.removesuffix(ending) not in _SPECIAL:
            return base + ending
    return word
