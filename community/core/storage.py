"""Where files are kept: one protocol, a local folder by default, any S3-compatible store by URL.

``STORAGE_URL`` is ``file:/var/lib/entrepairs/files`` or ``s3://bucket/prefix?endpoint=https://…&region=…``. Keys are
paths of ours (``blobs/ab/ab12…``), never names that people gave. What ``put()`` has returned from survives a crash;
what it has not is nowhere to be seen.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote

from flask import Flask, current_app

CHUNK = 256 * 1024


class MissingFile(LookupError):
    """No such key."""


class StorageDown(OSError):
    """The store does not answer, or refuses us: to be said as « unavailable », and tried again."""


class Storage(Protocol):
    """A place for contents, by key. Nothing is ever held whole in memory."""

    #: a folder of this machine for what is being received or made
    scratch: Path

    def put(self, key: str, source: Path | BinaryIO, media_type: str = "") -> None:
        """Keep a content under a key: all of it or nothing. An older one is replaced at once.

        A path in ``scratch`` may be linked rather than copied: write no more to it afterwards.
        """

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The content (or ``length`` bytes from ``start``) piece by piece. Raises MissingFile before the first one."""

    def size(self, key: str) -> int:
        """Bytes; raises MissingFile."""

    def age(self, key: str) -> float:
        """Seconds since it was put there (again); raises MissingFile."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Remove; what is not there is removed already."""

    def keys(self, prefix: str = "") -> Iterator[str]: ...

    def tidy(self, seconds: float) -> int:
        """Remove the halves of transfers that are older; gives how many."""

    def local_path(self, key: str) -> Path | None:
        """The file itself; None when the store is elsewhere. Raises MissingFile when it should be here and is not."""

    def presigned(self, key: str, name: str, media_type: str) -> str | None:
        """An address that serves it for a minute, as a download under this name; None when the store has none."""


def open_storage(url: str, scratch: Path | None = None) -> Storage:
    """The store that a STORAGE_URL names (see config.py, which has checked it)."""
    if url.startswith("s3:"):
        from community.core.storage_s3 import S3Storage

        return S3Storage(url, scratch or Path.cwd() / "scratch")
    return LocalStorage(Path(unquote(url.removeprefix("file:").removeprefix("//"))))


def init_storage(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.extensions["storage"] = open_storage(settings.storage_url, settings.instance / "scratch")


def storage() -> Storage:
    """The application's store."""
    return current_app.extensions["storage"]


def blob_key(sha256: str) -> str:
    return f"blobs/{sha256[:2]}/{sha256}"


@contextlib.contextmanager
def local_copy(key: str, store: Storage | None = None) -> Iterator[Path]:
    """A path to read a content from: the file itself, or a copy that goes afterwards. Never write to it."""
    store = store or storage()
    path = store.local_path(key)
    if path is not None:
        yield path
        return
    copy = new_scratch(store)
    try:
        with copy.open("wb") as out:
            for chunk in store.open(key):
                out.write(chunk)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def new_scratch(store: Storage | None = None) -> Path:
    """A new path for what is being received or made; whoever asks removes it (else the night does)."""
    store = store or storage()
    store.scratch.mkdir(parents=True, exist_ok=True)
    return store.scratch / secrets.token_hex(16)


def tidy_folder(folder: Path, seconds: float) -> int:
    """Remove what has been in a scratch folder for longer."""
    removed = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and time.time() - path.stat().st_mtime > seconds:
                path.unlink()
                removed += 1
    return removed


class LocalStorage:
    """A folder: written beside, synchronised, then renamed, so that a key names a whole content or nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.scratch = self.root / "tmp"

    def put(self, key: str, source: Path | BinaryIO, media_type: str = "") -> None:
        target = self._path(key)
        made = _make_folders(target.parent, self.root)
        draft = new_scratch(self)
        try:
            self._draft(source, draft)
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
        for folder in (target.parent, *made):
            _sync_folder(folder)

    def _draft(self, source: Path | BinaryIO, draft: Path) -> None:
        """The whole content on the disk, under a name that nobody looks at. A scratch file is linked, not copied."""
        if isinstance(source, Path) and source.parent == self.scratch:
            os.link(source, draft)
        with draft.open("r+b" if draft.exists() else "wb") as out:
            if not out.seek(0, os.SEEK_END):
                _copy(source, out)
            out.flush()
            os.fsync(out.fileno())

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        self._stat(key)
        return _pieces(self._path(key), start, length)

    def size(self, key: str) -> int:
        return self._stat(key).st_size

    def age(self, key: str) -> float:
        return time.time() - self._stat(key).st_mtime

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def keys(self, prefix: str = "") -> Iterator[str]:
        folder = self.root / prefix.rpartition("/")[0]
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            key = path.relative_to(self.root).as_posix()
            if path.is_file() and key.startswith(prefix) and not key.startswith("tmp/"):
                yield key

    def local_path(self, key: str) -> Path | None:
        path = self._path(key)
        if not path.is_file():
            raise MissingFile(key)
        return path

    def tidy(self, seconds: float) -> int:
        return tidy_folder(self.scratch, seconds)

    def presigned(self, key: str, name: str, media_type: str) -> str | None:
        return None

    def _stat(self, key: str) -> os.stat_result:
        try:
            return self._path(key).stat()
        except FileNotFoundError as error:
            raise MissingFile(key) from error

    def _path(self, key: str) -> Path:
        """Keys are ours, and yet: one that climbs out of the folder is a bug that must not read anything."""
        path = Path(os.path.normpath(self.root / key))
        if not path.is_relative_to(self.root) or path == self.root:
            raise ValueError(f"not a key: {key!r}")
        return path


def _copy(source: Path | BinaryIO, out: BinaryIO) -> None:
    if isinstance(source, Path):
        with source.open("rb") as file:
            shutil.copyfileobj(file, out, CHUNK)
    else:
        shutil.copyfileobj(source, out, CHUNK)


def _pieces(path: Path, start: int, length: int | None) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = length
        while left is None or left > 0:
            chunk = file.read(CHUNK if left is None else min(CHUNK, left))
            if not chunk:
                return
            left = None if left is None else left - len(chunk)
            yield chunk


def _make_folders(folder: Path, root: Path) -> list[Path]:
    """Make a folder and those above it; gives the parents whose listing changed, which must reach the disk too."""
    changed = []
    missing = folder
    while not missing.exists():
        changed.append(missing.parent)
        if missing == root:
            break
        missing = missing.parent
    folder.mkdir(parents=True, exist_ok=True)
    return changed


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
