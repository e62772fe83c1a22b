"""Real indexes: a Whoosh folder in a temporary place, tables in a throw-away PostgreSQL. One suite for both engines."""

import sys
from pathlib import Path

import psycopg
import pytest
from search_samples import PUBLIC

from search_index import SearchRequest, open_backend

sys.path.append(str(Path(__file__).parents[1]))


@pytest.fixture(scope="session")
def search_database():
    from pgtmp import temp_postgres

    with temp_postgres() as url:
        yield url.replace("+psycopg", "")


@pytest.fixture
def whoosh(tmp_path):
    opened = open_backend(f"whoosh:{tmp_path}/index")
    yield opened
    opened.close()


@pytest.fixture
def postgres(search_database, monkeypatch):
    monkeypatch.setattr("search_index.postgres_writing.SMALL", 3)  # so that small batches make both kinds of segments
    opened = open_backend(search_database)
    yield opened
    opened.close()
    with psycopg.connect(search_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS search CASCADE")


@pytest.fixture(params=["whoosh", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def look(backend):
    """Search as a visitor, or with the values given."""

    def ask(text, **values):
        values.setdefault("readers", PUBLIC)
        return backend.search(SearchRequest(text, **values))

    return ask
