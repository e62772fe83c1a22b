"""The examination of one stored file: what it hides, its text, its first pages as images. No database here.

Each step is a stay of its own in a sandbox (core/sandbox.py): a file that breaks one still gives what the others found, and
the worker is never at risk. The outcome is kept by tasks.py.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from community.abilities.reading import office
from community.abilities.reading.sandboxed import OFFICE
from community.abilities.reading.verdicts import verdict
from community.core import sandbox
from community.core.filetypes import BY_MEDIA_TYPE
from community.core.sandbox import SandboxFailure
from community.core.storage import Storage, blob_key, local_copy

log = structlog.get_logger(__name__)
#: goes up when files must be examined again (a new format is read, a new danger is known)
EXAMINER = 1
PREVIEWS = 10
FOLDER, A_DAY = "lecture-", 24 * 3600
LOOK_SECONDS, READ_SECONDS, DRAW_SECONDS, CLEAN_SECONDS = 20, 60, 40, 30
#: what a reader may take before it stops by itself and gives what it has
READ_OWN_SECONDS = 45
MEGABYTES = 512
IMAGES = ("png", "jpg", "webp")
#: a function that raised met a file it does not understand; a process that died may have been led to it
_FAILURES = {"time": "too_heavy", "memory": "too_heavy", "refused": "unreadable", "crash": "crashed"}
_HERE = "community.abilities.reading.sandboxed"


@dataclass
class Outcome:
    """What is kept of an examination. ``pages`` is a file of one line of JSON a page, gone once the outcome is closed."""

    findings: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    text_state: str = "none"
    pages: Path | None = None

    @property
    def state(self) -> tuple[str, str]:
        return verdict(self.findings)

    def each_page(self) -> Iterator[dict[str, str]]:
        """The pages as they were written; a last line cut short by the end of the sandbox is no page."""
        if self.pages is None or not self.pages.exists():
            return
        with self.pages.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield json.loads(line)


def previews_prefix(sha256: str) -> str:
    return f"previews/{sha256}/"


@contextmanager
def examination(sha256: str, media_type: str, store: Storage) -> Iterator[Outcome]:
    """Examine a content; previews are in the store when this returns, everything else is in the outcome."""
    kind = BY_MEDIA_TYPE[media_type]
    store.scratch.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=store.scratch, prefix=FOLDER) as name,
        local_copy(blob_key(sha256), store) as path,
    ):
        outcome = Outcome()
        _examine(path.absolute(), kind, Path(name), outcome)
        outcome.facts["previews"] = _keep_previews(Path(name) / "images", sha256, store)
        outcome.facts["examiner"] = EXAMINER
        yield outcome


def forget_abandoned(store: Storage) -> int:
    """Folders of examinations that a kill interrupted more than a day ago. Gives how many went."""
    before = time.time() - A_DAY
    old = [folder for folder in store.scratch.glob(f"{FOLDER}*") if folder.is_dir() and folder.stat().st_mtime < before]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _examine(path: Path, kind: Any, folder: Path, outcome: Outcome) -> None:
    extension = kind.extension
    (folder / "images").mkdir()
    if kind.download_only:
        outcome.findings.append("legacy")
        return
    if extension in IMAGES:
        _draw_image(path, extension, folder, outcome)
        return
    _look(path, extension, outcome)
    if outcome.state[0] == "refused":
        return
    printed = _printed(path, extension, folder)
    _read(path, extension, printed, folder, outcome)
    if printed is not None and outcome.state[0] != "refused":
        _draw(printed, folder, outcome)


def _look(path: Path, extension: str, outcome: Outcome) -> None:
    if extension not in (*OFFICE, "pdf"):
        return
    found = _stay("look", {"path": str(path), "extension": extension}, LOOK_SECONDS, outcome)
    outcome.findings += found.get("findings", [])
    outcome.facts["traces"] = found.get("traces", [])


def _printed(path: Path, extension: str, folder: Path) -> Path | None:
    """The file as a PDF: itself, or what LibreOffice made of it."""
    return path if extension == "pdf" else office.to_pdf(path, extension, folder, PREVIEWS)


def _read(path: Path, extension: str, printed: Path | None, folder: Path, outcome: Outcome) -> None:
    """The text; a text document that LibreOffice laid out is read from its real pages."""
    if extension in office.WHOLE and printed is not None:
        path, extension = printed, "pdf"
    outcome.pages = folder / "pages.jsonl"
    arguments = {"path": str(path), "extension": extension, "out": str(outcome.pages), "seconds": READ_OWN_SECONDS}
    found = _stay("read", arguments, READ_SECONDS, outcome)
    if found.get("failed"):
        outcome.findings.append(found["failed"])
    if not found or found.get("failed"):
        outcome.text_state = "failed"
        return
    outcome.text_state = "done" if found["characters"] else "none"
    outcome.facts |= {name: found[name] for name in ("pages", "unit", "parts", "characters") if found[name]}
    if found["truncated"]:
        outcome.facts["truncated"] = found["truncated"]


def _draw(printed: Path, folder: Path, outcome: Outcome) -> None:
    """Images of the first pages. Nobody misses a file because its images could not be made."""
    arguments = {"path": str(printed), "extension": "pdf", "folder": str(folder / "images"), "most": PREVIEWS}
    _stay("draw", arguments, DRAW_SECONDS, None)


def _draw_image(path: Path, extension: str, folder: Path, outcome: Outcome) -> None:
    """An image is decoded whole, once, here: what does not decode is refused, since it is shown inside pages."""
    arguments = {"path": str(path), "extension": extension, "folder": str(folder / "images"), "most": 1}
    drawn = _stay("draw", arguments, DRAW_SECONDS, outcome)
    if drawn.get("failed"):
        outcome.findings.append("pixels" if drawn["failed"] == "pixels" else "broken_image")
    outcome.facts |= {name: drawn[name] for name in ("width", "height") if name in drawn}


def _stay(function: str, arguments: dict[str, Any], seconds: float, outcome: Outcome | None) -> dict[str, Any]:
    """One stay in the sandbox; what went wrong there becomes a finding."""
    try:
        return sandbox.run(f"{_HERE}:{function}", arguments, seconds=seconds, megabytes=MEGABYTES)
    except SandboxFailure as failure:
        log.warning("sandbox_failed", step=function, kind=failure.kind)
        if outcome is not None:
            outcome.findings.append(_FAILURES[failure.kind])
        return {}


def _keep_previews(folder: Path, sha256: str, store: Storage) -> int:
    """Store the images that are whole, under the same keys each time. Returns how many pages have one."""
    count = 0
    for number in range(PREVIEWS + 1):
        image = folder / f"{number}.webp"
        if image.is_file() and image.stat().st_size:
            store.put(f"{previews_prefix(sha256)}{number}.webp", image, "image/webp")
            count += number > 0
    return count


def clean_copy(sha256: str, extension: str, store: Storage, out: Path, hidden: bool = False) -> dict[str, Any]:
    """Write a copy without personal traces to ``out`` (``hidden``: nor what is hidden). Returns {traces: left}, or {failed}."""
    with local_copy(blob_key(sha256), store) as path:
        arguments = {"path": str(path.absolute()), "extension": extension, "out": str(out), "hidden": hidden}
        try:
            return sandbox.run(f"{_HERE}:clean", arguments, seconds=CLEAN_SECONDS, megabytes=MEGABYTES)
        except SandboxFailure as failure:
            return {"failed": failure.kind}
