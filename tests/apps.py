"""Applications for tests: settings of their own in a folder of their own, on a migrated database."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from community.config import Settings, load_settings
from community.core.db import db

SECRET = "a-secret-for-tests-of-more-than-32-characters"


def settings_for(folder: Path, database_url: str, **more: object) -> Settings:
    return load_settings(
        {},
        **{
            "instance": folder,
            "database_url": database_url,
            "search_url": f"whoosh:{folder / 'search'}",
            "jobs_url": "memory:",
            "mail_url": f"file:{folder / 'mail'}",
            "secret_key": SECRET,
            "demo": False,
            "testing": True,
        }
        | more,
    )


#: what the migrations make of an empty SQLite file: made once per process, then copied
_migrated: list[bytes] = []


def migrate_up(app: Flask) -> None:
    """Bring an empty database to what the models want."""
    from flask_migrate import upgrade

    url = app.config["SETTINGS"].database_url
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
    if file and _migrated and not file.exists():
        file.write_bytes(_migrated[0])
        return
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()  # the last connection to leave writes SQLite's log back into its file
    if file and not _migrated:
        _migrated.append(file.read_bytes())
