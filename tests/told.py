"""A story told once: the first test that asks pays for its people and texts, the others find a copy.

``@told_once`` instead of ``@pytest.fixture``, for a fixture that begins with an empty database (or goes on from another
story), commits what it writes and gives plain values (ids): it then costs a copy of files (SQLite) or of rows (PostgreSQL)
instead of its actions.
"""

from __future__ import annotations

import copy
import inspect
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from builders import Builders
from flask import Flask
from sqlalchemy import text

from community.core.db import db

#: what a story leaves beside the database, in the instance's folder
FOLDERS = ("mail", "search", "files")
#: an identity's next value belongs to what was told
NUMBERED = (
    "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences"
    " WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


@dataclass
class Story:
    """What was told: the value it gave, the next number of the builders, and where its copy is."""

    value: Any
    number: int
    kept: Path
    rows: dict[str, bytes]
    numbered: list[tuple[str, int]]


class Stories:
    """The stories of a run, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: dict[str, Story] = {}

    def value_of(self, name: str, tell: Callable[[], Any], app: Flask, make: Builders) -> Any:
        """What ``tell()`` gives, and its world: told if it never was, else copied."""
        if not make.story:
            with app.app_context():
                assert db.session.scalar(text("SELECT count(*) FROM member")) == 0, f"{name}: something came before"
                db.session.remove()
        name = make.story = f"{make.story} {name}"
        if name not in self.told:
            value = tell()
            self.told[name] = self._keep(value, app, make)
        else:
            self._give_back(self.told[name], app, make)
        return copy.deepcopy(self.told[name].value)

    def _keep(self, value: Any, app: Flask, make: Builders) -> Story:
        number = next(make.numbers)
        make.numbers = count(number)
        story = Story(copy.deepcopy(value), number, self.folder / str(len(self.told)), {}, [])
        for name in FOLDERS:
            if (_instance(app) / name).exists():
                shutil.copytree(_instance(app) / name, story.kept / name)
        if _file(app) is None:
            _read_rows(story, app)
        else:
            story.kept.mkdir(exist_ok=True)
            _at_rest(app)
            shutil.copyfile(_file(app), story.kept / "sqlite3")
        return story

    def _give_back(self, story: Story, app: Flask, make: Builders) -> None:
        make.numbers = count(story.number)
        for name in FOLDERS:
            shutil.rmtree(_instance(app) / name, ignore_errors=True)
            if (story.kept / name).exists():
                shutil.copytree(story.kept / name, _instance(app) / name)
        if _file(app) is None:
            _write_rows(story, app)
        else:
            _at_rest(app)
            shutil.copyfile(story.kept / "sqlite3", _file(app))


def told_once(tell: Callable[..., Any]) -> Any:
    """A fixture told by the first test that asks, and copied for the others."""
    name, asked = f"{tell.__code__.co_filename}:{tell.__name__}", inspect.signature(tell)

    def fixture(stories: Stories, app: Flask, make: Builders, **given: Any) -> Any:
        known = {"app": app, "make": make, **given}
        return stories.value_of(name, lambda: tell(**{key: known[key] for key in asked.parameters}), app, make)

    parameters = dict.fromkeys(["stories", "app", "make", *asked.parameters])
    keyword = inspect.Parameter.KEYWORD_ONLY
    fixture.__signature__ = inspect.Signature([inspect.Parameter(each, keyword) for each in parameters])
    fixture.__name__, fixture.__doc__, fixture.__module__ = tell.__name__, tell.__doc__, tell.__module__
    return pytest.fixture(fixture)


def _instance(app: Flask) -> Path:
    return app.config["SETTINGS"].instance


def _file(app: Flask) -> Path | None:
    url = app.config["SETTINGS"].database_url
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None


def _at_rest(app: Flask) -> None:
    """No connection is left, so the whole database is in its one file."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    for suffix in ("-wal", "-shm"):
        Path(f"{_file(app)}{suffix}").unlink(missing_ok=True)


def _read_rows(story: Story, app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        cursor = connection.connection.cursor()
        for table in db.metadata.sorted_tables:
            with cursor.copy(f'COPY "{table.name}" TO STDOUT (FORMAT binary)') as lines:
                rows = b"".join(bytes(line) for line in lines)
            if cursor.rowcount:
                story.rows[table.name] = rows
        story.numbered = [tuple(row) for row in connection.execute(text(NUMBERED))]


def _write_rows(story: Story, app: Flask) -> None:
    with app.app_context(), db.engine.begin() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name, rows in story.rows.items():
            cursor.execute(f'DELETE FROM "{name}"')  # a story that goes on from another one finds its rows
            with cursor.copy(f'COPY "{name}" FROM STDIN (FORMAT binary)') as lines:
                lines.write(rows)
        for name, last in story.numbered:
            cursor.execute("SELECT setval(%s::regclass, %s)", (name, last))
