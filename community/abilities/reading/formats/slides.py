"""pptx: one page a slide, in the order of the presentation, with its speaker's notes."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from typing import Any

from community.abilities.reading.formats import word
from community.abilities.reading.formats.collector import Collector, Damaged
from community.abilities.reading.formats.packages import attribute, opened, small

PRESENTATION = "ppt/presentation.xml"


def read(path: Path, into: Collector) -> int:
    """Fill the collector. Returns how many slides there are."""
    with opened(path) as package:
        names = slide_names(package)
        for number, name in enumerate(names, start=1):
            if into.full():
                break
            into.add(f"Diapositive {number}", _text(package, name))
        return len(names)


def slide_names(package: zipfile.ZipFile) -> list[str]:
    """The slides' parts in the order in which they are shown."""
    presentation = small(package, PRESENTATION)
    if presentation is None:
        raise Damaged("no presentation")
    targets = relations(package, PRESENTATION)
    order = [_relation(element) for element in presentation.iter("{*}sldId")]
    return [targets[id][1] for id in order if id in targets and targets[id][1] in package.namelist()]


def relations(package: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """What a part points to: id → (type, name of the part in the package)."""
    folder, _slash, name = part.rpartition("/")
    tree = small(package, f"{folder}/_rels/{name}.rels")
    found = {}
    for element in tree if tree is not None else ():
        if element.get("TargetMode") != "External":
            target = element.get("Target", "")
            place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            found[element.get("Id")] = (element.get("Type", "").rpartition("/")[2], place)
    return found


def _relation(element: Any) -> str | None:
    return attribute({key: value for key, value in element.attrib.items() if key.startswith("{")}, "id")


def _text(package: zipfile.ZipFile, name: str) -> str:
    texts = [word.text_of(package, name)]
    notes = [place for kind, place in relations(package, name).values() if kind == "notesSlide"]
    texts += [word.text_of(package, place) for place in notes if place in package.namelist()]
    return "\n".join(text for text in texts if text.strip())
