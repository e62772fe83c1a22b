"""Searching: who sees what, what matches, in which order, with which counts and extracts."""

from datetime import UTC, date, datetime

import pytest
from search_samples import PUBLIC, entry, ids

from search_index import SearchRequest
from search_index.synonyms import Synonyms


def test_a_reader_sees_only_what_shares_a_token(backend, look):
    backend.apply([entry("question:1", "Marché public"), entry("sheet:2", "Marché secret", access=frozenset({"c12"}))])
    assert ids(look("marché")) == ["question:1"]
    assert look("marché").total == 1
    assert look("marché").facets["kind"] == [("question", 1)]
    assert ids(look("marché", readers=frozenset({"c12", "u7"}))) == ["sheet:2"]
    assert ids(look("marché", readers=frozenset())) == []


def test_the_entry_that_says_more_of_the_query_comes_first(backend, look):
    backend.apply(
        [entry("sheet:1", "Nettoyage des locaux"), entry("sheet:2", "Nettoyage des vitres et des locaux scolaires")]
    )
    assert ids(look("nettoyage vitres scolaires")) == ["sheet:2", "sheet:1"]


def test_accents_do_not_matter(backend, look):
    backend.apply([entry("sheet:1", "Pénalités de retard à l’exécution")])
    assert ids(look("penalite execution")) == ids(look("pénalités d’exécution")) == ["sheet:1"]


def test_boost_lifts_an_entry(backend, look):
    backend.apply([entry("sheet:1", "Pénalités"), entry("sheet:2", "Pénalités", boost=1.5)])
    assert ids(look("pénalités")) == ["sheet:2", "sheet:1"]


def test_an_update_replaces_and_a_removal_removes(backend, look):
    backend.apply([entry("sheet:1", "Denrées", version="1")])
    backend.apply([entry("sheet:1", "Voirie", version="2")])
    assert ids(look("denrées")) == [] and ids(look("voirie")) == ["sheet:1"]
    assert backend.versions() == {"sheet:1": "2"}
    backend.apply([], ["sheet:1"])
    assert look("voirie").total == 0 and backend.versions() == {}


def test_of_two_versions_in_one_batch_the_last_counts(backend, look):
    backend.apply([entry("sheet:1", "Denrées"), entry("sheet:1", "Voirie")])
    assert look("denrées").total == 0 and look("voirie").total == 1


def test_phrase_needs_the_words_side_by_side(backend, look):
    backend.apply(
        [entry("sheet:1", "Le marché à procédure adaptée"), entry("sheet:2", "Procédure de marché mal adaptée")]
    )
    assert ids(look('"procédure adaptée"')) == ["sheet:1"]
    assert ids(look("« procédure adaptée »")) == ["sheet:1"]


def test_phrase_does_not_run_from_title_to_body(backend, look):
    backend.apply([entry("sheet:1", "Une procédure", "adaptée à tous")])
    assert ids(look('"procédure adaptée"')) == []


def test_exclusion_by_word_and_by_phrase(backend, look):
    backend.apply([entry("sheet:1", "Marché de travaux"), entry("sheet:2", "Marché de bons de commande")])
    assert ids(look("marché -travaux")) == ["sheet:2"]
    assert ids(look('marché -"bons de commande"')) == ["sheet:1"]


def test_field_filters_typed_in_the_box(backend, look):
    backend.apply(
        [
            entry("question:1", "Marché", author="Claire Martin", tags=("Denrées alimentaires",)),
            entry("sheet:2", "Marché", author="Paul Durand", facets={"community": ("acheteurs-bretagne",)}),
        ]
    )
    assert ids(look("marché auteur:claire")) == ["question:1"]
    assert ids(look('marché auteur:"Martin Claire"')) == ["question:1"]
    assert ids(look('etiquette:"denrees alimentaires"')) == ["question:1"]
    assert ids(look("étiquette:Denrées-alimentaires")) == ["question:1"]
    assert ids(look("marché communauté:acheteurs-bretagne")) == ["sheet:2"]
    assert ids(look("marché type:fiche")) == ["sheet:2"]
    assert ids(look("marché type:licorne")) != []


