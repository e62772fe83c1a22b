"""Every column that names a member says what it is: a right to one's data that forgets a table is no right."""

from __future__ import annotations

from community.core.db import db
from community.services.personal_data.catalogue import ADDRESSES, LOOSE, USES, member_columns, told_columns


def test_every_column_that_names_a_member_is_declared(app):
    """A new table: add its columns to USES (services/personal_data/catalogue.py), after asking what they are to the person."""
    missing = [f"{table.name}.{column.name}" for table, column, use in member_columns() if use is None]
    assert missing == []


def test_nothing_is_declared_that_is_not_there(app):
    there = {(table.name, column.name) for table, column, _use in member_columns()}
    assert set(USES) | set(LOOSE) == there


def test_every_address_is_declared(app):
    """Columns that hold somebody's address, outside the account itself."""
    found = {
        (table.name, column.name)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name in ("email", "recipient", "address") and table.name != "member"
    }
    assert found == set(ADDRESSES)


def test_what_forgets_may_be_empty(app):
    """A row that forgets who it was about needs a column that takes nothing."""
    wrong = [
        column for _table, column, use in member_columns() if use and use.erasure == "forget" and not column.nullable
    ]
    assert wrong == []


def test_no_secret_is_told(app):
    words = ("hash", "secret", "id_token", "password")
    told = {
        column.name
        for table, column, use in member_columns()
        if use and use.title
        for column in told_columns(table, column.name)
    }
    assert [name for name in told if any(word in name for word in words)] == []
