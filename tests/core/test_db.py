"""The database's promises: writers do not trip over one another, reading requests never write."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update

from community.abilities.tags.models import Tag
from community.core.db import db, reading


def test_a_reading_request_that_writes_fails_loudly(context):
    with reading():
        db.session.add(Tag(slug="x", label="x"))
        with pytest.raises(RuntimeError, match="GET"):
            db.session.flush()
    db.session.rollback()


def test_sixteen_writers_lose_nothing(app):
    """A deferred BEGIN that turns into a write fails for most of them; BEGIN IMMEDIATE for none."""
    with app.app_context():
        db.session.add(Tag(slug="counter", label="0"))
        db.session.commit()
        db.session.remove()
    failures: list[Exception] = []

    def work() -> None:
        with app.app_context():
            try:
                for _round in range(5):
                    tag = db.session.scalars(select(Tag).where(Tag.slug == "counter").with_for_update()).one()
                    db.session.execute(update(Tag).where(Tag.id == tag.id).values(label=str(int(tag.label) + 1)))
                    db.session.commit()
            except Exception as error:
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context():
        assert db.session.scalars(select(Tag.label)).one() == "80"


def test_migrations_and_models_agree(app):
    """Nothing is left to migrate: the first migration makes exactly the tables that the models describe."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with app.app_context(), db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), db.metadata)
    assert [d for d in differences if d[0] in ("add_table", "remove_table", "add_column", "remove_column")] == []
