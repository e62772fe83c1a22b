"""The French of the interface: zero is singular, and nothing breaks before a double sign or inside « »."""

from __future__ import annotations

import pytest
from flask_babel import gettext, ngettext

from community.core.i18n import speaking


@pytest.mark.parametrize(("number", "words"), [(0, "0 réponse"), (1, "1 réponse"), (2, "2 réponses")])
def test_zero_is_singular(context, number, words):
    assert ngettext("%(num)d réponse", "%(num)d réponses", number) == words


def test_double_signs_hold_to_their_word(context):
    assert gettext("Est-ce « clair » ? Oui : très !") == "Est-ce «\xa0clair\xa0»\xa0? Oui\xa0: très\xa0!"


def test_english_keeps_its_own_rules(context):
    with speaking("en"):
        assert ngettext("%(num)d truc inconnu", "%(num)d trucs inconnus", 0) == "0 trucs inconnus"
