"""Addresses that people can read, type and keep."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.core.slugs import slugify


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Comment allotir les denrées ?", "comment-allotir-les-denrees"),
        ("Œuvres d’art & cœur de métier", "oeuvres-d-art-et-coeur-de-metier"),
        ("L'eau, l’air : où ça ?", "l-eau-l-air-ou-ca"),
        ("Marché n° 12 à 40 % — 1 500 €", "marche-no-12-a-40-pour-cent-1-500-euros"),
        ("ÉTÉ À NOËL", "ete-a-noel"),
        ("e\u0301te\u0301", "ete"),
        ("", "sans-titre"),
        ("???", "sans-titre"),
        ("日本", "sans-titre"),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_french_titles(title, slug):
    assert slugify(title) == slug


def test_a_long_title_is_cut_between_words():
    slug = slugify("Insertion sociale et professionnelle dans les marchés de restauration collective des collèges")
    assert slug == "insertion-sociale-et-professionnelle-dans-les-marches-de-restauration"


def test_a_long_word_is_cut():
    assert slugify("a" * 200) == "a" * 70


@given(st.text(max_size=400))
def test_any_title_makes_an_address(title):
    slug = slugify(title)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) and len(slug) <= 70
    assert slugify(slug) == slug
