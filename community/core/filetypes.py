"""What files are accepted, and what a file really is: by its first bytes and its structure, never by its name alone.

``judge()`` is cheap and runs in the request, on a file that is on disk: it says what the file is, or refuses it with a
sentence that helps. What costs (decoding, unpacking, parsing) is ``core/filechecks.py``, which the worker runs in a sandbox.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from community.core.errors import Invalid
from community.core.filetypes_images import MAX_PIXELS, image_size
from community.core.filetypes_office import OfficeRefused, look_at_ole, look_at_zip

MEGABYTE = 1024 * 1024
HEAD = 4096
MAX_NAME = 120


@dataclass(frozen=True)
class FileType:
    """A type that is accepted. ``download_only``: kept as it is, never opened by the site."""

    media_type: str
    extension: str
    label: Any
    download_only: bool = False
    aliases: tuple[str, ...] = ()


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
TYPES = (
    FileType("application/pdf", "pdf", _l("document PDF")),
    FileType(_OPEN_XML + "wordprocessingml.document", "docx", _l("document Word")),
    FileType(_OPEN_DOCUMENT + "text", "odt", _l("document texte OpenDocument")),
    FileType(_OPEN_XML + "spreadsheetml.sheet", "xlsx", _l("classeur Excel")),
    FileType(_OPEN_DOCUMENT + "spreadsheet", "ods", _l("classeur OpenDocument")),
    FileType(_OPEN_XML + "presentationml.presentation", "pptx", _l("présentation PowerPoint")),
    FileType(_OPEN_DOCUMENT + "presentation", "odp", _l("présentation OpenDocument")),
    FileType("text/csv", "csv", _l("tableau CSV")),
    FileType("text/plain", "txt", _l("texte brut")),
    FileType("text/markdown", "md", _l("texte Markdown")),
    FileType("image/png", "png", _l("image PNG")),
    FileType("image/jpeg", "jpg", _l("image JPEG"), aliases=("jpeg",)),
    FileType("image/webp", "webp", _l("image WebP")),
    FileType("application/msword", "doc", _l("document Word ancien (.doc)"), download_only=True),
    FileType("application/vnd.ms-excel", "xls", _l("classeur Excel ancien (.xls)"), download_only=True),
)
BY_EXTENSION = {name: kind for kind in TYPES for name in (kind.extension, *kind.aliases)}
BY_MEDIA_TYPE = {kind.media_type: kind for kind in TYPES}
ACCEPT = ",".join(f".{name}" for name in BY_EXTENSION)
TEXTS = ("csv", "txt", "md")

#: why a file is not simply readable: the code kept with it, and what people read
REASONS = {
    "legacy": _l("Format ancien : à télécharger seulement. Une version .docx ou .xlsx pourra être lue ici."),
    "embedded": _l("Ce document contient d’autres fichiers : à télécharger seulement."),
    "active": _l("Ce fichier contient du code ou des actions automatiques : à télécharger seulement."),
    "restricted": _l("Ce PDF limite la copie ou l’impression : à télécharger seulement."),
    "unreadable": _l("Ce fichier n’a pas pu être lu : à télécharger seulement, avec prudence."),
    "too_heavy": _l("Ce fichier est trop lourd à lire ici : à télécharger seulement."),
    "password": _l("Ce fichier est protégé par un mot de passe : enregistrez-le sans mot de passe, puis envoyez-le."),
    "macros": _l("Ce fichier contient des macros : enregistrez-le sans macros, puis envoyez-le."),
    "archive": _l("Ce fichier contient une archive : envoyez les documents qu’elle contient, un par un."),
    "bomb": _l("Ce fichier se déplie au-delà de ce qui est permis : il n’a pas été gardé."),
    "pixels": _l("Cette image est trop grande : 40 millions de pixels au plus. Réduisez-la, puis envoyez-la."),
    "broken_image": _l("Cette image est abîmée : elle n’a pas pu être lue."),
    "wrong": _l("Ce fichier n’est pas ce qu’il annonce : il n’a pas été gardé."),
    "calls_outside": _l("Ce document va chercher un contenu ailleurs quand on l’ouvre : à télécharger seulement."),
    "crashed": _l("La lecture de ce fichier échoue à chaque essai : il n’est accessible à personne."),
    "unscanned": _l(
        "Trop lourd pour l’antivirus : ce fichier n’a pas été examiné. À télécharger seulement, avec prudence."
    ),
    "not_scanned": _l(
        "Trop lourd pour l’antivirus : ce fichier n’est accessible à personne. Allégez-le ou envoyez-le en plusieurs parties."
    ),
    "infected": _l("L’antivirus a reconnu un programme malveillant : ce fichier n’est accessible à personne."),
}

#: first bytes → what it is, in words that follow « C’est … » ; an offset comes first
_SIGNATURES: tuple[tuple[int, bytes, Any], ...] = (
    (0, b"MZ", _l("un programme Windows")),
    (0, b"\x7fELF", _l("un programme Linux")),
    (0, b"\xca\xfe\xba\xbe", _l("un programme Java ou macOS")),
    (0, b"\xcf\xfa\xed\xfe", _l("un programme macOS")),
    (0, b"L\x00\x00\x00\x01\x14\x02\x00", _l("un raccourci Windows")),
    (0, b"Rar!\x1a\x07", _l("une archive RAR")),
    (0, b"7z\xbc\xaf\x27\x1c", _l("une archive 7z")),
    (0, b"\x1f\x8b", _l("une archive gzip")),
    (0, b"BZh", _l("une archive bzip2")),
    (0, b"\xfd7zXZ", _l("une archive xz")),
    (0, b"\x28\xb5\x2f\xfd", _l("une archive zstd")),
    (257, b"ustar", _l("une archive tar")),
    (0, b"GIF8", _l("une image GIF")),
    (0, b"II*\x00", _l("une image TIFF")),
    (0, b"MM\x00*", _l("une image TIFF")),
    (0, b"8BPS", _l("une image Photoshop")),
    (4, b"ftypheic", _l("une photo HEIC")),
    (4, b"ftypheix", _l("une photo HEIC")),
    (4, b"ftypmif1", _l("une photo HEIC")),
    (4, b"ftypavif", _l("une image AVIF")),
    (4, b"ftypM4A", _l("un enregistrement sonore")),
    (4, b"ftyp", _l("une vidéo")),
    (0, b"\x1aE\xdf\xa3", _l("une vidéo")),
    (8, b"AVI ", _l("une vidéo")),
    (8, b"WAVE", _l("un enregistrement sonore")),
    (0, b"ID3", _l("un enregistrement sonore")),
    (0, b"\xff\xfb", _l("un enregistrement sonore")),
    (0, b"OggS", _l("un enregistrement sonore")),
    (0, b"fLaC", _l("un enregistrement sonore")),
    (0, b"{\\rtf", _l("un document RTF")),
    (0, b"%!PS", _l("un document PostScript")),
    (0, b"SQLite format 3\x00", _l("une base de données")),
    (0, b"\x00\x01\x00\x00Standard", _l("une base de données Access")),
    (0, b"wOF", _l("une police de caractères")),
)
#: signatures that are texts; the others mean nothing in a file without a single control character (« MZ, le 3 mars… »)
_PRINTED = (b"{\\rtf", b"%!PS")
#: the first word of a text that is not a plain one
_MARKUP = (
    (b"<?php", _l("un programme PHP")),
    (b"<svg", _l("une image SVG")),
    (b"<!doctype html", _l("une page web (HTML)")),
    (b"<html", _l("une page web (HTML)")),
    (b"<head", _l("une page web (HTML)")),
    (b"<body", _l("une page web (HTML)")),
    (b"<script", _l("une page web (HTML)")),
    (b"<iframe", _l("une page web (HTML)")),
    (b"<?xml", _l("un fichier XML")),
    (b"#!", _l("un programme (script)")),
)


class WrongFile(Invalid):
    """A file that is not accepted; the message says what it is and what to do. ``code`` is a key of REASONS."""

    def __init__(self, message: object, code: str = "wrong") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Judged:
    """What a file is. ``encoding`` of a text; ``width`` and ``height`` of an image."""

    kind: FileType
    encoding: str = ""
    width: int = 0
    height: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        found = {"encoding": self.encoding, "width": self.width, "height": self.height}
        return {name: value for name, value in found.items() if value}


def judge(path: Path, name: str) -> Judged:
    """Say what this file really is, or raise WrongFile with a sentence that helps. ``name`` is what it was called."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise WrongFile(_("Ce fichier est vide."))
    judged = _judge_content(path, head, name)
    wanted = extension(name)
    if wanted not in (judged.kind.extension, *judged.kind.aliases):
        raise WrongFile(
            _(
                "C’est en réalité un fichier d’un autre type : %(kind)s. Renommez-le en « %(name)s », puis envoyez-le.",
                kind=judged.kind.label,
                name=f"{stem(name)}.{judged.kind.extension}",
            )
        )
    return judged


