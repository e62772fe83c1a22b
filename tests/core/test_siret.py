"""SIRET numbers are checked by their key."""

import pytest

from community.core.siret import is_siret, tidy_siret

GOOD = ["21830069500010", "73282932000074", "35600000000048", "35600000049837"]
WRONG = ["21830069500017", "35600000049838", "00000000000000", "2183006950001", "218300695000100", "2183006950001x", ""]


@pytest.mark.parametrize("number", GOOD)
def test_numbers_that_hold_together(number):
    assert is_siret(number)


@pytest.mark.parametrize("number", [*WRONG, "２１８３００６９５０００１６"])
def test_numbers_that_do_not(number):
    assert not is_siret(number)


def test_numbers_are_pasted_as_people_write_them():
    assert tidy_siret("218 300 695 00010") == "21830069500010"
    assert tidy_siret("218.300.695-00010") == "21830069500010"
