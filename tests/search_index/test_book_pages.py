"""A document of hundreds of pages: the extract comes from the right page, and reading it word by word is bounded."""

from __future__ import annotations

import pytest

from search_index.analysis import terms
from search_index.passages import PAGES_READ, passages, promising

FILLER = "Du texte courant sur la commande publique et l’achat durable. " * 30


@pytest.fixture(scope="module")
def book() -> tuple[str, ...]:
    pages = [FILLER] * 300
    pages[77] = FILLER + "La Sous-Traitance déclarée."
    pages[150] = ""
    pages[211] = FILLER + "Les pénalités s’appliquent sous l’article R. 2112-14 aux œuvres d’art, en 17 jours."
    pages[250] = FILLER + "Le numéro 1789 et la pénétration du marché."
    return tuple(pages)


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("pénalité", 212),
        ("sous-traitance", 78),
        ("R. 2112-14", 212),
        ("œuvre d'art", 212),
        ("l’œuvre", 212),
        ("17 jours", 212),
    ],
)
def test_the_extract_comes_from_the_right_page(book, asked, page):
    weights = dict.fromkeys(terms(asked), 1.0)
    record = {"body": "", "extra": "", "pages": book}
    found = passages(record, weights, 1)
    assert [passage.page for passage in found] == [page]
    assert any(matches for _piece, matches in found[0].segments)


def test_only_a_few_pages_are_read_word_by_word(book):
    weights = dict.fromkeys(terms("commande publique"), 1.0)
    assert promising(book, weights) == list(range(1, PAGES_READ + 1))
    assert len(promising(book, dict.fromkeys(terms("inexistant"), 1.0))) == PAGES_READ


def test_a_short_document_is_read_whole():
    assert promising(("a", "", "b"), {"x": 1.0}) == [1, 2, 3]
