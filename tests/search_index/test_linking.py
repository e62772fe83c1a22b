"""Links between entries: the right ones, with a reason in people's own words, or none."""

import pytest
from search_samples import PUBLIC, entry, ids


@pytest.fixture
def sheets(backend):
    backend.apply(
        [
            entry("sheet:1", "Allotir les denrées d’une restauration collective", "Allotissement par producteur."),
            entry("sheet:2", "Clause d’insertion dans un marché de travaux", "Heures d’insertion et facilitateur."),
            entry("sheet:3", "DCE et sourçage", "Écrire un DCE court.", access=frozenset({"c1"})),
            *[entry(f"question:{i}", f"Sujet divers numéro {i}", "Texte sans rapport.") for i in range(10, 40)],
        ]
    )
    return backend


def test_the_close_entry_and_why(sheets):
    found = sheets.related("Comment allotir des denrées ?", "Pour la restauration", readers=PUBLIC, kinds=["sheet"])
    assert ids(found) == ["sheet:1"]
    assert set(found[0].reasons) >= {"allotir", "denrées", "restauration"}
    assert 0 < found[0].score <= 1


def test_nothing_rather_than_a_wrong_link(sheets):
    assert sheets.related("Recette de la tarte aux pommes", "pâte, beurre, pommes", readers=PUBLIC) == []
    assert sheets.related("", "", readers=PUBLIC) == []


def test_links_keep_to_what_the_reader_may_see(sheets):
    assert sheets.related("Sourçage et DCE", readers=PUBLIC) == []
    found = sheets.related("Sourçage et DCE", readers=frozenset({"c1"}))
    assert ids(found) == ["sheet:3"] and "DCE" in found[0].reasons


def test_the_entry_itself_is_left_out(sheets):
    assert ids(sheets.related("Clause d’insertion", readers=PUBLIC, exclude=["sheet:2"])) == []


def test_a_shared_tag_counts_and_is_told(backend):
    backend.apply([entry("sheet:1", "Achat de pain", tags=("boulangerie",)), entry("sheet:2", "Achat de pain")])
    found = backend.related("Achat de pain", facets={"tag": ["boulangerie"]}, readers=PUBLIC)
    assert ids(found)[0] == "sheet:1" and "boulangerie" in found[0].reasons


def test_typing_offers_titles(sheets):
    assert ids(sheets.suggest("clause d’ins", PUBLIC)) == ["sheet:2"]
    assert ids(sheets.suggest("allot", PUBLIC, kinds=["sheet"])) == ["sheet:1"]
    assert ids(sheets.suggest("allot", PUBLIC, kinds=["question"])) == []
    assert ids(sheets.suggest("sour", PUBLIC)) == []
    assert sheets.suggest("", PUBLIC) == []


def test_numerals_and_dates_are_no_reason(backend):
    backend.apply(
        [
            entry("sheet:1", "Fournitures scolaires : deux ans, quatre lots", "Notifié en mars, pour deux ans."),
            *[entry(f"question:{i}", f"Sujet divers numéro {i}", "Texte sans rapport.") for i in range(10, 40)],
        ]
    )
    found = backend.related("Deux ou quatre ans de fournitures scolaires ?", "Décision en mars", readers=PUBLIC)
    assert set(found[0].reasons) == {"fournitures", "scolaires"}


def test_a_title_that_speaks_of_nothing_else_comes_first(backend):
    others = [entry(f"question:{i}", f"Sujet divers numéro {i}", "Texte sans rapport.") for i in range(10, 40)]
    backend.apply(
        [entry("sheet:1", "Broyeur de branches et tondeuse"), entry("sheet:2", "Broyeur de branches"), *others]
    )
    found = backend.related("Un broyeur de branches", readers=PUBLIC)
    assert ids(found)[0] == "sheet:2" and found[0].score <= 1
    longer = backend.related("Un broyeur de branches et une tondeuse", readers=PUBLIC)
    assert ids(longer)[0] == "sheet:1"


def test_typing_says_why(sheets):
    assert sheets.suggest("denrees allot", PUBLIC)[0].reasons in (("denrées", "allotir"), ("allotir", "denrées"))
