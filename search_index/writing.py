"""How the Whoosh index is changed: one writer, one commit for each batch, rebuilds beside the live index."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from whoosh.index import FileIndex
from whoosh.reading import SegmentReader, TermNotFound

from search_index import building, policy
from search_index.codec import ImpactCodec
from search_index.entry import IndexEntry
from search_index.mapped import MappedStorage
from search_index.recipe import Recipe, calibrate
from search_index.schema import KEY, document, make_schema
from search_index.store import Pointer, Store

LOCK_SECONDS = 10.0
MANY = 5_000
"""From so many entries on, a rebuild uses every core."""
MEMORY_MB = 512


def create(store: Store, recipe: Recipe | None = None) -> Pointer:
    """An empty index, published."""
    pointer = Pointer(store.new_folder(), 0, recipe or Recipe())
    FileIndex.create(MappedStorage(store.path(pointer)), make_schema())
    store.publish(pointer)
    return pointer


def apply(store: Store, upserts: Iterable[IndexEntry], deletes: Iterable[str]) -> Pointer:
    """Write a batch in one commit; of several entries with one id the last counts."""
    pointer = store.pointer() if store.stamp() else create(store)
    entries = {entry.id: entry for entry in upserts}
    gone = set(deletes) | set(entries)
    index = FileIndex(MappedStorage(store.path(pointer)), schema=make_schema())
    writer = _writer(index)
    try:
        for docnum in _documents(index, gone):
            writer.delete_document(docnum)
        for entry in entries.values():
            writer.add_document(**document(entry, pointer.recipe))
    except BaseException:
        writer.cancel()
        raise
    writer.commit(mergetype=merge_policy)
    return store.committed(pointer)


def _writer(index: FileIndex) -> Any:
    return index.writer(timeout=LOCK_SECONDS, codec=ImpactCodec(), limitmb=MEMORY_MB, compound=False)


def _documents(index: FileIndex, idents: Iterable[str]) -> list[int]:
    reader = index.reader()
    found = []
    for ident in idents:
        try:
            found += reader.postings(KEY, f"id:{ident}").all_ids()
        except TermNotFound:
            continue
    reader.close()
    return found


def merge_policy(writer: Any, segments: list[Any]) -> list[Any]:
    """What a commit merges while posts arrive: see `policy.py`."""
    return _merged(writer, segments, policy.arriving(_sizes(segments), writer.doc_count()))


def settle(store: Store) -> bool:
    """One merge that posts should not wait for; whether there was one to do."""
    return _rewrite(store, policy.settling)


def optimize(store: Store) -> None:
    """Merge segments into one: nightly work, it may rewrite the whole index."""
    _rewrite(store, policy.nightly)


def _rewrite(store: Store, chosen: Callable[[list[policy.Size]], list[int]]) -> bool:
    pointer = store.pointer()
    index = FileIndex(MappedStorage(store.path(pointer)), schema=make_schema())
    if not chosen(_sizes(index._segments())):
        return False
    _writer(index).commit(mergetype=lambda writer, segments: _merged(writer, segments, chosen(_sizes(segments))))
    store.committed(pointer)
    return True


def _sizes(segments: list[Any]) -> list[policy.Size]:
    return [policy.Size(segment.doc_count(), segment.deleted_count()) for segment in segments]


def _merged(writer: Any, segments: list[Any], chosen: list[int]) -> list[Any]:
    """Give the writer what the chosen segments hold; the other segments are kept."""
    for number in chosen:
        reader = SegmentReader(writer.storage, writer.schema, segments[number])
        writer.add_reader(reader)
        reader.close()
    return [segment for number, segment in enumerate(segments) if number not in chosen]


def rebuild(store: Store, entries: Iterable[IndexEntry], progress: Callable[[int], None] | None) -> int:
    """Build a new generation from all entries and swap it in; the old one answers until then."""
    recipe, stream = calibrate(entries)
    many, stream = building.counted(stream, MANY)
    pointer = Pointer(store.new_folder(), 0, recipe)
    build = building.build if many and building.cores() > 1 else _build_here
    count = build(store.path(pointer), stream, recipe, progress)
    store.publish(pointer)
    store.forget_others(pointer)
    if progress:
        progress(count)
    return count


def _build_here(
    folder: str, entries: Iterable[IndexEntry], recipe: Recipe, progress: Callable[[int], None] | None
) -> int:
    writer = _writer(FileIndex.create(MappedStorage(folder), make_schema()))
    count = 0
    for entry in entries:
        writer.add_document(**document(entry, recipe))
        count += 1
        if progress and count % 500 == 0:
            progress(count)
    writer.commit()
    return count
