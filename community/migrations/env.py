"""Alembic's environment: the application's own engine, batch mode for SQLite, plain column types in the scripts."""

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

database = current_app.extensions["migrate"].db
target_metadata = database.metadata


def render_item(kind, item, autogen_context):
    """Write our type decorators as the plain types they stand for: a migration must not depend on tomorrow's code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        if type(item).__name__ == "JsonText":
            return "sa.JSON(none_as_null=True)"
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    with database.engine.connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        driver = connection.connection.dbapi_connection
        if on_sqlite:
            # A table is changed there by making it anew: dropping the old one must not ask those that point at it.
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=False,
            transactional_ddl=True,
            transaction_per_migration=True,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
            if on_sqlite and driver.execute("PRAGMA foreign_key_check").fetchone():
                raise RuntimeError("A migration left a row that points at nothing.")
        finally:
            if on_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


run()
