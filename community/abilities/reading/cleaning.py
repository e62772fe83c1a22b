"""A copy without personal traces: properties emptied, comments taken out, tracked changes accepted.

What cannot go without changing what the file says (a hidden sheet that formulas read, speaker's notes) stays, and is told.
Runs in the subprocess that reads files.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from community.abilities.reading.formats.packages import attribute, local, opened, parser

KINDS = ("docx", "xlsx", "pptx", "odt", "ods", "odp", "pdf")
#: parts of OOXML that exist only to say who wrote what
DROPPED = re.compile(
    r"(?i)^docProps/custom\.xml$|^word/(comments[^/]*|people)\.xml$|^xl/(comments[^/]*|threadedComments/[^/]+|persons/[^/]+)(\.xml)?$"
    r"|^xl/comments/[^/]+$|^ppt/(comments/[^/]+|commentAuthors\.xml|authors\.xml)$|^customXml/item\d*\.xml\.never$"
)
EMPTIED = {
    "docProps/core.xml": {
        "creator",
        "lastModifiedBy",
        "keywords",
        "description",
        "category",
        "revision",
        "lastPrinted",
    },
    "docProps/app.xml": {"Company", "Manager", "Template", "TotalTime", "HyperlinkBase"},
}
META = {
    "initial-creator",
    "creator",
    "printed-by",
    "editing-cycles",
    "editing-duration",
    "user-defined",
    "print-date",
    "template",
}
REVISED = re.compile(r"^word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml$")
GONE = {
    "del",
    "moveFrom",
    "rPrChange",
    "pPrChange",
    "sectPrChange",
    "tblPrChange",
    "tcPrChange",
    "trPrChange",
    "tblGridChange",
}
GONE |= {
    "numberingChange",
    "cellDel",
    "cellIns",
    "moveFromRangeStart",
    "moveFromRangeEnd",
    "moveToRangeStart",
    "moveToRangeEnd",
}
GONE |= {"commentRangeStart", "commentRangeEnd", "commentReference"}
UNWRAPPED = {"ins", "moveTo"}
Cleaner = Callable[[Any], None]


def clean(source: Path, target: Path, extension: str) -> None:
    """Write the cleaned copy. Raises Damaged (or a library's error) when the file cannot be taken apart."""
    if extension == "pdf":
        _clean_pdf(source, target)
        return
    with opened(source) as package, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        gone = {name for name in package.namelist() if DROPPED.match(name)}
        for info in package.infolist():
            if info.filename not in gone:
                _copy(package, info, made, gone)


def _copy(package: zipfile.ZipFile, info: zipfile.ZipInfo, made: zipfile.ZipFile, gone: set[str]) -> None:
    """One member: rewritten when it holds traces, else copied a piece at a time. Dates of members are traces too."""
    name = info.filename
    bare = zipfile.ZipInfo(name)
    bare.compress_type = info.compress_type
    cleaner = _cleaner(name, gone)
    if cleaner is None:
        with package.open(info) as member, made.open(bare, "w") as out:
            while chunk := member.read(64 * 1024):
                out.write(chunk)
        return
    with package.open(info) as member:
        tree = etree.parse(member, parser())
    cleaner(tree.getroot())
    made.writestr(bare, etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))


def _cleaner(name: str, gone: set[str]) -> Cleaner | None:
    if name in EMPTIED:
        return lambda root: _empty(root, EMPTIED[name])
    if name == "[Content_Types].xml":
        return lambda root: _drop(root, lambda one: one.get("PartName", "").lstrip("/") in gone)
    if name.endswith(".rels"):
        return lambda root: _drop(root, lambda one: _leads_to(one, name, gone))
    if REVISED.match(name):
        return _accept_changes
    if re.fullmatch(r"word/(styles\w*|numbering)\.xml", name):
        return _forget_sessions
    if name == "word/settings.xml":
        return lambda root: _drop_tags(root, {"rsids", "trackRevisions", "attachedTemplate", "docVars"})
    if name == "xl/workbook.xml":
        return lambda root: _drop_tags(root, {"absPath", "fileSharing"})
    if name == "meta.xml":
        return lambda root: _drop_tags(root, META)
    if name == "content.xml":
        return _accept_odf_changes
    return None


