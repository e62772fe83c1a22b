"""SIRET numbers: 14 digits whose key is Luhn's, with the exception made for La Poste."""

from __future__ import annotations

LA_POSTE = "356000000"


def tidy_siret(text: str) -> str:
    """The digits alone: people paste them with spaces, dots or hyphens."""
    return "".join(character for character in text if character not in " .-\u00a0\u202f\t")


def is_siret(number: str) -> bool:
    """Whether these 14 digits hold together. La Poste's establishments add up to a multiple of five instead."""
    if len(number) != 14 or not (number.isascii() and number.isdigit()) or number == "0" * 14:
        return False
    if _luhn(number):
        return True
    return number.startswith(LA_POSTE) and sum(map(int, number)) % 5 == 0


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
