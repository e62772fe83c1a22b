"""Personal traces: who wrote a file, where it lay, what was struck out or hidden. Found, never judged.

A trace is {"kind": …, "count": n, "values": [up to five]}; its words are in verdicts.py. Runs in the subprocess.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from community.abilities.reading.formats.packages import attribute, local, opened, small, stream

Trace = dict[str, Any]
MOST_VALUES = 5
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
PLACE = re.compile(
    r"[A-Za-z]:\\[^\s\"<>|]{3,200}|\\\\[\w.-]+\\[^\s\"<>|]{2,200}|file:///[^\s\"<>]{3,200}|/(?:home|Users)/[^\s\"<>]{2,200}"
)
#: properties of OOXML and their kind of trace
CORE = {
    "creator": "author",
    "lastModifiedBy": "last_author",
    "revision": "revisions",
    "keywords": "",
    "description": "",
}
APP = {"Company": "company", "Manager": "manager", "Template": "", "TotalTime": "time_spent", "HyperlinkBase": ""}
META = {
    "initial-creator": "author",
    "creator": "last_author",
    "printed-by": "last_author",
    "editing-cycles": "revisions",
    "editing-duration": "time_spent",
    "user-defined": "custom",
}
TRACKED = {"ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "changed-region"}
#: parts of OOXML in which changes, hidden things and people are looked for
HEARD = re.compile(
    r"word/(document|header\d*|footer\d*|footnotes|people)\.xml|xl/(workbook|worksheets/[^/]+|persons/[^/]+)\.xml"
    r"|ppt/(slides/[^/]+|commentAuthors|authors)\.xml"
)
COMMENTS = re.compile(r"(?i)comments?\d*\.xml$|comments/[^/]+\.xml$")
NOTHING = {"", "0", "1", "unknown", "Normal.dotm", "Normal.dot", "PT0S", "P0D"}
MEETS = {"python-docx", "openpyxl", "Microsoft Office User"}  # what programs write when nobody said who


class Traces:
    """Gathers traces by kind, each value once."""

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def value(self, kind: str, text: str | None) -> None:
        """A value of this kind; e-mail addresses and places on a disk inside it are traces of their own."""
        text = " ".join((text or "").split())[:200]
        for email in EMAIL.findall(text):
            self._add("email", email)
        for place in PLACE.findall(text):
            self._add("path", place)
        if kind and text not in NOTHING and text not in MEETS:
            self._add(kind, text)

    def count(self, kind: str, number: int = 1) -> None:
        if number:
            self._counts[kind] = self._counts.get(kind, 0) + number

    def _add(self, kind: str, text: str) -> None:
        values = self._values.setdefault(kind, [])
        if text not in values:
            values.append(text)

    def found(self) -> list[Trace]:
        kinds = sorted({*self._values, *self._counts})
        return [
            {
                "kind": kind,
                "count": self._counts.get(kind, len(self._values.get(kind, ()))),
                "values": self._values.get(kind, [])[:MOST_VALUES],
            }
            for kind in kinds
        ]


def of_office(path: Path) -> list[Trace]:
    """The traces in docx, xlsx, pptx (OOXML) and odt, ods, odp (OpenDocument)."""
    traces = Traces()
    with opened(path) as package:
        if "meta.xml" in package.namelist():
            _opendocument(package, traces)
        else:
            _properties(package, traces)
            _parts(package, traces)
    return traces.found()


def _properties(package: zipfile.ZipFile, traces: Traces) -> None:
    for name, kinds in (("docProps/core.xml", CORE), ("docProps/app.xml", APP)):
        for element in _children(small(package, name)):
            if local(element.tag) in kinds:
                traces.value(kinds[local(element.tag)], element.text)
    for element in _children(small(package, "docProps/custom.xml")):
        traces.value("custom", f"{element.get('name', '')} : {''.join(element.itertext())}")


def _children(tree: Any) -> Iterable[Any]:
    return [element for element in tree if isinstance(element.tag, str)] if tree is not None else []


def _parts(package: zipfile.ZipFile, traces: Traces) -> None:
    for name in package.namelist():
        if COMMENTS.search(name):
            _hear(package, name, traces, comments=True)
        elif HEARD.fullmatch(name):
            _hear(package, name, traces)
        elif re.fullmatch(r"ppt/notesSlides/notesSlide\d+\.xml", name):
            traces.count("speaker_notes")
        elif name.endswith(".rels"):
            _relations(package, name, traces)


def _relations(package: zipfile.ZipFile, name: str, traces: Traces) -> None:
    for element in _children(small(package, name)):
        if element.get("TargetMode") == "External":
            target = element.get("Target", "")
            traces.value(
                "", target.removeprefix("mailto:") if "attachedTemplate" in element.get("Type", "") else _place(target)
            )


def _place(target: str) -> str:
    """Links that people wrote are content; only places on somebody's disk are traces."""
    return target if PLACE.search(target) else ""


def _hear(package: zipfile.ZipFile, name: str, traces: Traces, comments: bool = False) -> None:
    stream(package, name, _Office(traces, comments, name))


