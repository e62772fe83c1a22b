"""Where an index lives on disk: generations in folders of their own, and one small file that names the current one."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from search_index.backend import SearchUnavailable
from search_index.recipe import FORMAT, Recipe

POINTER = "CURRENT"


@dataclass(frozen=True)
class Pointer:
    """Which folder is current, how many commits it has had, the recipe of its weights, and its files with their sizes."""

    folder: str
    commit: int
    recipe: Recipe
    files: Mapping[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"{self.folder}.{self.commit}"


class Store:
    """The folder of an index."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def stamp(self) -> tuple[int, ...] | None:
        """Changes with every commit; None when there is no index. One stat."""
        try:
            found = os.stat(self.root / POINTER)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def pointer(self) -> Pointer:
        """The current generation, or SearchUnavailable when there is none that this code can read."""
        try:
            raw: dict[str, Any] = json.loads((self.root / POINTER).read_text("utf-8"))
            if raw["format"] != FORMAT:
                raise SearchUnavailable(f"index format {raw['format']}, this code reads {FORMAT}: rebuild it")
            return Pointer(str(raw["folder"]), int(raw["commit"]), Recipe(**raw["recipe"]), dict(raw["files"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SearchUnavailable(f"no readable index in {self.root}: rebuild it") from error

    def path(self, pointer: Pointer) -> str:
        return str(self.root / pointer.folder)

    def publish(self, pointer: Pointer) -> None:
        """Make a generation the current one, at once and entirely."""
        self.root.mkdir(parents=True, exist_ok=True)
        content = {
            "format": FORMAT,
            "folder": pointer.folder,
            "commit": pointer.commit,
            "recipe": pointer.recipe.as_dict(),
            "files": self._files(pointer),
        }
        fresh = self.root / f"{POINTER}.{uuid.uuid4().hex[:8]}"
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self.root / POINTER)

    def _files(self, pointer: Pointer) -> dict[str, int]:
        held = (path for path in (self.root / pointer.folder).iterdir() if path.is_file())
        return {path.name: path.stat().st_size for path in held if not path.name.endswith("WRITELOCK")}

    def verify(self, pointer: Pointer) -> None:
        """Raise FileNotFoundError unless every file of a generation is there, whole."""
        for name, size in pointer.files.items():
            path = self.root / pointer.folder / name
            if path.stat().st_size != size:
                raise FileNotFoundError(f"{path} has lost bytes")

    def committed(self, pointer: Pointer) -> Pointer:
        """Tell readers that the current generation has changed."""
        after = replace(pointer, commit=pointer.commit + 1)
        self.publish(after)
        return after

    def new_folder(self) -> str:
        """An empty generation beside the others."""
        name = f"g-{uuid.uuid4().hex[:12]}"
        (self.root / name).mkdir(parents=True)
        return name

    def forget_others(self, pointer: Pointer) -> None:
        """Remove every generation but the current one; readers that still hold one keep its open files."""
        for path in self.root.glob("g-*"):
            if path.name != pointer.folder:
                shutil.rmtree(path, ignore_errors=True)
        for path in self.root.glob(f"{POINTER}.*"):
            path.unlink(missing_ok=True)
