"""The French analyser: what people write and what they look for must meet."""

import pytest

from search_index.analysis import terms, tokens, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("marchés négociés", "marche negocie"),
        ("l’acheteur", "acheteurs"),
        ("d'œuvre", "oeuvre"),
        ("R. 2152-7", "R2152-7"),
        ("article L. 2113-10", "articles L2113-10"),
        ("C.C.A.P.", "CCAP"),
        ("vélos", "vélo"),
        ("les menus et les contenus", "menu, contenu"),
        ("lieux, jeux et emplois", "lieu jeu emploi"),
        ("matériaux, tuyaux", "matériau tuyau"),
        ("sous-traitance", "sous traitance"),
        ("prud’hommes", "prudhomme"),
        ("éclairages publics", "éclairage publique"),
        ("premier acheteur", "première acheteuse"),
        ("environnement", "environnementales"),
        ("MARCHÉS PUBLICS NÉGOCIÉS", "marchés publics négociés"),
    ],
)
def test_two_spellings_give_the_same_terms(one, other):
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("travaux", "travail"),
        ("taux", "tas"),
        ("bus", "but"),
        ("formation", "formats"),
        ("délais", "délits"),
        ("avenant", "avenir"),
    ],
)
def test_words_that_only_look_alike_stay_apart(one, other):
    assert terms(one) != terms(other)


def test_stop_words_say_nothing_with_or_without_accents():
    assert terms("le la les à a été etaient pendant où") == []


@pytest.mark.parametrize("acronym", ["CE", "TA", "PAS", "SA"])
def test_an_acronym_in_capitals_is_kept_where_the_small_word_is_dropped(acronym):
    assert terms(f"recours au {acronym}")[-1] == acronym
    assert acronym.lower() not in terms(f"recours {acronym.lower()}")


@pytest.mark.parametrize("word", ["état", "valeur", "voie", "mine", "TIC", "hors", "force", "personne"])
def test_words_of_the_field_are_not_stop_words(word):
    assert terms(word)


def test_an_article_is_found_by_its_number_alone():
    assert "2152-7" in terms("R. 2152-7") and "2152-7" in terms("2152-7")


def test_tokens_point_at_the_text_they_came_from():
    text = "L’allotissement, c’est l’art. R. 2152-7 du code."
    assert [text[token.start : token.end] for token in tokens(text)][:2] == ["allotissement", "art"]


def test_completion_words_are_whole():
    assert words("L’Acheteuse publique") == ["acheteuse", "publique"]
