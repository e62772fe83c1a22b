"""The divisions of the CPV (2008), by their first two digits: short French names, for facets."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

FAMILIES = {
    "03": _l("Agriculture, élevage, pêche"),
    "09": _l("Énergie et combustibles"),
    "14": _l("Minéraux et métaux"),
    "15": _l("Denrées alimentaires et boissons"),
    "16": _l("Machines agricoles"),
    "18": _l("Vêtements et chaussures"),
    "19": _l("Cuir, textile, plastique, caoutchouc"),
    "22": _l("Imprimés"),
    "24": _l("Produits chimiques"),
    "30": _l("Informatique et bureautique : matériel"),
    "31": _l("Électricité et éclairage"),
    "32": _l("Radio, télévision, télécommunications"),
    "33": _l("Matériel médical, pharmacie, hygiène"),
    "34": _l("Véhicules et transport : matériel"),
    "35": _l("Sécurité, incendie, défense : matériel"),
    "37": _l("Musique, sport, jeux, arts"),
    "38": _l("Laboratoire, optique, mesure"),
    "39": _l("Mobilier, électroménager, produits d’entretien"),
    "41": _l("Eau"),
    "42": _l("Machines industrielles"),
    "43": _l("Engins de chantier et de carrière"),
    "44": _l("Matériaux de construction"),
    "45": _l("Travaux de construction"),
    "48": _l("Logiciels"),
    "50": _l("Réparation et entretien"),
    "51": _l("Installation"),
    "55": _l("Hôtellerie et restauration"),
    "60": _l("Transport : services"),
    "63": _l("Services annexes du transport, voyages"),
    "64": _l("Poste et télécommunications"),
    "65": _l("Distribution d’eau, de gaz, d’électricité"),
    "66": _l("Banque et assurance"),
    "70": _l("Immobilier"),
    "71": _l("Architecture, ingénierie, contrôle"),
    "72": _l("Services informatiques"),
    "73": _l("Recherche et développement"),
    "75": _l("Administration, défense, sécurité sociale"),
    "76": _l("Services pétroliers et gaziers"),
    "77": _l("Espaces verts, forêt, agriculture : services"),
    "79": _l("Services aux entreprises"),
    "80": _l("Enseignement et formation"),
    "85": _l("Santé et action sociale"),
    "90": _l("Déchets, eaux usées, nettoyage, environnement"),
    "92": _l("Culture, sport, loisirs"),
    "98": _l("Autres services"),
}


def family_name(code: str) -> str:
    """« 15 » → « Denrées alimentaires et boissons »."""
    return str(FAMILIES.get(code[:2], f"CPV {code}"))
