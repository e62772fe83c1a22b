"""Generations: new ones are noticed, broken ones are told as such, rebuilding heals."""

import json
import multiprocessing
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from search_samples import PUBLIC, entry, ids
from whoosh.index import FileIndex

from search_index import SearchRequest, SearchUnavailable, open_backend
from search_index.mapped import MappedStorage
from search_index.segment_source import SegmentSource
from search_index.snapshot import Snapshot
from search_index.source import Scope

ASK = SearchRequest("marché", PUBLIC)


def test_no_index_yet(whoosh):
    assert not whoosh.healthy()
    for read in (whoosh.versions, whoosh.generation, lambda: whoosh.search(ASK)):
        with pytest.raises(SearchUnavailable):
            read()


def test_another_process_sees_commits_and_rebuilds(whoosh, tmp_path):
    reader = open_backend(f"{tmp_path}/index")
    whoosh.apply([entry("sheet:1", "Marché")])
    assert ids(reader.search(ASK)) == ["sheet:1"]
    before = reader.generation()
    whoosh.apply([entry("sheet:2", "Marché")])
    assert len(ids(reader.search(ASK))) == 2 and reader.generation() != before
    assert whoosh.rebuild([entry("sheet:3", "Marché")]) == 1
    assert ids(reader.search(ASK)) == ["sheet:3"]
    assert len(list((tmp_path / "index").glob("g-*"))) == 1


def test_rebuild_reports_progress(whoosh):
    seen = []
    whoosh.rebuild((entry(f"sheet:{i}", "Marché") for i in range(1200)), seen.append)
    assert seen == [500, 1000, 1200]


def test_an_index_of_another_format_asks_for_a_rebuild(whoosh, tmp_path):
    whoosh.apply([entry("sheet:1", "Marché")])
    pointer = tmp_path / "index" / "CURRENT"
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"format": 0}))
    with pytest.raises(SearchUnavailable):
        whoosh.search(ASK)
    whoosh.rebuild([entry("sheet:1", "Marché")])
    assert whoosh.healthy()


