"""A large index built by every core at once: each process writes segments of its own, the parent puts them together."""

from __future__ import annotations

import multiprocessing
import os
import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from whoosh.index import TOC, FileIndex

from search_index.codec import ImpactCodec
from search_index.entry import IndexEntry
from search_index.mapped import MappedStorage
from search_index.recipe import Recipe
from search_index.schema import document, make_schema

BATCH = 250
MEMORY_MB = 256
MOST_PROCESSES = 4
PATIENCE = 5.0


def cores() -> int:
    return min(
        MOST_PROCESSES, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )


def build(folder: str, entries: Iterable[IndexEntry], recipe: Recipe, progress: Callable[[int], None] | None) -> int:
    """Write an index in an empty folder with one process for each core; the number of entries."""
    parts = [Path(folder) / f"part-{number}" for number in range(cores())]
    count, found = spread(_build_part, [(str(part), recipe) for part in parts], entries, progress)
    for part in parts:
        for path in part.iterdir():
            if not path.name.endswith((".toc", "WRITELOCK")):
                path.rename(Path(folder) / path.name)
            else:
                path.unlink()
        part.rmdir()
    TOC(make_schema(), [segment for segments in found for segment in segments], 1).write(MappedStorage(folder), "MAIN")
    return count


def spread(
    work: Callable[..., Any],
    arguments: Sequence[tuple[Any, ...]],
    entries: Iterable[IndexEntry],
    progress: Callable[[int], None] | None,
) -> tuple[int, list[Any]]:
    """Deal entries out to processes, one for each tuple of arguments; `work` gets them, then the batches.

    Returns the number of entries, and what each process answered.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy the locks of the threads running here
    batches, answers = context.Queue(maxsize=2 * len(arguments)), context.Queue()
    builders = [context.Process(target=_work, args=(work, one, batches, answers)) for one in arguments]
    for builder in builders:
        builder.start()
    try:
        count = _feed(batches, builders, entries, progress)
        return count, [_answer(answers, builders) for _ in builders]
    finally:
        for builder in builders:
            builder.join(PATIENCE)
            builder.kill()


def _work(work: Callable[..., Any], arguments: tuple[Any, ...], batches: Any, answers: Any) -> None:
    answers.put(work(*arguments, _handed(batches)))


def _handed(batches: Any) -> Iterator[list[IndexEntry]]:
    """The batches that this process gets. Once the parent is gone (killed, perhaps) none will come: it goes too."""
    parent = multiprocessing.parent_process()
    while True:
        try:
            batch = batches.get(timeout=PATIENCE)
        except queue.Empty:
            if parent is not None and not parent.is_alive():
                os._exit(1)
            continue
        if batch is None:
            return
        yield batch


def _feed(batches: Any, builders: list[Any], entries: Iterable[IndexEntry], progress: Any) -> int:
    count = 0
    stream = iter(entries)
    while batch := list(islice(stream, BATCH)):
        _put(batches, builders, batch)
        count += len(batch)
        if progress and count % 500 == 0:
            progress(count)
    for _ in builders:
        _put(batches, builders, None)
    return count


def _put(batches: Any, builders: list[Any], batch: list[IndexEntry] | None) -> None:
    while True:
        try:
            return batches.put(batch, timeout=PATIENCE)
        except queue.Full:
            _check(builders)


def _answer(answers: Any, builders: list[Any]) -> Any:
    while True:
        try:
            return answers.get(timeout=PATIENCE)
        except queue.Empty:
            _check(builders)


def _check(builders: list[Any]) -> None:
    if any(builder.exitcode for builder in builders):
        raise RuntimeError("a process that was building the search index has failed")


def _build_part(folder: str, recipe: Recipe, batches: Iterator[list[IndexEntry]]) -> list[Any]:
    """What each process does: index the batches it gets, then tell its segments."""
    Path(folder).mkdir()
    index = FileIndex.create(MappedStorage(folder), make_schema())
    writer = index.writer(codec=ImpactCodec(), limitmb=MEMORY_MB, compound=False)
    for batch in batches:
        for entry in batch:
            writer.add_document(**document(entry, recipe))
    writer.commit(merge=False)
    return index._segments()


def counted(entries: Iterable[IndexEntry], most: int) -> tuple[bool, Iterator[IndexEntry]]:
    """Whether there are more than `most` entries, and all of them again."""
    stream = iter(entries)
    first = list(islice(stream, most + 1))

    def again() -> Iterator[IndexEntry]:
        yield from first
        yield from stream

    return len(first) > most, again()
