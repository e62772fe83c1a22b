"""What runs in the subprocess that reads a file: plain paths in, plain values out, nothing of the application.

Each function is one stay in the sandbox, so that a file that breaks its drawing still gives its text.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from community.abilities.reading.formats.collector import Collector, Damaged, Encrypted

OFFICE = ("docx", "odt", "xlsx", "ods", "pptx", "odp")
#: module of formats/ and its function; loaded when it is needed, since each brings a library and every file a new process
READERS = {
    "pdf": ("pdf", "read"),
    "docx": ("word", "read"),
    "odt": ("opendocument", "read_text"),
    "xlsx": ("spreadsheet", "read"),
    "ods": ("opendocument", "read_sheets"),
    "pptx": ("slides", "read"),
    "odp": ("opendocument", "read_slides"),
    "csv": ("plain", "read_table"),
    "txt": ("plain", "read"),
    "md": ("plain", "read"),
}
#: what people count in each kind; a text without pages of its own has parts
UNITS = {"pdf": "page", "xlsx": "sheet", "ods": "sheet", "pptx": "slide", "odp": "slide"}


def look(arguments: dict[str, Any]) -> dict[str, Any]:
    """What is hidden in the file and whose traces it bears: {findings, traces, damaged}."""
    from community.abilities.reading import personal_traces, structure

    path, extension = Path(arguments["path"]), arguments["extension"]
    findings: list[str] = []
    traces: list[Any] = []
    try:
        if extension == "pdf":
            findings = structure.check_pdf(path)
            traces = personal_traces.of_pdf(path)
        elif extension in OFFICE:
            findings = structure.check_package(path)
            traces = personal_traces.of_office(path) if "bomb" not in findings else []
    except Encrypted:
        return {"findings": ["password"], "traces": []}
    except Damaged:
        return {"findings": ["unreadable"], "traces": []}
    return {"findings": findings, "traces": traces}


def read(arguments: dict[str, Any]) -> dict[str, Any]:
    """The text, one line of JSON a page in the file ``out``: {pages, unit, parts, characters, truncated}."""
    extension = arguments["extension"]
    try:
        with Collector(Path(arguments["out"]), arguments["seconds"]) as into:
            module, name = READERS[extension]
            reader = getattr(import_module(f"community.abilities.reading.formats.{module}"), name)
            count = reader(Path(arguments["path"]), into)
    except Encrypted:
        return {"failed": "password"}
    except Damaged:
        return {"failed": "unreadable"}
    unit = UNITS.get(extension, "page" if count is True else "part")
    pages = into.pages if unit == "part" or count is True else count
    found = {"pages": pages, "unit": unit, "parts": into.pages, "characters": into.characters}
    return found | {"truncated": into.truncated}


def draw(arguments: dict[str, Any]) -> dict[str, Any]:
    """The first pages as images in a folder: {names, width, height}; no name when nothing could be drawn."""
    from community.abilities.reading.formats import pdf, pictures

    path, folder = Path(arguments["path"]), Path(arguments["folder"])
    try:
        if arguments["extension"] == "pdf":
            return {"names": pdf.draw(path, folder, arguments["most"])}
        names, size = pictures.draw(path, folder)
        return {"names": names, **size}
    except (Damaged, Encrypted) as error:
        return {"names": [], "failed": str(error)}


def clean(arguments: dict[str, Any]) -> dict[str, Any]:
    """The copy without traces, written to ``out`` (``hidden``: without what is hidden either): {traces} left, or {failed}."""
    from community.abilities.reading import cleaning, hiding, personal_traces

    extension, out = arguments["extension"], Path(arguments["out"])
    try:
        cleaning.clean(Path(arguments["path"]), out, extension)
        if arguments.get("hidden"):
            hiding.without_hidden(out, out.with_suffix(".bare"), extension)
            out.with_suffix(".bare").replace(out)
        left = personal_traces.of_pdf(out) if extension == "pdf" else personal_traces.of_office(out)
    except (Damaged, Encrypted) as error:
        return {"failed": str(error)}
    return {"traces": left}