def test_period_typed_or_given(backend, look):
    backend.apply(
        [
            entry("sheet:1", "Marché", created_at=datetime(2023, 6, 1, tzinfo=UTC)),
            entry("sheet:2", "Marché", created_at=datetime(2024, 6, 1, tzinfo=UTC)),
        ]
    )
    assert ids(look("marché avant:2024")) == ["sheet:1"]
    assert ids(look("marché après:01/06/2024")) == ["sheet:2"]
    assert ids(look("marché", after=date(2023, 6, 2))) == ["sheet:2"]
    assert ids(look("marché", before=date(2023, 6, 1))) == ["sheet:1"]


def test_filters_narrow_and_their_facet_keeps_its_other_values(backend, look):
    backend.apply(
        [
            entry("question:1", "Marché", facets={"phase": ("award",), "community": ("a",)}),
            entry("question:2", "Marché", facets={"phase": ("review",), "community": ("b",)}),
        ]
    )
    found = look("marché", filters={"phase": ("award",)})
    assert ids(found) == ["question:1"] and found.total == 1
    assert found.facets["phase"] == [("award", 1), ("review", 1)]
    assert found.facets["community"] == [("a", 1)]
    assert ids(look("marché", filters={"phase": ("award", "review"), "community": ("b",)})) == ["question:2"]


def test_without_words_everything_visible_by_date(backend, look):
    backend.apply([entry(f"sheet:{i}", f"Fiche {i}", created_at=datetime(2024, 1, i, tzinfo=UTC)) for i in (1, 3, 2)])
    assert ids(look("")) == ids(look("type:fiche")) == ["sheet:3", "sheet:2", "sheet:1"]
    assert ids(look("le la")) == []


def test_sort_by_date_keeps_what_holds_every_word(backend, look):
    backend.apply(
        [
            entry("sheet:1", "Marché de denrées", created_at=datetime(2024, 1, 1, tzinfo=UTC)),
            entry("sheet:2", "Marché de voirie", created_at=datetime(2024, 2, 1, tzinfo=UTC)),
            entry("sheet:3", "Denrées, un marché", created_at=datetime(2024, 3, 1, tzinfo=UTC)),
        ]
    )
    assert ids(look("marché denrées", sort="date")) == ["sheet:3", "sheet:1"]


@pytest.mark.parametrize("sort", ["relevance", "date"])
def test_pages_follow_each_other_without_gap_or_repeat(backend, look, sort):
    backend.apply([entry(f"sheet:{i}", "Marché " + "public " * (i % 3), boost=1 + i % 2) for i in range(25)])
    seen, cursor = [], None
    for _ in range(10):
        page = look("marché public", sort=sort, limit=4, cursor=cursor)
        seen += ids(page)
        assert page.total == (25 if sort == "relevance" else 16)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(f"sheet:{i}" for i in range(25) if sort == "relevance" or i % 3)


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA==", "é", "WzFd", "W0luZmluaXR5LDEsImEiXQ=="])
def test_a_cursor_that_is_not_ours_gives_the_first_page(backend, look, cursor):
    backend.apply([entry("sheet:1", "Marché")])
    assert ids(look("marché", cursor=cursor)) == ["sheet:1"]


def test_title_and_extract_are_text_with_the_matches_marked(backend, look):
    backend.apply([entry("sheet:1", "L’allotissement <b>", "Nous avons alloti le marché. " * 3)])
    hit = look("allotissement").hits[0]
    assert hit.title_html_parts == (("L’", False), ("allotissement", True), (" <b>", False))
    assert ("alloti", True) in hit.passages[0].segments