def extension_of(media_type: str) -> str:
    """« pdf » for application/pdf; « bin » for what is not a type of ours."""
    kind = BY_MEDIA_TYPE.get(media_type)
    return kind.extension if kind else "bin"


def label_of(media_type: str) -> Any:
    kind = BY_MEDIA_TYPE.get(media_type)
    return kind.label if kind else media_type


def extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _judge_content(path: Path, head: bytes, name: str) -> Judged:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Judged(_office(look_at_zip, path))
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Judged(_office(look_at_ole, path))
    if b"%PDF-" in head[:1024] and head.lstrip()[:1] != b"<":
        return _judge_pdf(path)
    image = image_size(path, head)
    if image is not None:
        return _judge_image(*image)
    binary = not _CONTROLS.isdisjoint(head)
    for offset, signature, words in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature and (binary or signature in _PRINTED):
            raise _not_accepted(words)
    return _judge_text(path, head, name)


def _office(look: Any, path: Path) -> FileType:
    try:
        return BY_EXTENSION[look(path)]
    except OfficeRefused as refused:
        if refused.code in REASONS:
            raise WrongFile(REASONS[refused.code], refused.code) from refused
        raise _not_accepted(_OFFICE_WORDS[refused.code]) from refused


_OFFICE_WORDS = {
    "zip": _l("une archive ZIP"),
    "jar": _l("un programme Java"),
    "apk": _l("un programme Android"),
    "epub": _l("un livre EPUB"),
    "docm": _l("un document Word avec macros (.docm)"),
    "xlsm": _l("un classeur Excel avec macros (.xlsm)"),
    "xlsb": _l("un classeur Excel binaire (.xlsb)"),
    "pptm": _l("une présentation PowerPoint avec macros (.pptm)"),
    "template": _l("un modèle de document (.dotx, .xltx, .ott…)"),
    "slideshow": _l("un diaporama PowerPoint (.ppsx)"),
    "drawing": _l("un dessin (Visio, OpenDocument…)"),
    "ppt": _l("une présentation PowerPoint ancienne (.ppt)"),
    "msg": _l("un message Outlook (.msg)"),
    "msi": _l("un programme d’installation Windows"),
    "ole": _l("un fichier Microsoft d’un ancien format"),
    "opendocument": _l("un fichier OpenDocument d’un autre genre"),
    "openxml": _l("un fichier Microsoft d’un autre genre"),
}


