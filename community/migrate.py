"""Bring the database to the version of the code, quickly when there is nothing to do."""

from __future__ import annotations

from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import inspect, text

from community.config import ROOT
from community.core.db import db

VERSIONS = ROOT / "community" / "migrations" / "versions"


def upgrade_if_needed() -> None:
    """Run the missing migrations. Knowing that none is missing costs one statement."""
    if current_version() != newest_version():
        _folder_of_sqlite()
        upgrade()


def newest_version() -> str:
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("*.py"))


def current_version() -> str | None:
    _folder_of_sqlite()
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _folder_of_sqlite() -> None:
    """SQLite makes its file, never its folder."""
    if db.engine.dialect.name == "sqlite" and db.engine.url.database:
        Path(db.engine.url.database).parent.mkdir(parents=True, exist_ok=True)
