"""What a file may hide that its name and its first bytes do not say: code, other files, calls to elsewhere.

Every finding is a code (see verdicts.py for the words and for what follows from it). Runs in the subprocess that reads
files, and knows nothing of the application.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from community.abilities.reading.formats.collector import Damaged, Encrypted
from community.abilities.reading.formats.packages import Enough, attribute, opened, small, stream

MOST_MEMBERS = 1_000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 100
RATIO_FROM = 1024 * 1024
MOST_OBJECTS = 300_000
MACROS = re.compile(
    r"(?i)(^|/)(vbaproject(signature)?\.bin|vbadata\.xml|macrosheets/|intlmacrosheets/|activex/)|^(basic|scripts)/"
)
EMBEDDED = re.compile(r"(?i)(^|/)(embeddings/|oleobject)|^object ?\d+$|^objectreplacements/ole")
#: what begins like this inside a document is a program or an archive, whatever its name
FOREIGN = (
    b"MZ",
    b"\x7fELF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"MSCF",
    b"PK\x03\x04",
    b"#!",
    b"\xca\xfe\xba\xbe",
)
FOREIGN_NAMES = re.compile(
    r"(?i)\.(exe|dll|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|jar|msi|lnk|sh|py|zip|rar|7z|gz|tar|cab|iso)$"
)
PACKAGE_NAMES = re.compile(r"(?i)embeddings/[^/]+\.(xlsx|docx|pptx|ods|odt|odp)$")
#: relations that fetch something when the file is opened, without a click
CALLING = {
    "attachedTemplate",
    "oleObject",
    "frame",
    "subDocument",
    "externalLink",
    "externalLinkPath",
    "connections",
    "image",
}
#: elements of OpenDocument that fetch what they name
ODF_CALLING = {"image", "object", "object-ole", "plugin", "applet", "floating-frame", "section-source", "table-source"}
PDF_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|ImportData|GoToE|RichMedia|Rendition|Movie|Sound|XFA)\b")
PDF_FILES = re.compile(rb"/(EmbeddedFile|EmbeddedFiles|EF|FileAttachment)\b")


def check_package(path: Path) -> list[str]:
    """Findings in an Office file, the gravest kinds first in verdicts.py; [] when there is none."""
    with opened(path) as package:
        infos = package.infolist()
        sizes = check_sizes(infos)
        if sizes:
            return sizes
        found = {finding for info in infos for finding in _member(package, info)}
        found |= _calls(package) | _fields(package) | _odf_calls(package)
        if _odf_encrypted(package):
            raise Encrypted
        return sorted(found)


def check_sizes(infos: list[zipfile.ZipInfo]) -> list[str]:
    """A zip bomb, by what its directory announces (reading stops at what was announced, so lying does not help)."""
    unpacked = sum(info.file_size for info in infos)
    swollen = any(
        info.file_size > RATIO_FROM and info.file_size > MOST_RATIO * max(1, info.compress_size) for info in infos
    )
    return ["bomb"] if len(infos) > MOST_MEMBERS or unpacked > MOST_UNPACKED or swollen else []


def _member(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> set[str]:
    name = info.filename
    if info.flag_bits & 0x1:
        raise Encrypted
    if MACROS.search(name) and not info.is_dir():
        return {"macros"}
    if name.endswith(("[Content_Types].xml", "META-INF/manifest.xml")):
        return _declared(package, info)
    if name.endswith((".xml", ".rels")) or info.is_dir():
        return set()
    with package.open(info) as member:
        start = member.read(8)
    if PACKAGE_NAMES.search(name) or (EMBEDDED.search(name) and not start.startswith(b"MZ")):
        return {"embedded"}
    if FOREIGN_NAMES.search(name) or start.startswith(FOREIGN):
        return {"archive_inside"}
    return set()


def _declared(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> set[str]:
    """A docm under the name of a docx says so in its list of contents."""
    with package.open(info) as member:
        text = member.read(1024 * 1024).lower()
    return {"macros"} if b"macroenabled" in text or b"vbaproject" in text else set()


def _odf_encrypted(package: zipfile.ZipFile) -> bool:
    manifest = small(package, "META-INF/manifest.xml")
    return manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None


def _calls(package: zipfile.ZipFile) -> set[str]:
    """Relations to the outside that are followed when the file is opened (a link that one clicks is none)."""
    found = set()
    for name in package.namelist():
        tree = small(package, name) if name.endswith(".rels") else None
        for element in tree if tree is not None else ():
            kind = element.get("Type", "").rpartition("/")[2]
            if element.get("TargetMode") == "External" and kind in CALLING and not _ordinary(element.get("Target", "")):
                found.add("calls_outside")
    return found


def _ordinary(target: str) -> bool:
    """The template that Word notes on the author's own disk is a trace, not a call."""
    return not re.match(r"(?i)(https?|ftps?|file://(?!/)|\\\\|mhtml|ms-)", target.strip())