def _empty(root: Any, tags: set[str]) -> None:
    for element in root:
        if isinstance(element.tag, str) and local(element.tag) in tags:
            element.text = "1" if local(element.tag) == "revision" else "0" if local(element.tag) == "TotalTime" else ""
            if local(element.tag) in ("lastPrinted", "Template"):
                root.remove(element)


def _leads_to(element: Any, name: str, gone: set[str]) -> bool:
    """Whether this relation points to a part that is taken out (or to a template on somebody's disk)."""
    if element.get("Type", "").endswith("/attachedTemplate"):
        return True
    if element.get("TargetMode") == "External":
        return False
    import posixpath

    folder = name.rpartition("_rels/")[0]
    target = element.get("Target", "")
    place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(folder + target)
    return place in gone


def _drop(root: Any, unwanted: Callable[[Any], bool]) -> None:
    for element in list(root):
        if isinstance(element.tag, str) and unwanted(element):
            root.remove(element)


def _drop_tags(root: Any, tags: set[str]) -> None:
    for element in [one for one in root.iter() if isinstance(one.tag, str) and local(one.tag) in tags]:
        _remove(element)


def _remove(element: Any) -> None:
    """Take an element out; the text that follows it stays."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _unwrap(element: Any) -> None:
    """The element goes, its children take its place."""
    parent = element.getparent()
    if parent is None:
        return
    at = parent.index(element)
    for child in reversed(list(element)):
        parent.insert(at, child)
    parent.remove(element)


def _accept_changes(root: Any) -> None:
    """docx: what was inserted stays as if it had always been there, what was struck out goes, marks of editing too."""
    for paragraph in [one for one in root.iter("{*}p") if _ends_deleted(one)]:
        _join_with_next(paragraph)
    for element in [one for one in root.iter() if isinstance(one.tag, str) and local(one.tag) in GONE | UNWRAPPED]:
        if local(element.tag) in UNWRAPPED and local(element.getparent().tag) not in ("rPr", "trPr"):
            _unwrap(element)
        else:
            _remove(element)
    _forget_sessions(root)


def _forget_sessions(root: Any) -> None:
    """The numbers by which Word tells the sittings of an author apart."""
    _drop_tags(root, {"rsid"})
    for element in root.iter():
        for key in [key for key in element.attrib if local(key).startswith("rsid")]:
            del element.attrib[key]


def _ends_deleted(paragraph: Any) -> bool:
    return paragraph.find("{*}pPr/{*}rPr/{*}del") is not None


def _join_with_next(paragraph: Any) -> None:
    """A struck out end of paragraph: its content goes before that of the next one."""
    following = paragraph.getnext()
    if following is None or local(following.tag) != "p":
        return
    at = 1 if len(following) and local(following[0].tag) == "pPr" else 0
    for child in reversed([one for one in paragraph if local(one.tag) != "pPr"]):
        following.insert(at, child)
    _remove(paragraph)


def _accept_odf_changes(root: Any) -> None:
    """OpenDocument keeps what was struck out apart: taking the list and its marks out accepts every change."""
    _drop_tags(root, {"tracked-changes", "change", "change-start", "change-end", "annotation", "annotation-end"})


def _clean_pdf(source: Path, target: Path) -> None:
    import pikepdf

    with pikepdf.open(source) as document:
        for key in ("/Metadata", "/PieceInfo"):
            if key in document.Root:
                del document.Root[key]
        if "/Info" in document.trailer:
            del document.trailer["/Info"]
        for page in document.pages:
            for key in ("/Metadata", "/PieceInfo", "/LastModified"):
                if key in page.obj:
                    del page.obj[key]
            _anonymous_notes(page)
        document.save(target, deterministic_id=True, fix_metadata_version=False)


def _anonymous_notes(page: Any) -> None:
    """Notes keep their words and lose their authors; a form's fields need theirs (it is their name)."""
    notes = page.obj.get("/Annots")
    for note in list(notes) if notes is not None else ():
        if (
            attribute(dict(note.items()), "/Subtype") != "/Widget"
            and note.get("/Subtype") != "/Widget"
            and "/T" in note
        ):
            del note["/T"]
