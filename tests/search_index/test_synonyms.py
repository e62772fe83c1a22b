"""Words that mean the same: known at once, without touching the index."""

import pytest
from search_samples import PUBLIC, entry, ids

from search_index import SearchRequest, Synonyms
from search_index.analysis import terms
from search_index.synonyms import default_synonyms


def test_an_acronym_finds_its_words_and_words_their_acronym(backend, look):
    backend.apply([entry("sheet:1", "Marché à procédure adaptée"), entry("sheet:2", "Publier un MAPA")])
    assert set(ids(look("MAPA"))) == {"sheet:1", "sheet:2"} and ids(look("MAPA"))[0] == "sheet:2"
    assert set(ids(look("procédure adaptée"))) == {"sheet:1", "sheet:2"}


def test_an_edit_takes_effect_without_a_new_index(backend, look):
    backend.apply([entry("sheet:1", "Serpillières")])
    assert ids(look("wassingue")) == []
    backend.synonyms = Synonyms([("serpillière", "wassingue")])
    assert ids(look("wassingue")) == ["sheet:1"]


def test_links_know_them_too(backend):
    fill = [entry(f"question:{i}", f"Sujet {i}") for i in range(20)]
    backend.apply([entry("sheet:1", "Publier un MAPA"), *fill])
    assert ids(backend.related("Quel avis pour une procédure adaptée ?", readers=PUBLIC, minimum=0.01)) == ["sheet:1"]


@pytest.mark.parametrize("groups", [[], [()], [("",)], [("le", "la")], [("seul",)]])
def test_groups_that_say_nothing_change_nothing(groups):
    assert Synonyms(groups).expand(["march"]) == []


def test_the_table_that_ships_is_read_and_every_expression_has_terms():
    shipped = default_synonyms()
    assert len(shipped) > 150
    assert (tuple(terms("CCTP")), tuple(terms("cahier des clauses techniques particulières"))) in shipped.expand(
        terms("un CCTP court")
    )


def test_what_was_typed_weighs_more_than_what_also_means_it(backend):
    backend.apply([entry("sheet:1", "Propreté"), entry("sheet:2", "Nettoyage")])
    found = backend.search(SearchRequest("nettoyage", PUBLIC))
    assert ids(found) == ["sheet:2", "sheet:1"]


def test_a_synonym_of_several_words_is_found_as_a_phrase_only(backend, look):
    backend.apply(
        [entry("sheet:1", "Étude de marché"), entry("sheet:2", "Marché de voirie"), entry("sheet:3", "Étude")]
    )
    assert ids(look("sourçage")) == ["sheet:1"]
