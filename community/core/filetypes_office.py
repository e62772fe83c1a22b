"""What an office file is, from the list of its members: ZIP (docx, odt, xlsx…) and the older Microsoft containers (doc, xls).

Only lists and two small members are read here, within bounds that hold before anything is unpacked.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

MAX_MEMBERS = 1_000
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 100
_MAX_LISTING = 512 * 1024
_MAX_XML = 1024 * 1024
_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".jar", ".cab", ".iso", ".zst")

_MAIN = "application/vnd.openxmlformats-officedocument."
_OPEN_XML = {
    _MAIN + "wordprocessingml.document.main+xml": "docx",
    _MAIN + "spreadsheetml.sheet.main+xml": "xlsx",
    _MAIN + "presentationml.presentation.main+xml": "pptx",
    _MAIN + "wordprocessingml.template.main+xml": "template",
    _MAIN + "spreadsheetml.template.main+xml": "template",
    _MAIN + "presentationml.template.main+xml": "template",
    _MAIN + "presentationml.slideshow.main+xml": "slideshow",
    "application/vnd.ms-word.document.macroEnabled.main+xml": "docm",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml": "docm",
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml": "xlsm",
    "application/vnd.ms-excel.template.macroEnabled.main+xml": "xlsm",
    "application/vnd.ms-excel.addin.macroEnabled.main+xml": "xlsm",
    "application/vnd.ms-excel.sheet.binary.macroEnabled.main": "xlsb",
    "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml": "pptm",
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml": "pptm",
    "application/vnd.ms-powerpoint.template.macroEnabled.main+xml": "pptm",
    "application/vnd.ms-visio.drawing.main+xml": "drawing",
}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/vnd.oasis.opendocument.graphics": "drawing",
}
_ACCEPTED = {"docx", "xlsx", "pptx", "odt", "ods", "odp", "doc", "xls"}


class OfficeRefused(Exception):
    """What it is instead (``zip``, ``docm``…) or what is wrong with it (a key of filetypes.REASONS)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def look_at_zip(path: Path) -> str:
    """The extension of the office file that this ZIP is; raises OfficeRefused."""
    _check_listing(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _look_inside(archive, path.stat().st_size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError) as error:
        raise OfficeRefused("wrong") from error
    except Exception as error:
        if isinstance(error, OfficeRefused):
            raise
        raise OfficeRefused("wrong") from error  # zlib.error and the like: a member is damaged


def _look_inside(archive: zipfile.ZipFile, packed: int) -> str:
    members = archive.infolist()
    names = {member.filename for member in members}
    check_bounds(members, packed)
    if any(member.flag_bits & 0x1 for member in members):
        raise OfficeRefused("password")
    kind = _kind(archive, names)
    if kind not in _ACCEPTED:
        raise OfficeRefused(kind)
    if _has_macros(names):
        raise OfficeRefused("macros")
    if any(name.lower().endswith(_ARCHIVES) for name in names):
        raise OfficeRefused("archive")
    return kind


def check_bounds(members: list[zipfile.ZipInfo], packed: int) -> None:
    """Members, unpacked size and ratio, as the archive announces them (readers never unpack more than announced)."""
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
        raise OfficeRefused("bomb")


def _kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "[Content_Types].xml" in names:
        return _open_xml_kind(_read(archive, "[Content_Types].xml"))
    if "mimetype" in names:
        return _open_document_kind(archive, names)
    if "AndroidManifest.xml" in names:
        return "apk"
    return "jar" if "META-INF/MANIFEST.MF" in names else "zip"


def _open_xml_kind(types: bytes) -> str:
    words = types.decode("utf-8", "replace")
    found = [kind for content, kind in _OPEN_XML.items() if f'"{content}"' in words or f"'{content}'" in words]
    worst = [kind for kind in found if kind not in _ACCEPTED]
    return (worst or found or ["openxml"])[0]


def _open_document_kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    said = _read(archive, "mimetype").strip()
    if said == b"application/epub+zip":
        return "epub"
    if b"encryption-data" in (_read(archive, "META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""):
        raise OfficeRefused("password")
    if said.endswith(b"-template"):
        return "template"
    return _OPEN_DOCUMENT.get(said, "opendocument" if b"opendocument" in said else "zip")


def _has_macros(names: set[str]) -> bool:
    lower = {name.lower() for name in names}
    office = any(name.endswith(("vbaproject.bin", "vbadata.xml")) or "/macrosheets/" in name for name in lower)
    return office or any(name.startswith(("basic/", "scripts/")) and not name.endswith("/") for name in lower)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(_MAX_XML)


def _check_listing(path: Path) -> None:
    """Refuse an archive whose list alone would fill the memory, before the library reads it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 66_000))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + 22:
            raise OfficeRefused("wrong")
        members, listing = (
            struct.unpack("<H", tail[at + 10 : at + 12])[0],
            struct.unpack("<I", tail[at + 12 : at + 16])[0],
        )
        if at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07":
            file.seek(min(struct.unpack("<Q", tail[at - 12 : at - 4])[0], size))
            wide = file.read(56)
            if wide[:4] != b"PK\x06\x06" or len(wide) < 56:
                raise OfficeRefused("wrong")
            members, listing = struct.unpack("<Q", wide[32:40])[0], struct.unpack("<Q", wide[40:48])[0]
    if members > MAX_MEMBERS or listing > _MAX_LISTING:
        raise OfficeRefused("bomb")


# --- the older containers (OLE) -----------------------------------------------------------------------------------------

_SECTORS = 4_000
_OLE_KINDS = (
    ("EncryptedPackage", "password"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
    ("VisioDocument", "drawing"),
    ("\u4840\u3b3f\u43f2\u4438\u45b1", "msi"),
)


def look_at_ole(path: Path) -> str:
    """« doc » or « xls », from the names of the streams inside; raises OfficeRefused."""
    try:
        names = _ole_names(path)
    except (struct.error, IndexError, ValueError) as error:
        raise OfficeRefused("wrong") from error
    kind = next((kind for name, kind in _OLE_KINDS if name in names), "ole")
    if kind in ("doc", "xls") and names & {"Macros", "_VBA_PROJECT_CUR", "VBA", "_VBA_PROJECT"}:
        raise OfficeRefused("macros")
    if kind not in _ACCEPTED:
        raise OfficeRefused(kind)
    return kind


def _ole_names(path: Path) -> set[str]:
    """The names in the directory, found by following its chain of sectors."""
    with path.open("rb") as file:
        header = file.read(512)
        sector = 1 << struct.unpack("<H", header[30:32])[0]
        if sector not in (512, 4096):
            raise ValueError(sector)

        def read(number: int) -> bytes:
            file.seek((number + 1) * sector)
            return file.read(sector)

        tables = [number for number in struct.unpack("<109I", header[76:512]) if number < 0xFFFFFFFA]
        per_table = sector // 4
        names: set[str] = set()
        number = struct.unpack("<I", header[48:52])[0]
        for _step in range(_SECTORS):
            if number >= 0xFFFFFFFA:
                break
            names |= _entries(read(number))
            table = read(tables[number // per_table])
            number = struct.unpack("<I", table[number % per_table * 4 : number % per_table * 4 + 4])[0]
    return names


def _entries(sector: bytes) -> set[str]:
    names = set()
    for at in range(0, len(sector) - 127, 128):
        length = struct.unpack("<H", sector[at + 64 : at + 66])[0]
        if 2 <= length <= 64:
            names.add(sector[at : at + length - 2].decode("utf-16-le", "replace"))
    return names
