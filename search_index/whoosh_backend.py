"""The index in a folder: read by every process, written by one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from search_index import writing
from search_index.answering import Answering
from search_index.backend import SearchUnavailable
from search_index.entry import IndexEntry
from search_index.segment_source import SegmentSource
from search_index.snapshot import Snapshot
from search_index.store import Store
from search_index.synonyms import Synonyms, default_synonyms

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
OPENING_TRIES, OPENING_PAUSE = 8, 0.02
"""Between the removal of merged files and the new pointer a commit leaves some milliseconds: so often is one pointer tried."""


class WhooshBackend(Answering):
    """Searches a Whoosh index through our own scorer. See `Backend` for what each method promises."""

    def __init__(self, folder: str | Path, synonyms: Synonyms | None = None) -> None:
        self.store = Store(folder)
        self.synonyms = synonyms if synonyms is not None else default_synonyms()
        self._snapshot: Snapshot | None = None
        self._stamp: tuple[int, ...] | None = None
        self._opening = threading.Lock()
        self._warming = threading.Lock()
        self._writes = False

    def apply(self, upserts: Iterable[IndexEntry], deletes: Iterable[str] = ()) -> None:
        """Add, replace and remove entries in one commit. One process only."""
        self._writes = True
        self._guarded(lambda: writing.apply(self.store, upserts, deletes))

    def settle(self) -> bool:
        """One merge that posts should not wait for; whether there was one to do."""
        return self._guarded(lambda: writing.settle(self.store))

    def rebuild(self, entries: Iterable[IndexEntry], progress: Callable[[int], None] | None = None) -> int:
        """Build a new index beside the live one, swap it in and say how many entries it holds."""
        self._writes = True
        return writing.rebuild(self.store, entries, progress)

    def optimize(self) -> None:
        """Merge all segments; for the night."""
        self._guarded(lambda: writing.optimize(self.store))

    def versions(self) -> dict[str, str]:
        """The version of every entry of the index, to compare with the database."""
        return self._read(lambda source: source.snapshot.versions())

    def generation(self) -> str:
        """A name that changes with every commit."""
        return self._read(lambda source: source.snapshot.label)

    def close(self) -> None:
        self._snapshot = self._stamp = None

    def _read(self, answer: Callable[[SegmentSource], Answer]) -> Answer:
        return self._guarded(lambda: answer(SegmentSource(self._current())))

    def _current(self) -> Snapshot:
        """The snapshot of the last commit; what it shares with the one before is kept.

        A commit that brings a large segment (a merge, a rebuild) is warmed in the background while the one before goes
        on answering. The process that writes does not wait: it must read what it wrote.
        """
        stamp = self.store.stamp()
        held = self._snapshot
        if held is not None and (stamp == self._stamp or self._warming.locked()):
            if any(segment.shrunk() for segment in held.segments):
                raise SearchUnavailable(f"files of the index in {self.store.root} were cut: rebuild it")
            return held
        with self._opening:
            if self._snapshot is None or stamp != self._stamp:
                try:
                    fresh = self._open()
                except FileNotFoundError:
                    if held is None or self.store.pointer().label == held.label:
                        raise  # no commit came between: files of the index are missing
                    return held
                cold = fresh.cold_segments(held)
                if held is None or self._writes or not cold:
                    self._snapshot, self._stamp = fresh, stamp
                    if cold and not self._writes and self._warming.acquire(blocking=False):
                        threading.Thread(target=self._warm, args=(fresh, stamp, fresh), daemon=True).start()
                elif self._warming.acquire(blocking=False):
                    threading.Thread(target=self._warm, args=(fresh, stamp, held), daemon=True).start()
            return self._snapshot or fresh

    def _warm(self, fresh: Snapshot, stamp: tuple[int, ...] | None, held: Snapshot) -> None:
        """Fill the caches of a snapshot, then put it in the place of the one that answers, unless it is that one."""
        try:
            fresh.warm(held if held is not fresh else None)
            if self._snapshot is held:
                self._snapshot, self._stamp = fresh, stamp
        except Exception as error:
            log.warning("search index %s could not be warmed: %r", self.store.root, error)
            self.close()
        finally:
            self._warming.release()

    def _open(self) -> Snapshot:
        """Files can vanish between the pointer and the open when a commit comes between: look again.

        While posts arrive one after the other that may happen several times; the snapshot held goes on answering then.
        """
        held = self._snapshot
        known = held.by_segment_id() if held else {}
        label, tries = "", 0
        while True:
            pointer = self.store.pointer()
            label, tries = pointer.label, tries + 1 if pointer.label == label else 1
            try:
                self.store.verify(pointer)
                return Snapshot.open(self.store.path(pointer), label, pointer.recipe, known)
            except FileNotFoundError:
                if tries == OPENING_TRIES:
                    raise
                time.sleep(OPENING_PAUSE)

    def _guarded(self, action: Callable[[], Answer]) -> Answer:
        """Whatever a damaged file makes Whoosh raise, callers see SearchUnavailable."""
        try:
            return action()
        except SearchUnavailable:
            raise
        except Exception as error:
            log.warning("search index %s unreadable: %r", self.store.root, error, exc_info=True)
            self.close()
            raise SearchUnavailable(f"the index in {self.store.root} cannot be read: rebuild it") from error
