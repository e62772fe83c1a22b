"""Who and what the browser meets: three people of the main journey, and what their peers already asked and learnt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from live_site import Site

#: each subject: the community, what was asked before, the sheet, and the new question of the journey
CANTEENS = (
    "restauration",
    [
        "Allotir les denrées alimentaires d’une cantine : par famille de produits ou par secteur ?",
        "Quels délais de livraison des denrées pour une cuisine centrale ?",
        "Denrées alimentaires en circuit court : qui a alloti pour des producteurs ?",
    ],
    "Douze lots de denrées alimentaires pour deux cuisines centrales",
    "Comment allotir un marché de denrées alimentaires pour trois cantines ?",
)
LIFTS = (
    "batiment",
    [
        "Maintenance des ascenseurs : quelles pénalités pour une panne non réparée sous quatre heures ?",
        "Contrat de maintenance des ascenseurs : pièces comprises ou bordereau de prix ?",
        "Qui a repris en régie la maintenance des ascenseurs d’une résidence ?",
    ],
    "Maintenance des ascenseurs de vingt résidences : un contrat à résultats",
    "Quelle disponibilité garantie exiger pour la maintenance des ascenseurs ?",
)
OTHERS = (
    "Peut-on négocier un marché d’assurance en procédure adaptée ?",
    "Comment mesurer l’indice de réparabilité d’un parc de téléphones ?",
    "Quel critère social pour un marché de nettoyage des écoles ?",
)


@dataclass(frozen=True)
class Scene:
    """Ids of the people and pages that tests name."""

    claire: int
    paul: int
    ines: int
    anne: int
    question: int
    sheet: int
    draft: int


def tell(site: Site) -> Scene:
    make = site.make
    make.community("restauration", name="Restauration collective", purpose="Acheter ce que mangent nos convives.")
    make.community("batiment", name="Bâtiment durable", purpose="Construire et entretenir.")
    make.community("bretagne", access="request", visibility="platform", name="Acheteurs de Bretagne")
    expert = {"restauration": "expert", "batiment": "expert"}
    claire = make.member("Claire Martin", {"restauration": "member"}, email="claire@collines.example", job="Acheteuse")
    paul = make.member("Paul Roche", expert, email="paul@velay.example", expertise=["denrées alimentaires"])
    ines = make.member("Inès Benali", dict.fromkeys(expert, "moderator"), email="ines@clairbois.example")
    anne = make.member("Anne Le Goff", email="anne@entrepairs.example", platform_role="administrator")
    for title in OTHERS:
        make.question(paul, "batiment", title)
    firsts = [_subject(site, subject, paul, ines) for subject in (CANTEENS, LIFTS)]
    question, sheet = firsts[0]
    draft = make.sheet(claire, "restauration", "Une fiche commencée", published=False)
    return Scene(claire, paul, ines, anne, question, sheet, draft)


def _subject(site: Site, subject: tuple, asker: int, author: int) -> tuple[int, int]:
    community, asked, lesson, _new = subject
    ids = [site.make.question(asker, community, title, tags=["allotissement"]) for title in asked]
    answer = site.make.answer(ids[0], author, "Par famille de produits :\n\n| Lot | Offres |\n|---|---|\n| 1 | 3 |\n")
    site.make.comment(answer, asker)
    facts = {"contract_type": "supplies", "phase": "drafting", "notified_on": date(2025, 5, 12), "territory": "83"}
    return ids[0], site.make.sheet(author, community, lesson, **facts)
