"""What changed between two versions, readable and bounded."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import fastest

from community.core.diff import DiffSegment, field_changes, word_diff


def of(kind: str, segments: list[DiffSegment]) -> list[str]:
    return [segment.text for segment in segments if segment.kind == kind]


def joined(segments: list[DiffSegment], without: str) -> str:
    return "".join(segment.text for segment in segments if segment.kind != without)


def test_a_changed_number_is_the_only_change():
    found = word_diff("Livraison sous 1\u202f500,50 € et 48 heures.", "Livraison sous 1\u202f600,50 € et 48 heures.")
    assert (of("delete", found), of("insert", found)) == (["1\u202f500,50"], ["1\u202f600,50"])


def test_an_elision_is_not_part_of_the_word():
    found = word_diff("Cela incombe à l’acheteur du lot.", "Cela incombe à l’entreprise du lot.")
    assert (of("delete", found), of("insert", found)) == (["acheteur"], ["entreprise"])


def test_a_paragraph_that_came_leaves_the_others_alone():
    old = "Article 1.\n\nLe délai est de deux jours.\n\nFin.\n"
    new = "Article 1.\n\nUne pénalité s’applique.\n\nLe délai est de deux jours.\n\nFin.\n"
    found = word_diff(old, new)
    assert of("delete", found) == []
    assert "".join(of("insert", found)).strip() == "Une pénalité s’applique."


def test_a_passage_written_anew_is_shown_whole():
    found = word_diff("Le titulaire livre de nuit.\nFin.", "Aucune pénalité pour retard ne sera due, hors faute.\nFin.")
    assert [segment.kind for segment in found] == ["delete", "insert", "equal"]


def test_many_small_changes_stay_small():
    old = "".join(f"Lot {n} : prix ferme, hors lot {n} bis.\n" for n in range(100))
    found = word_diff(old, old.replace("ferme", "révisable"))
    assert (of("delete", found), of("insert", found)) == (["ferme"] * 100, ["révisable"] * 100)


def test_lines_that_stayed_hold_the_others_in_place():
    lines = [f"Lot n° {n} : prix ferme.\n" for n in range(100)]
    changed = [line if n % 2 else line.replace("ferme", "révisable") + "Ajout.\n" for n, line in enumerate(lines)]
    found = word_diff("".join(lines), "".join(changed))
    assert "".join(of("delete", found)) == "ferme" * 50


def test_what_went_comes_before_what_came():
    found = word_diff("Le prix est ferme.", "Le prix est révisable.")
    assert [segment.kind for segment in found] == ["equal", "delete", "insert", "equal"]


def test_the_same_text_and_no_text():
    assert word_diff("a b", "a b") == [DiffSegment("equal", "a b")]
    assert word_diff("", "") == []
    assert word_diff("", "a") == [DiffSegment("insert", "a")]


TEXTS = st.text(alphabet="ab é’-1,.\n", max_size=60) | st.text(max_size=60)


@given(TEXTS, TEXTS)
@settings(max_examples=500, deadline=None)
def test_both_texts_can_be_read_back(old, new):
    found = word_diff(old, new)
    assert joined(found, "insert") == old
    assert joined(found, "delete") == new
    assert all(segment.text for segment in found)


def words(seed: int, count: int, separator: str) -> str:
    chosen = random.Random(seed)
    return separator.join(
        chosen.choice(["le", "marché", "de", "denrées", "et", "la", "clause", "du", "lot"]) for _ in range(count)
    )


def anchored(seed: int) -> str:
    chosen = random.Random(seed)
    return " ".join(f"mot{n} " + "".join(chosen.choice("ab,;") for _ in range(30)) for n in range(900))


LONG = {
    "words without anchors": (words(1, 5_000, " "), words(2, 5_000, " ")),
    "one word for ever": ("a " * 15_000, "b a " * 7_500),
    "one line for ever": ("a\n" * 15_000, "b\na\n" * 7_500),
    "an anchor every thirty signs": (anchored(1), anchored(2)),
    "a million characters": ("mot " * 250_000, "mot un " * 150_000),
    "lines of a million characters": ("mot\n" * 250_000, "mot\nun\n" * 150_000),
}


@pytest.mark.parametrize("name", LONG)
def test_long_texts_are_compared_at_once(name):
    """200 ms when the machine is free; the bound leaves room for a busy one."""
    old, new = LONG[name]
    assert fastest(lambda: word_diff(old, new), 2) < 2
    found = word_diff(old, new)
    assert (joined(found, "insert"), joined(found, "delete")) == (old, new)


def test_past_the_word_bound_whole_lines_change():
    old = "".join(f"La ligne {n} du bordereau des prix.\n" for n in range(2_000))
    found = word_diff(old, old.replace("ligne 7 ", "ligne sept "))
    assert of("delete", found) == ["La ligne 7 du bordereau des prix.\n"]


def test_fields_that_did_not_change_are_left_out():
    assert field_changes({"a": "x", "b": None, "c": []}, {"a": "x", "b": "", "c": None}) == []


def test_each_changed_field_shows_its_change():
    old = {"titre": "Délai de 48 heures", "natures": ["Travaux", "Services"], "montant": 3, "note": "vieux"}
    new = {"titre": "Délai de 24 heures", "natures": ["Services", "Fournitures"], "montant": 4, "visa": "CCTP"}
    changes = {change.name: change for change in field_changes(old, new)}
    assert list(changes) == ["titre", "natures", "montant", "visa", "note"]
    assert of("delete", changes["titre"].segments) == ["48"]
    assert of("delete", changes["natures"].segments) == ["Travaux\n"]
    assert of("equal", changes["natures"].segments) == ["Services\n"]
    assert changes["montant"].segments == (DiffSegment("delete", "3"), DiffSegment("insert", "4"))
    assert (changes["visa"].before, changes["note"].after) == (None, None)
