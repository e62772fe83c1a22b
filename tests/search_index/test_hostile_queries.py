"""Whatever is typed costs little and never fails."""

import pytest
from search_samples import PUBLIC, entry
from timing import fastest

HOSTILE = [
    "*a*", "a~9", "[a TO z]", "(" * 2000, "a~/2", "a" * 200_000, "* " * 5000, '"' * 999, '"a' * 500, "- - -", "-",
    ":", "::::", "auteur:", "avant:", "avant:99999", "après:2024-13-45", "type:", "\x00", "\ud800", "😀 marché",
    "marché AND OR NOT", "title:x^99999999", "{}[]()^~!+-&&||", "etiquette:\"", "é" * 300, "1" * 300, "a.b" * 200,
    "'" * 200, "l'" * 100, "R. " * 60, "-" * 200, "١٢٣", "ﬁ" * 100, "avant:١٢٣٤", "«" * 100, "a-" * 100,
]  # fmt: skip


@pytest.fixture
def filled(backend):
    backend.apply(entry(f"sheet:{i}", f"Marché {i} a b c", "procédure adaptée " * (i % 7)) for i in range(300))
    return backend


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text(filled, look, text):
    look("chauffe")

    def ask():
        look(text)
        look(text, sort="date")
        filled.suggest(text, PUBLIC)

    assert fastest(ask, 0.15) < 0.15


def test_a_long_post_is_no_burden_for_links(filled):
    assert fastest(lambda: filled.related("(" * 2000, "a~9 *b* [ " * 20_000, readers=PUBLIC), 1) < 1