def test_extract_of_a_document_says_its_page(backend, look):
    backend.apply([entry("document:1", "Guide", pages=("Sommaire.", "Le sourçage, avant l’achat.", "Fin."))])
    passage = look("sourcage").hits[0].passages[0]
    assert passage.page == 2 and ("sourçage", True) in passage.segments


def test_extract_is_short_and_around_the_match(backend, look):
    backend.apply([entry("sheet:1", "Fiche", "remplissage " * 400 + "pénalités de retard " + "remplissage " * 400)])
    text = "".join(text for text, _ in look("pénalités").hits[0].passages[0].segments)
    assert len(text) < 300 and "pénalités" in text and text.startswith("… ") and text.endswith(" …")


def test_what_is_found_by_its_answers_ranks_below_what_asks_it(backend, look):
    backend.apply(
        [entry("question:1", "Un achat", extra="sourçage " * 3), entry("question:2", "Un achat", body="sourçage " * 3)]
    )
    assert ids(look("sourçage")) == ["question:2", "question:1"]


def test_words_nobody_wrote_are_told(backend, look):
    backend.apply([entry("sheet:1", "Marché")])
    assert look("marché licornes").unknown == ("licornes",)


def test_words_of_what_one_may_not_see_are_as_unknown_as_others(backend, look):
    backend.apply([entry("sheet:1", "Marché"), entry("sheet:2", "Licorne", access=frozenset({"c1"}))])
    assert look("marché licorne").unknown == ("licorne",)


def test_requests_are_plain_values():
    assert SearchRequest("a", PUBLIC).limit == 20


def test_a_misspelt_word_is_corrected_when_nothing_is_found(backend, look):
    backend.apply([entry("sheet:1", "Le marché à procédure adaptée"), entry("sheet:2", "Voirie")])
    found = look("adpatée")
    assert ids(found) == ["sheet:1"] and found.corrected == "adaptée"
    assert look("procédrue adpatée").corrected == "procédure adaptée"
    assert look("adaptée").corrected is None


def test_correction_never_replaces_what_finds_something(backend, look):
    backend.apply([entry("sheet:1", "Procédure adaptée"), entry("sheet:2", "Adaptée"), entry("sheet:3", "Procédures")])
    found = look("procédure adpatée")
    assert found.corrected == "procédure adaptée" and found.unknown == ("adpatée",)
    assert ids(found)[0] == "sheet:1" and set(ids(found)) == {"sheet:1", "sheet:2", "sheet:3"}
    assert look("procédures adaptées").corrected is None
    assert look("procédure xylophage").corrected is None


def test_the_pages_of_a_corrected_search_follow_each_other(backend, look):
    backend.apply([entry(f"sheet:{number}", "Le lotissement adapté") for number in range(5)])
    first = look("adpaté", limit=3)
    second = look("adpaté", limit=3, cursor=first.next_cursor)
    assert (len(first.hits), len(second.hits), second.next_cursor) == (3, 2, None)
    assert not {*ids(first)} & {*ids(second)}


def test_every_word_may_be_asked_for(backend, look):
    backend.synonyms = Synonyms([["MAPA", "procédure adaptée"]])
    backend.apply(
        [
            entry("sheet:1", "Pénalités des ascenseurs"),
            entry("sheet:2", "Ascenseurs"),
            entry("sheet:3", "La procédure adaptée des ascenseurs"),
        ]
    )
    assert ids(look("pénalités ascenseur", every_word=True)) == ["sheet:1"]
    assert ids(look("pénalités toboggan", every_word=True)) == []
    assert look("pénalités asenceur", every_word=True).corrected is None
    assert ids(look("MAPA ascenseurs", every_word=True)) == ["sheet:3"]


def test_correction_offers_no_word_of_what_one_may_not_see(backend, look):
    backend.apply([entry("sheet:1", "Licornes", access=frozenset({"c1"})), entry("sheet:2", "Voirie")])
    assert look("licrones").corrected is None
    assert look("licrones", readers=frozenset({"c1"})).corrected == "licornes"
