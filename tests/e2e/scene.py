"""Who and what the browser meets: three people of the main journey, and what their peers already asked and learnt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from live_site import Site


@dataclass(frozen=True)
class Subject:
    """What peers already asked and learnt about one purchase, and the question that the journey asks about it."""

    community: str
    asked: tuple[str, ...]
    body: str
    lesson: str
    context: str
    asks: str


CANTEENS = Subject(
    "restauration",
    (
        "Allotir les denrées alimentaires d’une cantine : par famille de produits ou par secteur ?",
        "Quels délais de livraison des denrées alimentaires pour une cuisine centrale ?",
        "Denrées alimentaires en circuit court : comment allotir pour des producteurs ?",
    ),
    "Nous devons allotir les denrées alimentaires de nos cantines. Le marché actuel compte trois lots, et les cantines "
    "reçoivent des denrées de toute la région : faut-il allotir davantage ?",
    "Allotir en douze lots les denrées alimentaires de deux cantines",
    "Un marché de denrées alimentaires en trois lots, pour deux cantines. Nous avons choisi d’allotir par famille de "
    "denrées : légumes, viandes, produits laitiers. Allotir a ouvert le marché à deux producteurs.",
    "Comment allotir un marché de denrées alimentaires pour trois cantines ?",
)
LIFTS = Subject(
    "batiment",
    (
        "Maintenance des ascenseurs : quelles pénalités pour une panne non réparée sous quatre heures ?",
        "Contrat de maintenance des ascenseurs : quelles pénalités de panne ?",
        "Qui a repris en régie la maintenance des ascenseurs d’une résidence ?",
    ),
    "Notre contrat de maintenance des ascenseurs arrive à son terme. Les pénalités de panne ne sont jamais appliquées : "
    "comment les écrire pour que chaque panne d’ascenseur compte ?",
    "Maintenance des ascenseurs : des pénalités de panne qui s’appliquent",
    "Vingt ascenseurs, un contrat de maintenance à résultats. Les pénalités de panne se comptent à l’heure, et le "
    "contrat prévoit une maintenance de nuit. Une panne d’ascenseur dure deux fois moins longtemps.",
    "Quelles pénalités de panne dans un contrat de maintenance des ascenseurs ?",
)
OTHERS = (
    "Peut-on négocier un marché d’assurance en procédure adaptée ?",
    "Comment mesurer l’indice de réparabilité d’un parc de téléphones ?",
    "Quel critère social pour un marché de nettoyage des écoles ?",
    "Qui a déjà mutualisé l’achat de bennes à ordures entre syndicats ?",
    "Quelle formule de révision de prix pour des travaux de voirie ?",
    "Faut-il publier l’avis d’attribution d’un accord-cadre mono-attributaire ?",
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
    document: int
    checked: int


def tell(site: Site) -> Scene:
    make = site.make
    make.community("restauration", name="Restauration collective", purpose="Acheter ce que mangent nos convives.")
    make.community("batiment", name="Bâtiment durable", purpose="Construire et entretenir.")
    make.community("bretagne", access="request", visibility="platform", name="Acheteurs de Bretagne")
    expert = {"restauration": "expert", "batiment": "expert"}
    claire = make.member("Claire Martin", {"restauration": "member"}, email="claire@collines.example", job="Acheteuse")
    paul = make.member("Paul Roche", expert, email="paul@velay.example", expertise=["denrées alimentaires"])
    ines = make.member("Inès Benali", expert, email="ines@clairbois.example")
    anne = make.member("Anne Le Goff", email="anne@entrepairs.example", platform_role="administrator")
    for title in OTHERS:
        make.question(paul, "batiment", title)
    firsts = [_subject(site, subject, paul, ines) for subject in (CANTEENS, LIFTS)]
    question, sheet = firsts[0]
    draft = make.sheet(claire, "restauration", "Une fiche commencée", published=False)
    guide = ["Le guide des denrées.", "Allotir par famille de produits.", "Suivre les livraisons."]
    facts = {"cpv": ["15800000"], "dimensions": ["social"], "tags": ["denrées"], "body": "Pour qui débute."}
    document = make.document(paul, "restauration", "Guide des livraisons", file=make.file(paul, read=guide), **facts)
    delicate = ["Rapport.", "La société Traiteur du Lac obtient 14,5/20. Écrire à M. Jean Dupont, 04 94 12 34 56."]
    checked = make.document(
        claire, "restauration", "Rapport des livraisons", file=make.file(claire, "r.txt", read=delicate)
    )
    return Scene(claire, paul, ines, anne, question, sheet, draft, document, checked)


def _subject(site: Site, subject: Subject, asker: int, author: int) -> tuple[int, int]:
    make, place = site.make, subject.community
    ids = [make.question(asker, place, title, body=subject.body, tags=["allotissement"]) for title in subject.asked]
    answer = make.answer(ids[0], author, "Par famille de produits :\n\n| Lot | Offres |\n|---|---|\n| 1 | 3 |\n")
    make.comment(answer, asker)
    facts = {"contract_type": "supplies", "phase": "drafting", "notified_on": date(2025, 5, 12), "territory": "83"}
    return ids[0], make.sheet(author, place, subject.lesson, context=subject.context, **facts)
