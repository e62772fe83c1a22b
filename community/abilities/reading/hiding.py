"""The copy of an Office file without what its author had hidden: sheets, rows, columns, slides, speaker's notes, hidden text.

Taking cells out would change what formulas give: every formula of such a copy is replaced by its last value. What only the
hidden parts used (their charts, the caches of pivot tables, the words of their cells) goes with them. Runs in the subprocess.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from community.abilities.reading.cleaning import _drop_tags, _remove
from community.abilities.reading.formats.collector import Damaged
from community.abilities.reading.formats.packages import attribute, local, opened, parser

#: the kinds of traces (verdicts.TRACES) that this copy takes away
HIDDEN = ("hidden_sheets", "hidden_rows", "hidden_columns", "hidden_slides", "hidden_text", "speaker_notes")
ROOT_RELATIONS, TYPES = "_rels/.rels", "[Content_Types].xml"
#: relations of a workbook or a sheet that keep values of elsewhere: the cells hold what people saw of them
CACHES = {"pivotCacheDefinition", "externalLink", "calcChain", "pivotTable", "sheetMetadata"}
_COLUMN = re.compile(r"[A-Z]+")


class Parts:
    """The parts of a package as trees, read when they are needed; what was read is written anew."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.names = set(package.namelist())
        self.trees: dict[str, Any] = {}

    def tree(self, name: str) -> Any:
        """The root of a part; None when there is none."""
        if name not in self.trees and name in self.names:
            with self.package.open(name) as member:
                self.trees[name] = etree.parse(member, parser(huge=True)).getroot()
        return self.trees.get(name)

    def relations(self, part: str) -> Any:
        folder, _slash, name = part.rpartition("/")
        return self.tree(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")

    def targets(self, part: str) -> dict[str, str]:
        """Relation id → the part that it leads to."""
        folder, found = part.rpartition("/")[0], {}
        for element in elements(self.relations(part)):
            if element.get("TargetMode") != "External":
                target = element.get("Target", "")
                found[element.get("Id", "")] = (
                    target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                )
        return found

    def forget(self, part: str, ids: Iterable[str] = (), kinds: Iterable[str] = ()) -> None:
        """Take these relations of a part away."""
        gone, kinds = set(ids), set(kinds)
        for element in elements(self.relations(part)):
            if element.get("Id") in gone or element.get("Type", "").rpartition("/")[2] in kinds:
                element.getparent().remove(element)


def elements(tree: Any) -> list[Any]:
    return [one for one in tree if isinstance(one.tag, str)] if tree is not None else []


def find_all(tree: Any, *names: str) -> list[Any]:
    """Every element below with one of these local names."""
    return [one for name in names for one in tree.iter(f"{{*}}{name}")] if tree is not None else []


def without_hidden(source: Path, target: Path, extension: str) -> None:
    """Write the copy. Raises Damaged when the file cannot be taken apart, or has nothing but what is hidden."""
    from community.abilities.reading import hiding_odf

    with opened(source) as package, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        parts = Parts(package)
        if extension in ("odt", "ods", "odp"):
            kept = hiding_odf.take_out(parts)
        else:
            {"xlsx": _sheets, "pptx": _slides, "docx": _runs}[extension](parts)
            kept = _reachable(parts)
            _forget_types(parts, kept)
        for info in package.infolist():
            if info.filename in kept and not info.is_dir():
                _write(parts, info, made)


def _write(parts: Parts, info: zipfile.ZipInfo, made: zipfile.ZipFile) -> None:
    bare = zipfile.ZipInfo(info.filename)
    bare.compress_type = info.compress_type
    tree = parts.trees.get(info.filename)
    if tree is not None:
        made.writestr(bare, etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))
        return
    with parts.package.open(info) as member, made.open(bare, "w") as out:
        while chunk := member.read(64 * 1024):
            out.write(chunk)