class _Fields:
    """Hears the field codes of a docx and the formulas of a sheet that start a program (DDE)."""

    def __init__(self) -> None:
        self.found = False
        self._inside = False
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._inside = tag in ("instrText", "ddeLink", "f")
        if tag == "ddeLink" or (tag == "fldSimple" and _is_dde(attribute(attributes, "instr") or "")):
            self.found = True
            raise Enough

    def end(self, tag: str) -> None:
        if tag == "p" and self._text:
            self._judge()
        self._inside = False

    def data(self, text: str) -> None:
        if self._inside:
            self._text.append(text)
            if len(self._text) > 100:
                self._judge()

    def _judge(self) -> None:
        if _is_dde("".join(self._text)):
            self.found = True
            raise Enough
        self._text = []


def _is_dde(code: str) -> bool:
    return re.search(r"(?i)\bDDE(AUTO)?\b|\bcmd\s*\|", code) is not None


def _fields(package: zipfile.ZipFile) -> set[str]:
    for name in package.namelist():
        if name == "word/document.xml" or re.match(r"xl/externalLinks/[^/]+\.xml$", name):
            fields = _Fields()
            stream(package, name, fields)
            if fields.found:
                return {"calls_outside"}
    return set()


class _OdfCalls:
    """Hears what an OpenDocument fetches or runs when it is opened."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        target = attribute(attributes, "href") or ""
        if tag == "event-listener" and re.match(r"(?i)(vnd\.sun\.star\.script|macro):", target):
            self.found.add("code")
        elif tag in ("dde-source", "dde-connection-decl") or (tag in ODF_CALLING and not _ordinary(target)):
            self.found.add("calls_outside")

    def end(self, tag: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


def _odf_calls(package: zipfile.ZipFile) -> set[str]:
    reader = _OdfCalls()
    for name in ("content.xml", "styles.xml"):
        if name in package.namelist():
            stream(package, name, reader)
    return reader.found


def check_pdf(path: Path) -> list[str]:
    """Code and files inside a PDF: every object is looked at, since a reader may be led to any of them."""
    import pikepdf

    try:
        with pikepdf.open(path) as document:
            if len(document.objects) > MOST_OBJECTS:
                return ["too_complex"]
            found: set[str] = set()
            for item in document.objects:
                found |= _pdf_object(item)
            return sorted(found)
    except pikepdf.PasswordError as error:
        raise Encrypted from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise Damaged(type(error).__name__) from error


def _pdf_object(item: Any) -> set[str]:
    import pikepdf

    if isinstance(item, pikepdf.Stream):
        written = pikepdf.Dictionary(dict(item.items())).unparse()
    elif isinstance(item, (pikepdf.Dictionary, pikepdf.Array)):
        written = item.unparse(resolved=True)
    else:
        return set()
    found = {"code"} if PDF_ACTIVE.search(written) else set()
    return found | ({"files_inside"} if PDF_FILES.search(written) else set())
