"""Real indexes in temporary folders."""

import pytest
from search_samples import PUBLIC

from search_index import SearchRequest, open_backend


@pytest.fixture
def backend(tmp_path):
    opened = open_backend(f"whoosh:{tmp_path}/index")
    yield opened
    opened.close()


@pytest.fixture
def look(backend):
    """Search as a visitor, or with the values given."""

    def ask(text, **values):
        values.setdefault("readers", PUBLIC)
        return backend.search(SearchRequest(text, **values))

    return ask
