"""Passwords: kept as argon2id, refused when they are easy to guess.

Rules shown to people: 12 characters at least, long ones welcome, nothing imposed on their composition; refused are the
common ones and those made of one's own name or address.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_babel import gettext as _

SHORTEST = 12
LONGEST = 256
_COMMON = Path(__file__).with_name("common_passwords.txt")
_SPELT = str.maketrans("0134578@$!€", "oieastbasie")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "aqwzsxedcrfvtgbyhnujikolpm",
    "qazwsxedcrfvtgbyhnujmikolp",
)


def hash_password(password: str) -> str:
    """The argon2id text to keep. About 60 ms on purpose: never call it while a write transaction is open."""
    return _hasher(current_app.testing).hash(_bytes(password))


def verify_password(kept: str | None, password: str) -> bool:
    """Whether this is the password. Without a kept one the same work is done, so that time tells nothing."""
    hasher = _hasher(current_app.testing)
    try:
        matches = hasher.verify(kept or _nobody(current_app.testing), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return matches and kept is not None


def needs_rehash(kept: str) -> bool:
    """The cost was raised since this password was kept."""
    return _hasher(current_app.testing).check_needs_rehash(kept)


def refusal(password: str, email: str = "", name: str = "") -> str | None:
    """Why this password is not accepted, in words for the person; None when it is."""
    if len(password) < SHORTEST:
        return _("Choisissez au moins %(count)d caractères : une phrase courte convient très bien.", count=SHORTEST)
    if len(password) > LONGEST:
        return _("%(count)d caractères au plus.", count=LONGEST)
    if _says_who(password, email, name):
        return _("Ce mot de passe reprend votre nom ou votre adresse : choisissez autre chose.")
    if is_common(password):
        return _("Ce mot de passe est trop courant : il serait deviné en quelques secondes.")
    return None


def is_common(password: str) -> bool:
    """Among the first tries of an attacker: a well-known word dressed with digits, a keyboard's row, a repetition."""
    plain = _fold(password)
    letters = "".join(character for character in plain if character.isalnum())
    if len(set(letters)) < 5:
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    forms = {letters, re.sub(r"\W", "", core), re.sub(r"\W", "", core.translate(_SPELT)), letters.translate(_SPELT)}
    forms |= {re.sub(r"\d+$", "", form) for form in forms}
    return any(_is_known(_shortest_period(form)) for form in forms)


def _is_known(form: str) -> bool:
    if 0 < len(form) < 4 or form in _common_words():
        return True
    in_a_row = form and any(form in row * 2 or form[::-1] in row * 2 for row in _ROWS)
    return bool(in_a_row) or _is_made_of_two(form)


def _is_made_of_two(form: str) -> bool:
    """« motdepassesecret », « bonjourmarseille »: two of the most common words side by side."""
    words = _common_words()
    return any(form[:cut] in words and form[cut:] in words for cut in range(3, len(form) - 2))


def _shortest_period(form: str) -> str:
    """« abcabcabcabc » is « abc »."""
    for size in range(1, len(form) // 2 + 1):
        if len(form) % size == 0 and form[:size] * (len(form) // size) == form:
            return form[:size]
    return form


def _says_who(password: str, email: str, name: str) -> bool:
    """Nothing much is left once the name and the address are taken out of it."""
    letters = re.sub(r"[^a-z0-9]", "", _fold(password))
    parts = re.split(r"[^a-z0-9]+", f"{_fold(email)} {_fold(name)}")
    rest = letters
    for part in sorted((part for part in parts if len(part) >= 3), key=len, reverse=True):
        rest = rest.replace(part, "")
    return rest != letters and len(re.sub(r"\d", "", rest)) < 4


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _bytes(password: str) -> bytes:
    """The same typed word gives the same bytes on every keyboard (RFC 8265: NFC)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def _common_words() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").split()
    return frozenset(lines)


@cache
def _hasher(cheap: bool) -> PasswordHasher:
    """argon2id with the library's parameters (RFC 9106, 64 MiB); the cheapest ones in tests."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()


@cache
def _nobody(cheap: bool) -> str:
    return _hasher(cheap).hash(b"nobody has this password")
