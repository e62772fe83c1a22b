"""Fixtures: a fresh database for every test (SQLite file or real PostgreSQL), HTTP clients, builders, a browser.

``--database=postgres`` runs the same suite on a PostgreSQL started for it; the default is SQLite.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from sqlalchemy import Engine, event, text

sys.path.insert(0, str(Path(__file__).parent))

from apps import migrate_up, settings_for
from builders import Builders
from client import Client, WholeAnswers
from told import Stories

from community import create_app
from community.core.db import db
from community.core.limits import limiter

# a failure is found again by whoever runs the suite after: no example is drawn by chance
hypothesis.settings.register_profile("same", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default=os.environ.get("TEST_DATABASE", "sqlite"))


#: what takes longest, begun first: a long file at the end would leave the other cores idle
LONGEST = (
    "/e2e/test_accessibility",
    "/e2e/test_main",
    "/e2e/test_clause_j",
    "/e2e/",
    "test_secrecy",
    "test_story",
    "test_durab",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((place for place, part in enumerate(LONGEST) if part in path), len(LONGEST))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def pg_url() -> Iterator[str]:
    from pgtmp import temp_postgres

    with temp_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    from redistmp import temp_redis

    with temp_redis() as url:
        yield url


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """A migrated database to start every test from: (url of the test's database, function that empties it)."""
    folder = tmp_path_factory.mktemp("db")
    if request.config.getoption("--database") == "postgres":
        url = request.getfixturevalue("pg_url")
        migrate_up(create_app(settings_for(folder, url)))
        return url, _truncate
    template = folder / "template.sqlite3"
    migrate_up(create_app(settings_for(folder, f"sqlite:///{template}")))
    return f"sqlite:///{folder / 'test.sqlite3'}", lambda app: _copy(app, template, folder / "test.sqlite3")


def _copy(app: Flask, template: Path, target: Path) -> None:
    with app.app_context():
        db.engine.dispose()
    for suffix in ("-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(template, target)


def _truncate(app: Flask) -> None:
    """Empty what the last test filled, and number from one again: TRUNCATE of a hundred tables costs more than most tests."""
    tables = [table.name for table in db.metadata.sorted_tables]
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)
    numbered = "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences"
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in connection.scalars(text(filled)).all():
            connection.execute(text(f'DELETE FROM "{name}"'))
        connection.execute(text(f"{numbered} WHERE schemaname = 'public' AND last_value IS NOT NULL"))


@pytest.fixture(scope="session")
def shared_app(database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for the whole run: building it costs more than most tests."""
    url, _reset = database
    app = create_app(settings_for(tmp_path_factory.mktemp("instance"), url))
    app.test_client_class = WholeAnswers
    with app.app_context():
        _in_haste(db.engine)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _in_haste(engine: Engine) -> None:
    """No test pulls the plug on this database: waiting for the disk at each commit was a tenth of the suite."""
    if engine.dialect.name == "sqlite":
        event.listen(
            engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF").close()
        )


@pytest.fixture
def app(shared_app: Flask, database) -> Flask:
    _url, reset = database
    reset(shared_app)
    limiter.enabled = False  # one for the process: a test that turns it on must not count the next ones
    settings = shared_app.config["SETTINGS"]
    for name in ("mail", "search", "files"):
        shutil.rmtree(settings.instance / name, ignore_errors=True)
    shared_app.extensions.pop("options", None)  # what the last test's administrator chose
    for forget in shared_app.extensions.get("forget_for_tests", ()):
        forget()
    return shared_app


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """An application context, for tests that call actions and queries themselves."""
    with app.test_request_context("/"):
        yield app
        db.session.remove()


@pytest.fixture
def make(app: Flask) -> Builders:
    """Builders of members, communities and contributions, made through the product's own actions."""
    return Builders(app)


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Stories:
    """What ``@told_once`` fixtures told so far."""
    return Stories(tmp_path_factory.mktemp("stories"))


@pytest.fixture
def visitor(app: Flask) -> Client:
    return Client(app)


@pytest.fixture
def client_of(app: Flask):
    """``client_of(member_id)``: an HTTP client signed in as that member."""
    return lambda member_id: Client(app).signed_in_as(member_id)


@pytest.fixture
def drain(app: Flask):
    """Run what the worker would run: ``drain()``."""

    def run() -> int:
        from community.core.outbox import drain as drain_outbox

        with app.app_context():
            try:
                return drain_outbox()
            finally:
                db.session.remove()

    return run


@pytest.fixture
def statements(app: Flask):
    """Count SQL statements: ``with statements() as counted: …; counted.count``."""
    from counting import StatementCounter

    return lambda: StatementCounter(app)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    exe = os.environ.get("CHROMIUM") or shutil.which("chromium")
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
        "--disable-gpu",
        "--disable-dev-shm-usage",
    ]
    return {**browser_type_launch_args, "executable_path": exe, "args": quiet}
