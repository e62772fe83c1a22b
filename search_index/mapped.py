"""Index files mapped into memory: the system keeps what is read often, processes share it, nothing is copied."""

from __future__ import annotations

import mmap
import os
from io import BytesIO
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile


class MappedFile(BufferFile):
    """A file read through a memory map; no descriptor stays open."""

    def __init__(self, path: str, name: str) -> None:
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            held: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else BytesIO()
        self.path, self.size = path, size
        self.file = held
        self._buf = memoryview(held) if size else memoryview(b"")
        self._name = name
        self.onclose = None
        self.is_real = False
        self.is_closed = False

    def close(self) -> None:
        """Let go of the map; it is freed with the last thing that uses it."""
        self.is_closed = True


class MappedStorage(FileStorage):
    """A Whoosh folder whose files are read through memory maps."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.mapped: list[MappedFile] = []

    def open_file(self, name: str, **_: Any) -> MappedFile:
        opened = MappedFile(self._fpath(name), name)
        self.mapped.append(opened)
        return opened

    def shrunk(self, segment: str) -> bool:
        """Whether a mapped file of a segment has lost bytes: touching the missing part would end the process."""
        return any(_size(file) < file.size for file in self.mapped if file._name.startswith(segment))


def _size(file: MappedFile) -> int:
    try:
        return os.stat(file.path).st_size
    except OSError:
        return file.size  # removed, not cut: what is mapped stays readable
