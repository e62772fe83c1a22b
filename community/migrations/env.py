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
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=False,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