def _judge_pdf(path: Path) -> Judged:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        tail = file.read()
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise WrongFile(_("Ce PDF est incomplet : sa fin manque. Enregistrez-le de nouveau, puis envoyez-le."))
    return Judged(BY_EXTENSION["pdf"])


def _judge_image(kind: str, width: int, height: int) -> Judged:
    if not width or not height:
        raise WrongFile(REASONS["broken_image"], "broken_image")
    if width * height > MAX_PIXELS:
        raise WrongFile(REASONS["pixels"], "pixels")
    return Judged(BY_EXTENSION[kind], width=width, height=height)


def _judge_text(path: Path, head: bytes, name: str) -> Judged:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:200].lower()
    for mark, words in _MARKUP:
        if start.startswith(mark):
            raise _not_accepted(_("une image SVG") if mark == b"<?xml" and b"<svg" in head.lower() else words)
    encoding = text_encoding(path)
    if encoding is None:
        raise _not_accepted(_("un fichier d’un type inconnu"))
    wanted = extension(name)
    if wanted not in TEXTS:
        said = f".{wanted}" if wanted else _("sans extension")
        raise WrongFile(
            _(
                "C’est un fichier texte (%(extension)s). Les textes s’envoient en .txt, .csv ou .md : "
                "renommez-le si c’en est un.",
                extension=said,
            )
        )
    return Judged(BY_EXTENSION[wanted], encoding=encoding)


def text_encoding(path: Path) -> str | None:
    """utf-8, utf-16 (with its mark) or cp1252, whichever the whole file is; None when it is no text."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16" if _decodes(path, "utf-16") else None
    for encoding in ("utf-8", "cp1252"):
        if _decodes(path, encoding):
            return encoding
    return None


_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while chunk := file.read(64 * 1024):
            try:
                words = decoder.decode(chunk)
            except UnicodeDecodeError:
                return False
            if not _CONTROLS.isdisjoint(map(ord, set(words))):
                return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _not_accepted(words: object) -> WrongFile:
    return WrongFile(
        _(
            "C’est %(what)s : ce type n’est pas accepté. Sont acceptés : PDF, Word, Excel, PowerPoint, OpenDocument, "
            "CSV, texte, PNG, JPEG et WebP.",
            what=words,
        )
    )
