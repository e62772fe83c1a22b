"""The first candidates in their final order: by what a whole entry says, page after page the same."""

import pytest
from search_samples import PUBLIC, entry, ids

from search_index.reranking import CANDIDATES, READ, TITLE_ONLY, Profile, company, reranked, share
from search_index.segment_source import SegmentSource
from search_index.source import Scope

NOISE = [entry(f"question:{i}", f"Sujet divers numéro {i}", "Texte sans rapport.") for i in range(100, 140)]


def test_words_that_keep_company_with_those_asked_count(backend):
    kept = "Gel hydroalcoolique, masques et blouses pour les soignants de l’établissement."
    backend.apply(
        [
            *[entry(f"sheet:{i}", f"Achats de l’hôpital {i}", kept) for i in range(1, 4)],
            entry("sheet:8", "Hôpital : visite", "Peinture du hall et plantes vertes devant la porte."),
            entry("sheet:9", "Hôpital : stocks", "Masques, blouses et gel hydroalcoolique devant la porte."),
            *NOISE,
        ]
    )
    found = ids(backend.related("Hôpital", readers=PUBLIC, minimum=0.0))
    assert found.index("sheet:9") < found.index("sheet:8")


def test_the_beginning_of_an_entry_says_what_it_is_about(backend):
    filler = "Nous avons tenu trois réunions avec les services et les élus. " * 20
    backend.apply(
        [
            entry("sheet:1", "Retour de la commune", filler + "Broyage des branches."),
            entry("sheet:2", "Retour de la commune", "Broyage des branches. " + filler),
            *NOISE,
        ]
    )
    assert ids(backend.related("Broyage des branches", readers=PUBLIC, minimum=0.0))[:2] == ["sheet:2", "sheet:1"]


def test_the_pages_of_a_search_hold_everything_once(backend, look):
    backend.apply([entry(f"sheet:{i}", f"Marché de denrées {i}", "Denrées " * (i % 7)) for i in range(CANDIDATES + 15)])
    seen, cursor = [], None
    while True:
        page = look("marché denrées", limit=20, cursor=cursor)
        seen += [(hit.score, hit.id) for hit in page.hits]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len({ident for _, ident in seen}) == CANDIDATES + 15
    assert [score for score, _ in seen] == sorted((score for score, _ in seen), reverse=True)


def test_scores_stay_between_those_of_the_candidates(whoosh):
    whoosh.apply([entry(f"sheet:{i}", "Denrées " * (1 + i % 3), "bio " * i) for i in range(CANDIDATES + 5)])
    source = SegmentSource(whoosh._current())
    ranked = source.best({"denre": 1.0, "bio": 1.0}, source.select(Scope(readers=PUBLIC)), 100)
    again = reranked(source, ranked, {"denre", "bio"}, {"denre", "bio"}, TITLE_ONLY)
    assert {doc for _, doc in again} == {doc for _, doc in ranked} and again != ranked
    assert again[CANDIDATES:] == ranked[CANDIDATES:]
    first = [score for score, _ in again[:CANDIDATES]]
    assert first[0] == pytest.approx(ranked[0][0]) and first[-1] == pytest.approx(ranked[CANDIDATES - 1][0])


def test_one_candidate_and_none(whoosh):
    whoosh.apply([entry("sheet:1", "Denrées")])
    source = SegmentSource(whoosh._current())
    assert reranked(source, [], {"denre"}, {"denre"}, TITLE_ONLY) == []
    assert reranked(source, [(2.0, (0, 0))], {"denre"}, {"denre"}, TITLE_ONLY) == [(2.0, (0, 0))]


def test_shares_and_company_of_nothing(whoosh):
    whoosh.apply([entry("sheet:1", "Denrées")])
    source = SegmentSource(whoosh._current())
    profile = Profile.of(source.record((0, 0)))
    assert share({}, {"a"}) == 0 and share({"a": 3.0, "b": 1.0}, {"a"}) == 0.75
    assert company(source, [profile, profile], {}) == [0, 0]


def test_an_entry_is_found_by_the_questions_it_answers(backend, look):
    told = entry("sheet:1", "Un groupement pour les repas", "Texte.", asked=("Comment louer des barquettes en inox ?",))
    backend.apply([told, entry("sheet:2", "Un groupement pour les repas", "Texte."), *NOISE])
    found = backend.related("Louer des barquettes", readers=PUBLIC, minimum=0.0)
    assert ids(found) == ["sheet:1"] and "barquettes" in found[0].reasons
    hit = look("barquettes").hits[0]
    assert hit.id == "sheet:1"
    assert not any("inox" in piece for passage in hit.passages for piece, _ in passage.segments)


def test_of_a_whole_book_the_beginning_is_weighed():
    pages = "lot " * (READ // 4) + "clair " * READ
    profile = Profile.of({"title": "Guide", "tags": [], "sequence": f"guid|{pages}"})
    assert "lot" in profile.counts and "clair" not in profile.counts
