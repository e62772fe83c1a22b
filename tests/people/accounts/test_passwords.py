"""How passwords are kept, and which are refused."""

from __future__ import annotations

import pytest
from builders import PASSWORD

from community.core.db import db
from community.people.accounts.models import Member
from community.people.accounts.passwords import hash_password, is_common, needs_rehash, refusal, verify_password


@pytest.mark.parametrize(
    "password",
    [
        "motdepasse123",
        "Mot de passe 2026 !",
        "M0td3p@sse!!!",
        "password1234",
        "P@ssw0rd2026!",
        "azertyuiop123",
        "AZERTYUIOPQSDF",
        "123456789012",
        "0987654321098",
        "aaaaaaaaaaaaaa",
        "abcabcabcabc",
        "20262026202620262026",
        "bonjourbonjour",
        "soleil-soleil-soleil",
        "Entrepairs2026!",
        "marchepublic2026",
        "bienvenueadmin",
        "zyxwvutsrqpon",
        "qazwsxedcrfv",
    ],
)
def test_common_passwords_are_refused(context, password):
    assert is_common(password)
    assert refusal(password)


@pytest.mark.parametrize(
    "password",
    [
        "trois petits paniers verts",
        "correct-cheval-pile-agrafe",
        "demonstration-2026",
        "Lentilles du Velay, 12 kg",
        "839102746519384",
        "éàüñ çà ôî ûù œ æ",
        "Ж" * 3 + "бвгдежзик",
        "y7#kQ2!mZp9$",
        "carottes râpées " * 6,
    ],
)
def test_others_are_welcome_whatever_they_are_made_of(context, password):
    assert refusal(password, "claire.martin@collines.example", "Claire Martin") is None


@pytest.mark.parametrize(
    "password", ["clairemartin2026", "Martin-Claire!!", "claire.martin@collines.example", "collines1234"]
)
def test_ones_own_name_and_address_are_refused(context, password):
    assert refusal(password, "claire.martin@collines.example", "Claire Martin")


def test_length(context):
    assert refusal("y7#kQ2!mZp9") and not refusal("y7#kQ2!mZp9$")
    assert not refusal("y7#kQ2!mZp9$" * 21) and refusal("y7#kQ2!mZp9$" * 22)


def test_the_same_word_typed_on_two_keyboards(context):
    assert verify_password(hash_password("été à la ferme"), "e\u0301te\u0301 a\u0300 la ferme")


def test_argon2id_with_real_parameters_outside_tests(context):
    context.testing = False
    try:
        kept = hash_password("trois petits paniers verts")
    finally:
        context.testing = True
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_hash_of_former_parameters_is_made_anew_at_sign_in(app, make, visitor):
    from argon2 import PasswordHasher

    id = make.member(email="claire@ville.example")
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with app.app_context():
        db.session.get(Member, id).password_hash = old
        db.session.commit()
        assert needs_rehash(old)
    for _twice in range(2):
        visitor.http.delete_cookie("session")
        page = visitor.submit("/connexion", {"email": "claire@ville.example", "password": PASSWORD}, "/connexion")
        assert page.status_code == 303
    with app.app_context():
        assert not needs_rehash(db.session.get(Member, id).password_hash)


def test_an_unknown_address_costs_the_same_work(app, make, visitor, monkeypatch):
    """Counted, since a clock in a test would lie: one comparison, known or not."""
    from argon2 import PasswordHasher

    make.member(email="claire@ville.example")
    done = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, *args: done.append(args) or verify(self, *args))
    for email in ("claire@ville.example", "inconnue@ville.example", "pas une adresse"):
        visitor.submit("/connexion", {"email": email, "password": "faux" * 4}, "/connexion")
    assert len(done) == 3


def test_no_write_lock_is_held_while_a_password_is_compared(app, make, visitor, monkeypatch):
    """On SQLite a POST begins by taking the one write lock: 60 ms of hashing under it would stop everybody."""
    from community.people.accounts import actions

    make.member(email="claire@ville.example")
    held = []
    verify = actions.verify_password

    def spy(*args):
        held.append(db.session().in_transaction())
        return verify(*args)

    monkeypatch.setattr(actions, "verify_password", spy)
    visitor.submit("/connexion", {"email": "claire@ville.example", "password": PASSWORD}, "/connexion")
    assert held == [False]
