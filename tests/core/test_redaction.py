"""The redaction check finds what must not be shared, and leaves alone what guides and templates are full of."""

from __future__ import annotations

import pytest
from timing import fastest

from community.core.redaction import (
    answered,
    digest,
    findings,
    from_json,
    is_iban,
    is_siret,
    to_json,
    unanswered,
)

DELICATE = [
    ("Le dossier est suivi par M. Jean Dupont.", "name", "M. Jean Dupont"),
    ("Madame Le Goff a présidé la commission.", "name", "Madame Le Goff"),
    ("MONSIEUR DURAND ET AUTRES", "name", "MONSIEUR DURAND ET AUTRES"),
    ("Maître Anne-Marie Besson, avocate", "name", "Maître Anne-Marie Besson"),
    ("reçue par le Dr Lefèvre ce jour", "name", "Dr Lefèvre"),
    ("Affaire suivie par : Claire Martin", "name", "Claire Martin"),
    ("M.\u00a0Paul d’Arcy en a convenu", "name", "M. Paul d’Arcy"),
    ("Écrire à claire.martin@collines.fr avant midi.", "email", "claire.martin@collines.fr"),
    ("Tél. 04 94 12 34 56", "phone", "04 94 12 34 56"),
    ("Mobile : 06.12.34.56.78.", "phone", "06.12.34.56.78"),
    ("depuis l’étranger +33 4 94 12 34 56", "phone", "+33 4 94 12 34 56"),
    ("SIRET 732 829 320 00074", "siret", "732 829 320 00074"),
    ("n° 73282932000074 au registre", "siret", "73282932000074"),
    ("IBAN : FR76 3000 6000 0112 3456 7890 189", "iban", "FR76 3000 6000 0112 3456 7890 189"),
    ("Fait à Clairbois, le 12 mars 2026", "signature", "Fait à Clairbois, le 12 mars 2026"),
    ("Le Maire,\nJean DUPONT", "signature", "Le Maire, Jean DUPONT"),
    ("Signé électroniquement par Hélène Vidal", "signature", "Signé électroniquement par Hélène Vidal"),
    ("Le candidat propose un prix de 125 430,50 € HT.", "price", "125 430,50 €"),
    ("L’offre de base, à 98 200 euros, est classée 1re.", "price", "98 200 euros"),
    ("La société Traiteur du Lac obtient 14,5/20.", "tenderer", "société Traiteur du Lac"),
    ("Durand Frères SARL : 32 points sur 40", "tenderer", "Durand Frères SARL"),
    ("Candidat : Primeurs Varois   12/20", "tenderer", "Candidat : Primeurs Varois"),
]
HARMLESS = [
    "Le maître d’ouvrage et le maître d’œuvre signent le procès-verbal.",
    "Monsieur le Maire, Madame la Présidente, mesdames et messieurs les élus",
    "MADAME LA PRÉSIDENTE EXPOSE",
    "M. X et Mme Y ont été anonymisés.",
    "Au seuil de 90 000 € HT, la procédure adaptée est possible.",
    "Une pénalité de 150 € par jour est due par le candidat retenu.",
    "Le montant maximum de l’accord-cadre est de 400 000 € HT, quel que soit l’attributaire.",
    "Entreprise A : 14/20, entreprise B : 12/20",
    "Société X obtient 8 points, candidat n° 2 : 6 points",
    "Livré le 12/10/2026 ou le 01.02.2026 12:30 au plus tard",
    "Remplacer par prenom.nom@exemple.fr",
    "CPV 15800000-6, référence 12345678901234, lot 03",
    "Fait à ………………, le ………………",
    "Le titulaire établit un devis ; l’entreprise titulaire obtient l’ordre de service.",
    "Fréquentation : 0 123 repas, puis 2 345 repas",
    "Code de la commande publique, articles R. 2152-7 et L. 2113-10",
]


@pytest.mark.parametrize(("text", "kind", "found"), DELICATE)
def test_what_must_not_be_shared_is_found(text, kind, found):
    assert (kind, found) in {(one.kind, one.places[0].found) for one in findings([(1, text)])}


@pytest.mark.parametrize("text", HARMLESS)
def test_what_guides_are_full_of_is_left_alone(text):
    assert findings([(1, text)]) == []


def test_the_same_thing_is_said_once_with_its_places():
    pages = [(number, "Remarque de M. Jean Dupont sur le lot. " * 2) for number in range(1, 8)]
    pages.append((9, "m. jean dupont, M.  Jean Dupont"))
    (one,) = findings(pages)
    assert one.count == 15
    assert [place.page for place in one.places] == [1, 1, 2, 2]
    assert one.places[1].before.endswith("sur le lot. Remarque de ")
    assert one.places[1].after == " sur le lot. "


def test_delicate_kinds_come_first_and_findings_survive_json():
    text = "Tél. 04 94 12 34 56. La société Duval obtient 14/20 pour 12 000 € ; IBAN FR76 3000 6000 0112 3456 7890 189"
    found = findings([(3, text)])
    assert [one.kind for one in found] == ["tenderer", "price", "iban", "phone"]
    assert from_json(to_json(found)) == found
    assert from_json(None) == []


def test_answers_hold_for_what_was_found_and_where_it_is_seen():
    found = findings([(1, "M. Jean Dupont et Mme Ève Roux, 04 94 12 34 56")])
    one, other, phone = (each.digest for each in found)
    answers = answered({}, [one], "public", 7, "public")
    answers = answered(answers, [other], "restricted", 7, "members")
    assert [each.digest for each in unanswered(found, answers, "members")] == [phone]
    assert {each.digest for each in unanswered(found, answers, "public")} == {other, phone}
    assert answers[one]["by"] == 7
    assert answers[one]["at"]


def test_marks_are_those_of_the_thing_and_not_of_its_spelling():
    assert digest("phone", "04 94 12 34 56") == digest("phone", "04.94.12.34.56")
    assert digest("name", "M. Jean  Dupont") == digest("name", "M. JEAN DUPONT")
    assert digest("name", "M. Dupont") != digest("email", "M. Dupont")


def test_numbers_are_checked_by_their_keys():
    assert is_siret("732 829 320 00074")
    assert is_siret("35600000000048")
    assert is_siret("35600000049837")  # La Poste also counts otherwise
    assert not is_siret("73282932000075")
    assert not is_siret("00000000000000")
    assert is_iban("GB82 WEST 1234 5698 7654 32")
    assert not is_iban("FR76 3000 6000 0112 3456 7890 188")


def test_three_hundred_pages_and_hostile_texts_are_quick():
    paragraph = "Le marché est alloti, au seuil de 90 000 € HT, et M. Durand a noté 12/20 l’offre de la société Duval. "
    pages = [(number, paragraph * 20) for number in range(300)]
    assert fastest(lambda: findings(pages), 5) < 5
    hostile = ["M. ", "A", "0 1 ", "1 234 ", "A B C ", "a@", "Société Aa ", "Le Maire\n", "FR76 ", "Fait à A"]
    texts = [[(1, piece * 3000), (2, "x" + piece * 3000 + "@")] for piece in hostile]
    assert fastest(lambda: [findings(pages) for pages in texts], 5) < 5