def _reachable(parts: Parts) -> set[str]:
    """What the relations lead to from the root: the parts that only hidden ones used are left behind."""
    kept, todo = {TYPES, ROOT_RELATIONS}, list(parts.targets("").values())
    while todo:
        part = todo.pop()
        if part in kept or part not in parts.names:
            continue
        folder, _slash, name = part.rpartition("/")
        kept |= {part, f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"}
        todo += parts.targets(part).values()
    return kept


def _forget_types(parts: Parts, kept: set[str]) -> None:
    types = parts.tree(TYPES)
    for element in elements(types):
        if local(element.tag) == "Override" and element.get("PartName", "").lstrip("/") not in kept:
            types.remove(element)
    properties = parts.tree("docProps/app.xml")
    if properties is not None:  # it lists sheets and slides by their names
        _drop_tags(properties, {"TitlesOfParts", "HeadingPairs"})


# --- workbooks ----------------------------------------------------------------------------------------------------------


def _sheets(parts: Parts) -> None:
    book, targets = "xl/workbook.xml", parts.targets("xl/workbook.xml")
    root = parts.tree(book)
    listed = find_all(root, "sheet")
    hidden = [one for one in listed if one.get("state") in ("hidden", "veryHidden")]
    shown = [one for one in listed if one not in hidden]
    if not shown:
        raise Damaged("nothing_shown")
    names = [one.get("name", "") for one in hidden]
    _names_in_workbook(root, listed, shown, names)
    parts.forget(book, [attribute(one.attrib, "id") or "" for one in hidden], CACHES)
    for one in hidden:
        _remove(one)
    used: set[int] = set()
    for one in shown:
        part = targets.get(attribute(one.attrib, "id") or "", "")
        parts.forget(part, kinds=CACHES)
        used |= _sheet(parts.tree(part), names)
    _strings(parts.tree("xl/sharedStrings.xml"), used)
    for name in [name for name in parts.names if name.startswith("xl/tables/")]:
        _drop_tags(parts.tree(name), {"calculatedColumnFormula", "totalsRowFormula"})


def _names_in_workbook(root: Any, listed: list[Any], shown: list[Any], hidden: list[str]) -> None:
    """Names that speak of a hidden sheet go; those of a sheet follow its new place; no view opens on one that is gone."""
    _drop_tags(root, {"pivotCaches", "externalReferences"})
    for view in find_all(root, "workbookView"):
        for key in ("activeTab", "firstSheet"):
            view.attrib.pop(key, None)
    place = {listed.index(one): shown.index(one) for one in shown}
    for name in find_all(root, "definedName"):
        of = name.get("localSheetId")
        if _speaks_of(name, hidden) or (of is not None and int(of) not in place):
            _remove(name)
        elif of is not None:
            name.set("localSheetId", str(place[int(of)]))
    for holder in find_all(root, "definedNames"):
        if not len(holder):
            _remove(holder)


def _speaks_of(element: Any, sheets: list[str]) -> bool:
    words = " ".join((*element.itertext(), *element.attrib.values()))
    return any(f"{name}!" in words or f"{name.replace(chr(39), chr(39) * 2)}'!" in words for name in sheets)


def _sheet(root: Any, hidden: list[str]) -> set[int]:
    """Empty what is hidden, keep values instead of formulas. Gives the shared strings that are still used."""
    if root is None:
        return set()
    columns = [(int(col.get("min")), int(col.get("max"))) for col in find_all(root, "col") if _is_true(col, "hidden")]
    for row in find_all(root, "row"):
        place = 0
        for cell in elements(row):
            place = _column(cell) or place + 1  # a cell that does not say where it is follows the one before
            if _is_true(row, "hidden") or any(first <= place <= last for first, last in columns):
                row.remove(cell)
            else:
                _freeze(cell)
    for emptied in find_all(root, "row", "col"):
        emptied.attrib.pop("hidden", None)
    for rule in find_all(root, "dataValidation", "cfRule", "hyperlink", "sparklineGroup"):
        if _speaks_of(rule, hidden):
            _remove(rule)
    for holder in find_all(root, "dataValidations", "conditionalFormatting", "hyperlinks", "sparklineGroups"):
        if not find_all(holder, "dataValidation", "cfRule", "hyperlink", "sparklineGroup"):
            _remove(holder)
    return {int(value.text) for cell in root.iter("{*}c") if cell.get("t") == "s" for value in cell.iter("{*}v")}


def _freeze(cell: Any) -> None:
    formula = cell.find("{*}f")
    if formula is not None and cell.find("{*}v") is not None:
        cell.remove(formula)


def _is_true(element: Any, name: str) -> bool:
    return element.get(name) in ("1", "true")


def _column(cell: Any) -> int:
    """The number of a cell's column: « C7 » is in the third. 0 when it does not say."""
    letters = _COLUMN.match(cell.get("r", ""))
    number = 0
    for letter in letters[0] if letters else "":
        number = number * 26 + ord(letter) - 64
    return number


def _strings(table: Any, used: set[int]) -> None:
    """The words of cells that are gone are emptied where they are kept; the others keep their numbers."""
    for number, item in enumerate(find_all(table, "si")):
        if number not in used:
            for child in list(item):
                item.remove(child)
            etree.SubElement(item, item.tag.replace("}si", "}t"))


# --- presentations and texts --------------------------------------------------------------------------------------------


def _slides(parts: Parts) -> None:
    deck = "ppt/presentation.xml"
    root, targets = parts.tree(deck), parts.targets(deck)
    listed = find_all(root, "sldId")
    slides = {attribute(one.attrib, "id"): one for one in listed if local(one.getparent().tag) == "sldIdLst"}
    by_relation = {_relation_id(one): one for one in slides.values()}
    gone = {id for id in by_relation if parts.tree(targets.get(id, "")).get("show") in ("0", "false")}
    if len(gone) == len(by_relation):
        raise Damaged("nothing_shown")
    removed = {targets[id] for id in gone}
    numbers = {by_relation[id].get("id") for id in gone}
    for one in find_all(root, "sldId"):
        if _relation_id(one) in gone or one.get("id") in numbers:
            _remove(one)
    _drop_tags(root, {"custShowLst", "notesMasterIdLst"})
    parts.forget(deck, gone, {"notesMaster"})
    for id in by_relation.keys() - gone:
        _links_between(parts, targets[id], removed)


def _relation_id(element: Any) -> str:
    """r:id, beside the plain id of the same element."""
    return next((value for key, value in element.attrib.items() if key.endswith("}id")), "")


def _links_between(parts: Parts, slide: str, removed: set[str]) -> None:
    """A slide loses its notes, and its links to slides that are gone."""
    dead = {id for id, target in parts.targets(slide).items() if target in removed}
    parts.forget(slide, dead, {"notesSlide"})
    for link in find_all(parts.tree(slide), "hlinkClick", "hlinkHover"):
        if _relation_id(link) in dead:
            _remove(link)


def _runs(parts: Parts) -> None:
    """Text that is not shown (Word calls it « vanish »)."""
    for name in parts.names:
        if not re.fullmatch(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml", name):
            continue
        for mark in find_all(parts.tree(name), "vanish"):
            holder = mark.getparent().getparent()
            if attribute(mark.attrib, "val") in ("0", "false"):
                continue
            _remove(holder if holder is not None and local(holder.tag) == "r" else mark)