@pytest.mark.parametrize("harm", ["truncate", "empty", "scramble", "delete"])
@pytest.mark.parametrize("pattern", ["CURRENT", "g-*/*.toc", "g-*/*.trm", "g-*/*.pst", "g-*/*.*"])
def test_damage_is_told_never_a_crash_and_a_rebuild_heals(whoosh, tmp_path, harm, pattern):
    whoosh.apply(entry(f"sheet:{i}", f"Marché {i}", "mot " * i) for i in range(50))
    for path in (tmp_path / "index").glob(pattern):
        content = path.read_bytes()
        if harm == "delete":
            path.unlink()
        else:
            changed = {"truncate": content[: len(content) // 2], "empty": b"", "scramble": content[::-1]}[harm]
            path.write_bytes(changed)
    fresh = open_backend(f"{tmp_path}/index")
    with pytest.raises(SearchUnavailable):  # noqa: PT012 - whichever of the two meets the damage first
        fresh.search(ASK)
        fresh.versions()
    assert not fresh.healthy()
    fresh.rebuild([entry("sheet:1", "Marché")])
    assert fresh.healthy() and ids(fresh.search(ASK)) == ["sheet:1"]


def test_a_file_cut_under_an_open_reader_does_not_end_the_process(whoosh, tmp_path):
    whoosh.apply(entry(f"sheet:{i}", f"Marché {i}", "mot " * i) for i in range(300))
    assert whoosh.search(ASK).total == 300
    for path in (tmp_path / "index").glob("g-*/*.pst"):
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(SearchUnavailable):
        whoosh.search(ASK)
    whoosh.rebuild([entry("sheet:1", "Marché")])
    assert ids(whoosh.search(ASK)) == ["sheet:1"]


@pytest.mark.parametrize("url", ["redis://x", "elastic:y"])
def test_an_engine_we_do_not_know_is_refused(url):
    with pytest.raises(ValueError):
        open_backend(url)


def test_segments_stay_few(whoosh):
    for i in range(40):
        whoosh.apply([entry(f"sheet:{i}", f"Marché {i}")])
    whoosh.search(ASK)
    assert len(whoosh._snapshot.segments) < 8
    assert whoosh.search(ASK).total == 40
    whoosh.optimize()
    assert whoosh.search(ASK).total == 40 and len(whoosh._snapshot.segments) == 1


def test_a_large_new_segment_is_warmed_while_the_old_one_answers(whoosh, tmp_path, monkeypatch):
    monkeypatch.setattr("search_index.snapshot.WARM_FROM", 20)
    whoosh.rebuild(entry(f"sheet:{i}", "Marché", facets={"phase": ("award",)}) for i in range(50))
    reader = open_backend(f"{tmp_path}/index")
    assert reader.search(ASK).total == 50
    before, started, go_on = reader.generation(), threading.Event(), threading.Event()
    warm = Snapshot.warm

    while reader._warming.locked():  # the first opening is warmed too
        time.sleep(0.01)

    def slow(self, held):
        started.set()
        go_on.wait(60)
        warm(self, held)

    monkeypatch.setattr(Snapshot, "warm", slow)
    whoosh.rebuild(entry(f"sheet:{i}", "Marché", facets={"phase": ("award",)}) for i in range(60))
    assert reader.search(ASK).total == 50 and started.wait(60)
    assert reader.generation() == before
    go_on.set()
    for _ in range(3000):
        if reader.search(ASK).total == 60:
            break
        time.sleep(0.02)
    assert reader.search(ASK).total == 60 and reader.generation() != before


def test_many_entries_are_built_by_several_processes(whoosh, monkeypatch):
    monkeypatch.setattr("search_index.writing.MANY", 100)
    monkeypatch.setattr("search_index.building.cores", lambda: 2)
    seen, building = [], []

    def note(count):
        seen.append(count)
        building.append(len(multiprocessing.active_children()))

    assert whoosh.rebuild((entry(f"sheet:{i}", f"Marché {i}") for i in range(1100)), note) == 1100
    assert whoosh.search(ASK).total == 1100 and len(whoosh.versions()) == 1100
    # Both are at work while entries come; how many segments they leave depends on who was quicker.
    assert building[0] == 2 and seen[-1] == 1100
    whoosh.apply([entry("sheet:5", "Voirie")], ["sheet:6"])
    assert whoosh.search(ASK).total == 1098


def test_a_builder_that_fails_is_told_and_the_live_index_stays(whoosh, monkeypatch):
    whoosh.apply([entry("sheet:1", "Marché")])
    monkeypatch.setattr("search_index.writing.MANY", 10)
    monkeypatch.setattr("search_index.building.PATIENCE", 0.2)
    broken = (entry(f"sheet:{i}", "Marché", boost="fort") for i in range(200))
    with pytest.raises(Exception):  # noqa: B017 - whatever the builder met
        whoosh.rebuild(broken)
    assert ids(whoosh.search(ASK)) == ["sheet:1"]


def test_a_writer_waits_for_another_then_gives_up(whoosh, monkeypatch):
    whoosh.apply([entry("sheet:1", "Marché")])
    monkeypatch.setattr("search_index.writing.LOCK_SECONDS", 0.2)
    index = FileIndex(MappedStorage(whoosh.store.path(whoosh.store.pointer())))
    lock = index.lock("WRITELOCK")
    assert lock.acquire()
    with pytest.raises(SearchUnavailable):
        whoosh.apply([entry("sheet:2", "Marché")])
    lock.release()
    whoosh.apply([entry("sheet:2", "Marché")])
    assert whoosh.search(ASK).total == 2


def test_a_lock_of_a_dead_process_holds_nobody(whoosh, tmp_path):
    code = (
        "import os, sys; from search_index.writing import _writer; from search_index.mapped import MappedStorage; "
        "from whoosh.index import FileIndex; _writer(FileIndex(MappedStorage(sys.argv[1]))); os._exit(9)"
    )
    whoosh.apply([entry("sheet:1", "Marché")])
    folder = whoosh.store.path(whoosh.store.pointer())
    assert subprocess.run([sys.executable, "-c", code, folder], check=False).returncode == 9
    whoosh.apply([entry("sheet:2", "Marché")])
    assert whoosh.search(ASK).total == 2


def test_a_merge_takes_nothing_from_who_has_just_opened_the_index(whoosh, tmp_path):
    """Whoosh would open a column at its first read, find that the merge removed it, and take it for an empty one."""
    day = datetime(2024, 5, 12, tzinfo=UTC)
    whoosh.rebuild([entry("sheet:1", "Marché", created_at=day)])
    whoosh.apply([entry("sheet:2", "Marchés", created_at=day)])
    reader = open_backend(f"{tmp_path}/index")
    held = SegmentSource(reader._current())
    whoosh.optimize()
    everything = held.select(Scope(readers=PUBLIC))
    found = held.latest(everything, 10)
    assert [moment for moment, _doc in found] == [day.timestamp()] * 2
    assert {held.record(doc)["id"] for _moment, doc in found} == {"sheet:1", "sheet:2"}


def test_a_commit_under_way_is_waited_for(whoosh, tmp_path):
    """Files that a merge removed are missing for a moment, until the pointer names the new ones."""
    whoosh.rebuild([entry("sheet:1", "Marché")])
    file = next((tmp_path / "index").glob("g-*/*.trm"))
    away = file.rename(file.with_suffix(".away"))
    threading.Timer(0.05, lambda: away.rename(file)).start()
    assert ids(open_backend(f"{tmp_path}/index").search(ASK)) == ["sheet:1"]


def test_posts_arriving_one_after_the_other_never_stop_a_search(whoosh, tmp_path):
    whoosh.rebuild([entry(f"sheet:{number}", "Marché") for number in range(20)])
    reader, over = open_backend(f"{tmp_path}/index"), threading.Event()

    def write() -> None:
        for number in range(40):
            whoosh.apply([entry(f"sheet:{100 + number}", "Marchés")])
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not over.is_set():
        assert reader.search(ASK).total >= 20
    writer.join()
    assert reader.search(ASK).total == 60
