"""OpenDocument without what is hidden: sheets, rows, columns, slides, notes; formulas become their last values."""

from __future__ import annotations

from typing import Any

from community.abilities.reading.cleaning import _drop_tags, _remove
from community.abilities.reading.formats.collector import Damaged
from community.abilities.reading.formats.packages import attribute, local

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
NOT_SHOWN = ("collapse", "filter")
#: what points at other sheets by their names, or keeps values of theirs
POINTING = {"named-expressions", "database-ranges", "data-pilot-tables", "tracked-changes", "content-validations"}


def take_out(parts: Any) -> set[str]:
    """Change the content in its tree. Gives the names of the members that stay."""
    root = parts.tree(CONTENT)
    if root is None:
        raise Damaged("no content")
    hidden_styles = _hidden_styles(root)
    _sheets_and_slides(root, hidden_styles)
    for table in root.iter("{*}table"):
        _rows(table)
        _columns(table)
    for cell in root.iter("{*}table-cell"):
        for key in [key for key in cell.attrib if local(key) in ("formula", "content-validation-name")]:
            del cell.attrib[key]
    _drop_tags(root, POINTING | {"notes", "hidden-text", "hidden-paragraph"})
    kept = _members(parts, root)
    _manifest(parts, kept)
    return kept


def _hidden_styles(root: Any) -> set[str]:
    """The automatic styles of what is not shown."""
    found = set()
    for properties in [*root.iter("{*}table-properties"), *root.iter("{*}drawing-page-properties")]:
        shown = attribute(properties.attrib, "display") or attribute(properties.attrib, "visibility")
        if shown in ("false", "hidden"):
            found.add(attribute(properties.getparent().attrib, "name") or "")
    return found


def _sheets_and_slides(root: Any, hidden_styles: set[str]) -> None:
    for name, parent in (("table", "spreadsheet"), ("page", "presentation")):
        listed = [one for one in root.iter(f"{{*}}{name}") if local(one.getparent().tag) == parent]
        hidden = [one for one in listed if attribute(one.attrib, "style-name") in hidden_styles]
        if listed and len(hidden) == len(listed):
            raise Damaged("nothing_shown")
        for one in hidden:
            _remove(one)


def _rows(table: Any) -> None:
    for row in table.iter("{*}table-row"):
        if attribute(row.attrib, "visibility") in NOT_SHOWN:
            _show(row)
            for cell in list(row):
                _empty(cell)


def _columns(table: Any) -> None:
    """Empty the cells under hidden columns; columns and cells may stand for several."""
    hidden: set[int] = set()
    number = 0
    for column in table.iter("{*}table-column"):
        times = _times(column)
        if attribute(column.attrib, "visibility") in NOT_SHOWN:
            hidden |= set(range(number, number + min(times, 20_000)))
            _show(column)
        number += times
    for row in table.iter("{*}table-row") if hidden else ():
        number = 0
        for cell in list(row):
            if number in hidden:
                _empty(cell)
            number += _times(cell)


def _show(element: Any) -> None:
    """What was emptied has nothing left to hide."""
    for key in [key for key in element.attrib if local(key) == "visibility"]:
        del element.attrib[key]


def _times(element: Any) -> int:
    return int(attribute(element.attrib, "number-columns-repeated") or 1)


def _empty(cell: Any) -> None:
    """A cell keeps its place and its style, and nothing else."""
    for child in list(cell):
        cell.remove(child)
    for key in list(cell.attrib):
        if local(key) not in ("style-name", "number-columns-repeated", "number-columns-spanned", "number-rows-spanned"):
            del cell.attrib[key]


def _members(parts: Any, root: Any) -> set[str]:
    """The objects (charts…) that nothing shows any more are left behind."""
    named = {
        value.removeprefix("./").rstrip("/")
        for element in root.iter()
        for key, value in element.attrib.items()
        if local(key) == "href"
    }
    objects = {name.partition("/")[0] for name in parts.names if name.startswith("Object ")}
    gone = objects - named

    def stays(name: str) -> bool:
        replacement = name.removeprefix("ObjectReplacements/")
        return name.partition("/")[0] not in gone and replacement not in gone and not name.startswith("Thumbnails/")

    return {name for name in parts.names if stays(name)}


def _manifest(parts: Any, kept: set[str]) -> None:
    for entry in list(parts.tree(MANIFEST)) if parts.tree(MANIFEST) is not None else ():
        path = attribute(entry.attrib, "full-path") or ""
        if path != "/" and not path.endswith("/") and path in parts.names and path not in kept:
            entry.getparent().remove(entry)
