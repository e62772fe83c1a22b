"""Files for tests, small and made here: every type that is accepted, and the ones that are not.

``make_file("docx", "Quelques mots")`` gives bytes of that type holding these words (pages or sheets: a list of texts).
``HOSTILE`` maps the name of each refused file to a function that makes it.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def make_file(kind: str, words: str | Sequence[str] = "Allotissement des denrées") -> bytes:
    """The bytes of a file of this kind (an extension) with these words, one text a page, slide or sheet."""
    texts = [words] if isinstance(words, str) else list(words)
    return MAKERS[kind](texts)


def pdf(texts: Sequence[str]) -> bytes:
    """A PDF of one page a text, written by hand (WinAnsi, Helvetica)."""
    objects: list[bytes] = [
        b"",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    pages = []
    for text in texts:
        lines = text.split("\n")
        shown = b" T* ".join(b"(" + _pdf_text(line) + b") Tj" for line in lines)
        stream = b"BT /F1 12 Tf 14 TL 60 780 Td " + shown + b" ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % len(objects)
        )
        pages.append(len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    kids = b" ".join(b"%d 0 R" % number for number in pages)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages))
    return _pdf_file(objects)


def _pdf_text(line: str) -> bytes:
    raw = line.encode("cp1252", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _pdf_file(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start))
    return out.getvalue()


def docx(texts: Sequence[str]) -> bytes:
    from docx import Document

    document = Document()
    for number, text in enumerate(texts):
        if number:
            document.add_page_break()
        for line in text.split("\n"):
            document.add_paragraph(line)
    return _saved(document)


def xlsx(texts: Sequence[str]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for number, text in enumerate(texts, 1):
        sheet = book.active if number == 1 else book.create_sheet()
        sheet.title = f"Feuille {number}"
        for line in text.split("\n"):
            sheet.append(line.split("\t"))
    return _saved(book)


def pptx(texts: Sequence[str]) -> bytes:
    from pptx import Presentation

    slides = Presentation()
    for text in texts:
        slide = slides.slides.add_slide(slides.slide_layouts[5])
        slide.shapes.title.text = text
    return _saved(slides)


def _saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def odt(texts: Sequence[str]) -> bytes:
    paragraphs = "".join(f"<text:p>{_xml(line)}</text:p>" for text in texts for line in text.split("\n"))
    return _odf("text", f"<office:text>{paragraphs}</office:text>")


def ods(texts: Sequence[str]) -> bytes:
    sheets = ""
    for number, text in enumerate(texts, 1):
        rows = "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{_xml(cell)}</text:p></table:table-cell>'
                for cell in line.split("\t")
            )
            + "</table:table-row>"
            for line in text.split("\n")
        )
        sheets += f'<table:table table:name="Feuille {number}">{rows}</table:table>'
    return _odf("spreadsheet", f"<office:spreadsheet>{sheets}</office:spreadsheet>")


def odp(texts: Sequence[str]) -> bytes:
    slides = "".join(
        f'<draw:page draw:name="Diapo {number}"><draw:frame><draw:text-box><text:p>{_xml(text)}</text:p></draw:text-box>'
        "</draw:frame></draw:page>"
        for number, text in enumerate(texts, 1)
    )
    return _odf("presentation", f"<office:presentation>{slides}</office:presentation>")


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"


def _odf(kind: str, body: str, extra: dict[str, bytes] | None = None, manifest: str = "") -> bytes:
    media = f"application/vnd.oasis.opendocument.{kind}"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{_ODF}office:1.0" '
        f'xmlns:text="{_ODF}text:1.0" xmlns:table="{_ODF}table:1.0" xmlns:draw="{_ODF}drawing:1.0" '
        f'office:version="1.2"><office:body>{body}</office:body></office:document-content>'
    )
    listed = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{_ODF}manifest:1.0" '
        f'manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{media}"/>'
        f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{manifest}'
        "</manifest:file-entry></manifest:manifest>"
    )
    members = {"content.xml": content.encode(), "META-INF/manifest.xml": listed.encode(), **(extra or {})}
    return zipped(members, first=("mimetype", media.encode()))


def zipped(members: dict[str, bytes], first: tuple[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr(zipfile.ZipInfo(first[0]), first[1], zipfile.ZIP_STORED)
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_member(content: bytes, name: str, data: bytes) -> bytes:
    """An office file with one more member."""
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def replaced(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """An office file with other words in one member."""
    source, out = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for info in source.infolist():
            data = source.read(info)
            archive.writestr(info.filename, data.replace(old, new) if info.filename == name else data)
    return out.getvalue()


def text(texts: Sequence[str]) -> bytes:
    return "\n".join(texts).encode() + b"\n"


def picture(kind: str, width: int = 60, height: int = 40, **options) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), (40, 90, 160)).save(out, kind, **options)
    return out.getvalue()


def photo_with_gps() -> bytes:
    """A JPEG that says where, when and with what it was taken."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F] = "Appareil secret"
    exif[0x0132] = "2026:03:14 10:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (43.0, 7.0, 12.0), 3: "E", 4: (5.0, 55.0, 48.0)})
    return picture("JPEG", exif=exif, comment=b"Commentaire secret")


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces this size and holds next to nothing (a bomb when it is large)."""

    def piece(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", header) + piece(b"IDAT", zlib.compress(b"\0" * 64)) + piece(b"IEND", b"")
    )


def ole(*streams: str) -> bytes:
    """An old Microsoft container with these streams (empty): enough to be known by."""
    sector = 512
    header = bytearray(sector)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<I", header, 44, 1)  # one sector of table
    struct.pack_into("<I", header, 48, 1)  # the directory begins in sector 1
    struct.pack_into("<I", header, 56, 4096)
    struct.pack_into("<IIII", header, 60, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 76, 0, *([0xFFFFFFFF] * 108))
    names = ["Root Entry", *streams]
    sectors = -(-len(names) // 4)
    table = [0xFFFFFFFD] + [number + 2 for number in range(sectors - 1)] + [0xFFFFFFFE]
    fat = struct.pack("<128I", *table, *([0xFFFFFFFF] * (128 - len(table))))
    directory = b"".join(_ole_entry(name, 5 if not number else 2) for number, name in enumerate(names))
    return bytes(header) + fat + directory.ljust(sectors * sector, b"\0") + b"\0" * 4096


def _ole_entry(name: str, kind: int) -> bytes:
    entry = bytearray(128)
    raw = name.encode("utf-16-le") + b"\0\0"
    entry[: len(raw)] = raw
    struct.pack_into("<HBB", entry, 64, len(raw), kind, 1)
    struct.pack_into("<III", entry, 68, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<II", entry, 116, 0xFFFFFFFE, 0)
    return bytes(entry)


MAKERS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "pdf": pdf,
    "docx": docx,
    "odt": odt,
    "xlsx": xlsx,
    "ods": ods,
    "pptx": pptx,
    "odp": odp,
    "csv": lambda texts: text(["lot;objet", *texts]),
    "txt": text,
    "md": lambda texts: text(["# Titre", *texts]),
    "png": lambda _texts: picture("PNG"),
    "jpg": lambda _texts: picture("JPEG"),
    "jpeg": lambda _texts: picture("JPEG", 50, 50),
    "webp": lambda _texts: picture("WEBP"),
    "doc": lambda _texts: ole("WordDocument", "1Table"),
    "xls": lambda _texts: ole("Workbook"),
}


def macro_docx() -> bytes:
    return with_member(docx(["Macro"]), "word/vbaProject.bin", b"\xcc\x61" * 50)


def docm() -> bytes:
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return replaced(
        docx(["Macro"]), "[Content_Types].xml", plain, b"application/vnd.ms-word.document.macroEnabled.main+xml"
    )


def encrypted_pdf(user: str = "secret", owner: str = "maitre") -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(["Secret"]))) as document:
        document.save(out, encryption=pikepdf.Encryption(user=user, owner=owner))
    return out.getvalue()


def encrypted_odt() -> bytes:
    return _odf("text", "<office:text/>", manifest="<manifest:encryption-data manifest:checksum='x'/>")


def encrypted_zip_member() -> bytes:
    """A docx whose members say that they are encrypted."""
    content = bytearray(docx(["Secret"]))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


def bomb_by_ratio() -> bytes:
    return with_member(docx(["Bombe"]), "word/media/zeros.bin", b"\0" * 20_000_000)


def bomb_by_members() -> bytes:
    content = docx(["Bombe"])
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(1_001):
            archive.writestr(f"word/media/{number}.txt", "x")
    return out.getvalue()


def bomb_by_size() -> bytes:
    """A docx that announces a member of 200 MB (the list alone says so)."""
    content = bytearray(with_member(docx(["Bombe"]), "word/big.xml", b"x" * 300_000))
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 200 * 1024 * 1024)
    return bytes(content)


#: name sent → (bytes, words of the refusal)
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "vide.pdf": (lambda: b"", "vide"),
    "programme.pdf": (lambda: b"MZ\x90\0" + b"\0" * 200, "programme Windows"),
    "programme.txt": (lambda: b"\x7fELF" + b"\0" * 200, "programme Linux"),
    "script.txt": (lambda: b"#!/bin/sh\nrm -rf /\n", "script"),
    "script.php.txt": (lambda: b"<?php echo 1;", "PHP"),
    "lot.zip": (lambda: zipped({"a.txt": b"a"}), "archive ZIP"),
    "lot.docx": (lambda: zipped({"a.txt": b"a"}), "archive ZIP"),
    "lot.rar": (lambda: b"Rar!\x1a\x07\0" + b"\0" * 50, "archive RAR"),
    "lot.7z": (lambda: b"7z\xbc\xaf\x27\x1c\0\x04" + b"\0" * 50, "archive 7z"),
    "lot.gz": (lambda: b"\x1f\x8b\x08\0" + b"\0" * 50, "archive gzip"),
    "page.html": (lambda: b"\n <!DOCTYPE html><html><script>alert(1)</script>", "page web"),
    "page.md": (lambda: b"<html><body onload=alert(1)>", "page web"),
    "dessin.svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image SVG"),
    "dessin.txt": (lambda: b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image SVG"),
    "donnees.xml": (lambda: b"<?xml version='1.0'?><a/>", "fichier XML"),
    "film.mp4": (lambda: b"\0\0\0\x18ftypisom" + b"\0" * 50, "vidéo"),
    "photo.heic": (lambda: b"\0\0\0\x18ftypheic" + b"\0" * 50, "HEIC"),
    "image.gif": (lambda: b"GIF89a" + b"\0" * 50, "GIF"),
    "livre.epub": (lambda: zipped({"x": b"x"}, first=("mimetype", b"application/epub+zip")), "EPUB"),
    "lettre.rtf": (lambda: b"{\\rtf1 Bonjour}", "RTF"),
    "code.py": (lambda: b"print('bonjour')\n", ".py"),
    "sans-extension": (lambda: b"du texte\n", "sans extension"),
    "inconnu.pdf": (lambda: bytes(range(256)) * 4, "type inconnu"),
    "macros.docm": (docm, "avec macros (.docm)"),
    "macros.docx": (macro_docx, "macros"),
    "macros.odt": (lambda: _odf("text", "<office:text/>", {"Basic/Standard/Module1.xml": b"<x/>"}), "macros"),
    "macros.doc": (lambda: ole("WordDocument", "Macros", "VBA"), "macros"),
    "protege.docx": (lambda: ole("EncryptionInfo", "EncryptedPackage"), "mot de passe"),
    "protege.odt": (encrypted_odt, "mot de passe"),
    "chiffre.docx": (encrypted_zip_member, "mot de passe"),
    "archive-dedans.docx": (lambda: with_member(docx(["x"]), "word/embeddings/lot.zip", b"PK\x03\x04"), "archive"),
    "bombe-ratio.docx": (bomb_by_ratio, "se déplie"),
    "bombe-membres.docx": (bomb_by_members, "se déplie"),
    "bombe-taille.docx": (bomb_by_size, "se déplie"),
    "immense.png": (lambda: png_header(10_000, 10_000), "40 millions"),
    "coupee.png": (lambda: b"\x89PNG\r\n\x1a\n\0\0", "abîmée"),
    "coupe.pdf": (lambda: pdf(["Coupé"])[:-60], "incomplet"),
    "diapos.ppt": (lambda: ole("PowerPoint Document"), "PowerPoint ancienne"),
    "courriel.msg": (lambda: ole("__properties_version1.0"), "Outlook"),
    "installe.msi": (lambda: ole("Autre"), "ancien format"),
    "casse.docx": (lambda: docx(["x"])[:2000], "pas ce qu’il annonce"),
}