class _Office:
    """Counts tracked changes, comments and what is hidden in one OOXML part."""

    def __init__(self, traces: Traces, comments: bool, name: str) -> None:
        self._traces = traces
        self._comments = comments
        self._slide = name.startswith("ppt/slides/")
        self._inside = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        traces = self._traces
        who = attribute(attributes, "author") or attribute(attributes, "displayName")
        if tag in TRACKED:
            traces.count("tracked_changes")
            traces.value("change_author", who)
        elif self._comments and tag in ("comment", "cm", "threadedComment"):
            traces.count("comments")
            traces.value("comment_author", who)
        elif tag in ("person", "cmAuthor", "author") and (who or attribute(attributes, "name")):
            traces.value("comment_author", who or attribute(attributes, "name"))
        elif tag == "sheet" and attribute(attributes, "state") in ("hidden", "veryHidden"):
            traces.count("hidden_sheets")
            traces.value("hidden_sheets", attribute(attributes, "name"))
        elif tag in ("row", "col") and attribute(attributes, "hidden") in ("1", "true"):
            traces.count("hidden_rows" if tag == "row" else "hidden_columns")
        elif tag == "sld" and self._slide and attribute(attributes, "show") in ("0", "false"):
            traces.count("hidden_slides")
        elif tag == "vanish" and attribute(attributes, "val") not in ("0", "false"):
            traces.count("hidden_text")
        elif tag == "absPath":
            traces.value("", attribute(attributes, "url"))

    def end(self, tag: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


def _opendocument(package: zipfile.ZipFile, traces: Traces) -> None:
    meta = small(package, "meta.xml")
    for element in meta.iter() if meta is not None else ():
        kind = META.get(local(element.tag)) if isinstance(element.tag, str) else None
        if kind == "custom":
            traces.value(kind, f"{attribute(element.attrib, 'name')} : {element.text}" if element.text else "")
        elif kind:
            traces.value(kind, element.text)
        elif isinstance(element.tag, str) and local(element.tag) == "template":
            traces.value("", attribute(element.attrib, "href"))
    if "content.xml" in package.namelist():
        stream(package, "content.xml", _OpenDocument(traces))


class _OpenDocument:
    """Counts tracked changes, comments and what is hidden in an OpenDocument's content."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._inside: list[str] = []
        self._author = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        traces = self._traces
        if tag == "style":
            self._style = attribute(attributes, "name") or ""
        elif tag in ("table-properties", "drawing-page-properties"):
            shown = attribute(attributes, "display") or attribute(attributes, "visibility")
            if shown in ("false", "hidden"):
                self._hidden_styles.add(self._style)
        elif tag in ("table", "page") and attribute(attributes, "style-name") in self._hidden_styles:
            traces.count("hidden_sheets" if tag == "table" else "hidden_slides")
            traces.value("hidden_sheets" if tag == "table" else "", attribute(attributes, "name"))
        elif tag in ("table-row", "table-column") and attribute(attributes, "visibility") in ("collapse", "filter"):
            traces.count("hidden_rows" if tag == "table-row" else "hidden_columns")
        elif tag in ("annotation", "changed-region"):
            self._inside.append(tag)
            traces.count("comments" if tag == "annotation" else "tracked_changes")
        self._author = tag == "creator" and bool(self._inside)

    def end(self, tag: str) -> None:
        self._author = False
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def data(self, text: str) -> None:
        if self._author:
            self._traces.value("comment_author" if self._inside[-1] == "annotation" else "change_author", text)


def of_pdf(path: Path) -> list[Trace]:
    """The traces in a PDF: its two sets of properties, and the authors of its notes."""
    import pikepdf

    traces = Traces()
    with pikepdf.open(path) as document:
        for key, kind in (
            ("/Author", "author"),
            ("/Title", ""),
            ("/Subject", ""),
            ("/Keywords", ""),
            ("/Company", "company"),
        ):
            traces.value(kind, str(document.docinfo.get(key, "")))
        _xmp(document, traces)
        for page in list(document.pages)[:2_000]:
            _notes(page, traces)
    return traces.found()


def _xmp(document: Any, traces: Traces) -> None:
    stream_object = document.Root.get("/Metadata")
    if stream_object is None:
        return
    text = stream_object.read_bytes()[:1_000_000].decode("utf-8", "replace")
    for block in re.findall(r"<dc:creator>(.*?)</dc:creator>", text, re.S)[:5]:
        for value in re.findall(r"<rdf:li[^>]*>([^<]*)</rdf:li>", block)[:5]:
            traces.value("author", value)
    traces.value("", " ".join(re.findall(r">([^<>]*(?:@|:\\)[^<>]*)<", text)[:20]))


def _notes(page: Any, traces: Traces) -> None:
    """Notes stuck on a page; the fields of a form use the same key for their names."""
    notes = page.obj.get("/Annots")
    for note in list(notes)[:500] if notes is not None else ():
        if note.get("/Subtype") in (
            "/Text",
            "/FreeText",
            "/Highlight",
            "/StrikeOut",
            "/Underline",
            "/Stamp",
            "/Ink",
            "/Caret",
        ):
            traces.count("comments")
            traces.value("comment_author", str(note.get("/T", "")))
