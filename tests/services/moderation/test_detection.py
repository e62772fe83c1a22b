"""What rules find in texts, and what they must not."""

from __future__ import annotations

import pytest
from timing import fastest

from community.services.moderation.detection import foreign_language, is_near, links_in, words_found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Nous préparons un accord-cadre pour la restauration scolaire et cherchons une clause de révision des prix.",
            "",
        ),
        ("CCTP, CCAP, DCE, RC, BPU, DQE, AE, MAPA, AOO, GHT, EPCI, SPASER, CPV, DECP, PLACE.", ""),
        (
            "Notre fournisseur écrit « we will be able to deliver all of your orders in two days » : que répondre à cela ?",
            "",
        ),
        (
            "We are able to offer you the best prices for all of your needs and we would be happy to hear from you.",
            "en",
        ),
        ("Wir bieten Ihnen die besten Preise für Ihre Küche und liefern auch in den nächsten Tagen zu Ihnen.", "de"),
        ("Ofrecemos los mejores precios para su cocina y también el servicio de entrega en todo el país.", "es"),
        ("Offriamo i migliori prezzi per la vostra cucina e anche il servizio di consegna in tutto il paese.", "it"),
        ("Hello", ""),
    ],
)
def test_languages(text, language):
    assert foreign_language(text) == language


def test_words_are_whole_words_without_accents():
    assert words_found("Une OFFRE  spéciale, chèque-cadeau", ["offre speciale", "cheque", "cadeaux"]) == [
        "offre speciale",
        "cheque",
    ]
    assert words_found("écologie", ["eco"]) == []
    assert words_found("", ["a"]) == []


def test_links():
    assert links_in("voir https://a.fr/x, www.b.fr. et (http://c.fr)") == {"https://a.fr/x", "www.b.fr", "http://c.fr"}
    assert links_in("claire@www.ville.fr et l’art. R. 2111-10") == set()


def test_near_texts():
    text = "Nos frigos sont les moins chers du marché et nous livrons partout en France sous deux jours ouvrés."
    assert is_near(text, text.upper())
    assert is_near(text, text + " Vraiment.")
    assert not is_near(text, "Quelle pénalité de retard retenir dans un accord-cadre de denrées alimentaires ?")
    assert not is_near("Merci.", "Merci beaucoup.")
    assert is_near("Merci.", "merci")


def test_hostile_texts_take_no_time():
    hostile = [
        "a" * 30_000,
        "[" * 30_000,
        "http://" * 4_000,
        "@[" * 15_000,
        "`" * 30_000,
        "www." * 7_000,
        "é " * 15_000,
    ]

    def read_all() -> None:
        for text in hostile:
            foreign_language(text)
            links_in(text)
            words_found(text, ["promotion"] * 50)
            is_near(text, text)

    assert fastest(read_all, 2) < 2
