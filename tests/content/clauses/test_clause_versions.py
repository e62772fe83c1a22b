"""What a version promises: one in force at a time, settled for ever, at an address of its own."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from community.content.clauses.actions import Moved
from community.content.clauses.models import Clause, ClauseVersion, SettledVersion
from community.core.db import db


def versions(clause: int) -> list[ClauseVersion]:
    return list(
        db.session.scalars(select(ClauseVersion).where(ClauseVersion.clause_id == clause).order_by(ClauseVersion.id))
    )


def test_a_proposal_has_no_number_until_it_is_validated(app, people, make):
    version = make.proposal(people.claire)
    with app.app_context():
        found = db.session.get(ClauseVersion, version)
        assert (found.state, found.number, found.base_number) == ("proposed", None, 0)
    clause = make.validated(version, people.ines)
    with app.app_context():
        found = db.session.get(ClauseVersion, version)
        assert (found.state, found.number) == ("validated", 1)
        assert db.session.get(Clause, clause).published_at is not None


def test_a_new_version_replaces_the_one_in_force(app, people, make):
    clause = make.clause(people.claire, people.ines)
    make.validated(
        make.change(clause, people.paul, text="Sous {{delai_heures}} heures, étiquette lisible."), people.ines
    )
    with app.app_context():
        assert [(v.number, v.state) for v in versions(clause)] == [(1, "replaced"), (2, "validated")]
        now = db.session.get(Clause, clause)
        assert (now.current_number, now.body) == (2, "Sous {{delai_heures}} heures, étiquette lisible.")


def test_the_database_accepts_one_version_in_force(app, people, make):
    clause = make.clause(people.claire, people.ines)
    make.validated(make.change(clause, people.paul), people.ines)
    with app.test_request_context("/", method="POST"):
        first = update(ClauseVersion).where(ClauseVersion.clause_id == clause, ClauseVersion.number == 1)
        with pytest.raises(IntegrityError):
            db.session.execute(first.values(state="validated"))
        db.session.rollback()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("data", {"text": "autre"}),
        ("html", {}),
        ("number", 7),
        ("change_note", "x"),
        ("validated_by_id", None),
        ("state", "draft"),
    ],
)
@pytest.mark.parametrize("replaced", [False, True])
def test_a_validated_version_never_changes(app, people, make, field, value, replaced):
    clause = make.clause(people.claire, people.ines)
    if replaced:
        make.validated(make.change(clause, people.paul), people.ines)
    with app.test_request_context("/", method="POST"):
        version = versions(clause)[0]
        setattr(version, field, value)
        with pytest.raises(SettledVersion):
            db.session.flush()
        db.session.rollback()


def test_a_validated_version_is_never_deleted(app, people, make):
    clause = make.clause(people.claire, people.ines)
    with app.test_request_context("/", method="POST"):
        db.session.delete(versions(clause)[0])
        with pytest.raises(SettledVersion):
            db.session.flush()
        db.session.rollback()


def test_a_change_against_an_older_version_is_told_so(app, people, make):
    clause = make.clause(people.claire, people.ines)
    make.validated(make.change(clause, people.paul), people.ines)
    with pytest.raises(Moved):
        make.change(clause, people.claire, base_number=1)


def test_two_changes_on_one_version_the_second_is_not_validated_blindly(app, people, make):
    clause = make.clause(people.claire, people.ines)
    first, second = make.change(clause, people.paul), make.change(clause, people.claire, text="Autre texte.")
    make.validated(first, people.ines)
    with pytest.raises(Moved):
        make.validated(second, people.ines)
    with app.app_context():
        assert db.session.get(ClauseVersion, second).data["text"] == "Autre texte."


def test_the_same_form_sent_twice_makes_one_proposal(app, people, make):
    first = make.proposal(people.claire, once="abc")
    assert make.proposal(people.claire, once="abc") == first


def test_every_version_has_its_address(visitor, people, make):
    clause = make.clause(people.claire, people.ines, title="Délai de livraison des légumes")
    make.validated(make.change(clause, people.paul, text="Texte de la deuxième version."), people.ines)
    first = visitor.get(f"/clauses/{clause}-delai-de-livraison-des-legumes/v1")
    assert first.status_code == 200
    assert "sont livrés sous" in first.text
    assert "La version 2 est en vigueur" in first.text
    now = visitor.get(f"/clauses/{clause}-delai-de-livraison-des-legumes")
    assert "Texte de la deuxième version." in now.text
    assert "est en vigueur" not in now.text
    assert visitor.get(f"/clauses/{clause}-delai-de-livraison-des-legumes/v3").status_code == 404
