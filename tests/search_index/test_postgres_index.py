"""The index in PostgreSQL: the answers of the other engine, seen by every machine at once, healed when it is broken."""

import random
import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from search_samples import PUBLIC, entry, ids

from search_index import SearchRequest, SearchUnavailable, open_backend
from search_index.snapshot import Snapshot

pytestmark = pytest.mark.postgres
ASK = SearchRequest("marché", PUBLIC)
WORDS = [f"mot{number}" for number in range(40)]


@pytest.fixture
def other(search_database):
    """Another web machine."""
    opened = open_backend(search_database)
    yield opened
    opened.close()


def run(database, statement):
    with psycopg.connect(database, autocommit=True) as connection:
        return (
            connection.execute(statement).fetchall()
            if statement.startswith("SELECT")
            else connection.execute(statement)
        )


def entries(rng, numbers):
    for number in numbers:
        body = " ".join(rng.choices(WORDS, [1 / (place + 1) for place in range(40)], k=rng.randint(3, 40)))
        moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randrange(5_000))
        tags, facets = tuple(rng.sample(WORDS, 2)), {"phase": (rng.choice(["award", "review"]),)}
        title = " ".join(rng.sample(WORDS, 3))
        yield entry(f"sheet:{number}", title, body, tags=tags, facets=facets, created_at=moment)


def test_both_engines_give_the_same_answers(postgres, whoosh):
    for backend in (postgres, whoosh):
        rng = random.Random(4)
        backend.rebuild(list(entries(rng, range(150))))
        for _ in range(6):
            backend.apply(list(entries(rng, rng.sample(range(150), 7))), [f"sheet:{rng.randrange(150)}"])
    for text in ("mot0", "mot3 mot7", "mot1 mot2 mot30 mot9", '"mot0 mot1"', "mot5 -mot0", "etiquette:mot4"):
        mine, its = (backend.search(SearchRequest(text, PUBLIC, limit=100)) for backend in (postgres, whoosh))
        assert (mine.total, mine.facets) == (its.total, its.facets)
        assert {hit.id: pytest.approx(hit.score, rel=0.03) for hit in mine.hits} == {
            hit.id: hit.score for hit in its.hits
        }
    mine, its = (one.related("mot1 mot7", "mot20 mot3", readers=PUBLIC, minimum=0) for one in (postgres, whoosh))
    assert [(one.id, one.reasons) for one in mine] == [(one.id, one.reasons) for one in its]


def test_another_machine_sees_commits_merges_and_rebuilds(postgres, other):
    for number in range(12):
        postgres.apply([entry(f"sheet:{number}", "Marché")])
        assert other.search(ASK).total == number + 1
    postgres.apply([], ["sheet:3"])
    assert other.search(ASK).total == 11 and other.segments() < 8
    postgres.optimize()
    assert other.search(ASK).total == 11 and other.segments() == 1
    postgres.rebuild([entry("sheet:99", "Marché")])
    assert ids(other.search(ASK)) == ["sheet:99"]


def test_who_was_reading_goes_on_and_what_is_out_of_use_goes(postgres, other, search_database, monkeypatch):
    postgres.rebuild([entry(f"sheet:{number}", "Marché", f"Texte {number}") for number in range(9)])
    held = other._current(other._connection())
    postgres.apply([entry("sheet:50", "Voirie")], ["sheet:3"])
    postgres.optimize()
    assert {held.record((0, docnum))["id"] for docnum in range(9)} == {f"sheet:{number}" for number in range(9)}
    assert len(held.segments[0].postings("bmarch").ids) == 0 and len(held.segments[0].postings("tmarch").ids) == 9
    monkeypatch.setattr("search_index.postgres_store.GRACE", "0 seconds")
    postgres.apply([entry("sheet:51", "Voirie")])
    suffix = held.segments[0].tables.suffix
    assert run(search_database, f"SELECT count(*) FROM search.entry_{suffix}") == [(10,)]
    assert other.search(ASK).total == 8


def test_a_large_new_segment_is_warmed_while_the_old_tables_answer(postgres, other, monkeypatch):
    monkeypatch.setattr("search_index.snapshot.WARM_FROM", 5)
    postgres.rebuild([entry(f"sheet:{number}", "Marché") for number in range(10)])
    assert other.search(ASK).total == 10
    while other._warming.locked():
        time.sleep(0.01)
    started, go_on, warm = threading.Event(), threading.Event(), Snapshot.warm

    def slow(self, held):
        started.set()
        go_on.wait(60)
        warm(self, held)

    monkeypatch.setattr(Snapshot, "warm", slow)
    postgres.rebuild([entry(f"sheet:{number}", "Marché") for number in range(20)])
    assert other.search(ASK).total == 10 and started.wait(60)
    go_on.set()
    while other._warming.locked():
        time.sleep(0.01)
    assert other.search(ASK).total == 20


@pytest.mark.parametrize(
    "harm", ["UPDATE search.state SET format = 2", "DELETE FROM search.state", "DROP SCHEMA search CASCADE"]
)
def test_an_index_that_cannot_be_read_is_told_and_a_rebuild_heals(postgres, other, search_database, harm):
    postgres.apply([entry("sheet:1", "Marché")])
    run(search_database, harm)
    for read in (other.versions, other.generation, lambda: other.search(ASK)):
        with pytest.raises(SearchUnavailable):
            read()
    assert not other.healthy()
    postgres.rebuild([entry("sheet:2", "Marché")])
    assert ids(other.search(ASK)) == ["sheet:2"] and other.healthy()


def test_tables_that_have_gone_are_told(postgres, other, search_database):
    postgres.rebuild([entry(f"sheet:{number}", "Marché") for number in range(9)])
    ((name,),) = run(search_database, "SELECT tablename FROM pg_tables WHERE tablename LIKE 'posting_%'")
    run(search_database, f"DROP TABLE search.{name}")
    with pytest.raises(SearchUnavailable):
        other.search(ASK)


def test_many_entries_are_built_by_several_processes_into_tables(postgres, monkeypatch):
    monkeypatch.setattr("search_index.postgres_writing.MANY", 100)
    monkeypatch.setattr("search_index.building.cores", lambda: 2)
    seen = []
    assert postgres.rebuild((entry(f"sheet:{number}", f"Marché {number}") for number in range(600)), seen.append) == 600
    assert postgres.search(ASK).total == 600 and len(postgres.versions()) == 600 and seen[-1] == 600


def test_what_postgresql_refuses_is_written_without_it(postgres):
    postgres.apply([entry("sheet:1", "Marché\x00 public \ud800", "a\x00b", facets={"phase": ("x\x00y",)})])
    found = postgres.search(SearchRequest("marché public", PUBLIC))
    assert ids(found) == ["sheet:1"] and found.facets["phase"] == [("xy", 1)]
