"""Images of pages for exactly those who may fetch the file; copies without personal traces, asked for and made."""

from __future__ import annotations

import io
import zipfile

import files
import pytest
from files import make_file, replaced
from sqlalchemy import select

from community.core.db import db


def image_of(response):
    from PIL import Image

    return Image.open(io.BytesIO(response.data))


def test_pages_have_images_and_the_first_a_small_one(examined, client_of, claire):
    found = examined(make_file("pdf", ["Une", "Deux"]), "piece.pdf")
    client = client_of(claire)
    sizes = []
    for number in (0, 1, 2):
        image = client.get(f"/fichiers/{found.id}/apercu/{number}")
        assert (image.status_code, image.content_type) == (200, "image/webp")
        assert image.headers["Cache-Control"].startswith("private")
        sizes.append(image_of(image).size)
    assert sizes[0][0] <= 240
    assert sizes[1] == sizes[2]
    assert client.get(f"/fichiers/{found.id}/apercu/3").status_code == 404


def test_sheets_that_go_on_and_flat_ones_are_drawn_on_a_leaf(tmp_path):
    """LibreOffice makes one page of a sheet: its top is shown when it is long, white below when it has three rows."""
    from PIL import Image

    from community.abilities.reading.formats import pdf

    for height in (6000, 60):
        (tmp_path / "sheet").write_bytes(make_file("pdf").replace(b"0 0 595 842", b"0 0 595 %04d" % height))
        assert pdf.draw(tmp_path / "sheet", tmp_path, 3) == ["1.webp", "0.webp"]
        with Image.open(tmp_path / "1.webp") as image:
            assert 0.55 < image.height / image.width < 1.65
            assert image.width >= 990


def test_nobody_else_sees_the_images_of_a_file_that_no_text_names(examined, make, client_of, visitor):
    found = examined(make_file("pdf"), "piece.pdf")
    other = make.member("Autre", communities={"cantines": "moderator"})
    for client in (client_of(other), visitor):
        assert client.get(f"/fichiers/{found.id}/apercu/1").status_code == 404


def test_an_image_has_no_trace_of_the_camera(examined, client_of, claire):
    found = examined(files.photo_with_gps(), "photo.jpg")
    image = client_of(claire).get(f"/fichiers/{found.id}/apercu/1").data
    assert b"secret" not in image
    assert not image_of(client_of(claire).get(f"/fichiers/{found.id}/apercu/1")).getexif()


@pytest.fixture
def tracked_docx() -> bytes:
    """Somebody's docx: an author, a comment, text struck out, text put in, a hidden run, a template on a disk."""
    from docx import Document

    document = Document()
    paragraph = document.add_paragraph("Le délai est de trente jours.")
    document.add_comment(paragraph.runs, text="À voir avec Paul", author="Inès Benali", initials="IB")
    document.core_properties.author = "Claire Martin"
    document.core_properties.last_modified_by = "paul.roche@ville.example"
    changes = (
        b'</w:p><w:p w:rsidR="00AB12CD"><w:ins w:id="1" w:author="Paul Roche"><w:r><w:t>Ajout gard\xc3\xa9.</w:t></w:r></w:ins>'
        b'<w:del w:id="2" w:author="Paul Roche"><w:r><w:delText>Phrase ray\xc3\xa9e.</w:delText></w:r></w:del></w:p><w:sectPr'
    )
    return replaced(files._saved(document), "word/document.xml", b"</w:p><w:sectPr", changes)


def xlsx_with_secrets() -> bytes:
    from openpyxl import Workbook
    from openpyxl.comments import Comment

    book = Workbook()
    book.active["A1"] = "Prix"
    book.active["A1"].comment = Comment("Trop cher", "Claire Martin")
    book.create_sheet("Notes privées").sheet_state = "hidden"
    book.active.row_dimensions[3].hidden = True
    book.properties.creator = "Claire Martin"
    return files._saved(book)


def odt_with_changes() -> bytes:
    body = (
        "<office:text><text:tracked-changes><text:changed-region><text:deletion><office:change-info>"
        "<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Paul Roche</dc:creator></office:change-info>"
        "<text:p>Phrase rayée</text:p></text:deletion></text:changed-region></text:tracked-changes>"
        "<text:p>Texte<text:change text:change-id='c'/> gardé"
        "<office:annotation><text:p>Une note</text:p></office:annotation>.</text:p>"
        "</office:text>"
    )
    meta = (
        b"<office:document-meta xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
        b"xmlns:meta='urn:oasis:names:tc:opendocument:xmlns:meta:1.0'><office:meta>"
        b"<meta:initial-creator>Claire Martin</meta:initial-creator></office:meta></office:document-meta>"
    )
    return files._odf("text", body, {"meta.xml": meta})


def pdf_with_author() -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_file("pdf"))) as document:
        document.docinfo["/Author"] = "Claire Martin"
        with document.open_metadata() as meta:
            meta["dc:creator"] = ["Claire Martin"]
        document.docinfo["/Title"] = "C:\\Users\\claire\\cctp.doc"
        document.save(out)
    return out.getvalue()


def traces_of(found) -> dict[str, object]:
    return {trace["kind"]: trace["values"] or trace["count"] for trace in found.facts["traces"]}


def test_traces_of_a_docx(examined, without_office, tracked_docx):
    found = examined(tracked_docx, "cctp.docx")
    assert traces_of(found) == {
        "author": ["Claire Martin"],
        "last_author": ["paul.roche@ville.example"],
        "email": ["paul.roche@ville.example"],
        "comments": 1,
        "comment_author": ["Inès Benali"],
        "tracked_changes": 2,
        "change_author": ["Paul Roche"],
    }
    assert "Ajout gardé." in found.words
    assert "rayée" not in found.words


def test_traces_of_other_kinds(examined, without_office):
    sheet = traces_of(examined(xlsx_with_secrets(), "prix.xlsx"))
    assert sheet["hidden_sheets"] == ["Notes privées"]
    assert (sheet["hidden_rows"], sheet["comments"], sheet["author"]) == (1, 1, ["Claire Martin"])
    odt = traces_of(examined(odt_with_changes(), "note.odt"))
    assert odt == {"author": ["Claire Martin"], "tracked_changes": 1, "change_author": ["Paul Roche"], "comments": 1}
    pdf = traces_of(examined(pdf_with_author(), "cctp.pdf"))
    assert pdf == {"author": ["Claire Martin"], "path": ["C:\\Users\\claire\\cctp.doc"]}


def cleaned(app, content: bytes, name: str, examined, client_of, claire, drain):
    """Ask for a copy as a member does; give its bytes and what is known of it."""
    from community.abilities.attachments.models import Attachment

    found = examined(content, name)
    client = client_of(claire)
    for _twice in range(2):
        assert client.post(f"/fichiers/{found.id}/copie-sans-traces").status_code == 303
    drain()
    stem, _dot, ending = name.rpartition(".")
    with app.app_context():
        copies = list(db.session.scalars(select(Attachment).where(Attachment.name == f"{stem} (sans traces).{ending}")))
        ids = [copy.id for copy in copies]
        db.session.remove()
    assert len(ids) == 1
    sent = client.get(f"/fichiers/{ids[0]}/{stem}-sans-traces.{ending}")
    assert sent.status_code == 200
    return sent.data, ids[0]


def test_a_copy_of_a_docx_bears_no_trace(app, examined, client_of, claire, drain, known, without_office, tracked_docx):
    content, id = cleaned(app, tracked_docx, "cctp.docx", examined, client_of, claire, drain)
    found = known(id)
    assert (found.state, found.facts["traces"]) == ("ready", [])
    assert found.words == "Le délai est de trente jours.\nAjout gardé."
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        everything = b"".join(package.read(name) for name in package.namelist())
        assert "word/comments.xml" not in package.namelist()
    for secret in ("Claire Martin", "Paul Roche", "Inès Benali", "rayée", "À voir", "rsid", "commentRange"):
        assert secret.encode() not in everything
    from docx import Document

    assert Document(io.BytesIO(content)).paragraphs[0].text == "Le délai est de trente jours."


def test_a_copy_of_a_sheet(app, examined, client_of, claire, drain, known, without_office):
    """What formulas may read stays, and is told."""
    import openpyxl

    content, id = cleaned(app, xlsx_with_secrets(), "prix.xlsx", examined, client_of, claire, drain)
    assert set(traces_of(known(id))) == {"hidden_sheets", "hidden_rows"}
    assert openpyxl.load_workbook(io.BytesIO(content))["Sheet"]["A1"].value == "Prix"
    assert b"Claire" not in content


def test_a_copy_of_an_opendocument(app, examined, client_of, claire, drain, known, without_office):
    _content, id = cleaned(app, odt_with_changes(), "note.odt", examined, client_of, claire, drain)
    assert (known(id).facts["traces"], known(id).words) == ([], "Texte gardé.")


def test_a_copy_of_a_pdf(app, examined, client_of, claire, drain, known):
    content, id = cleaned(app, pdf_with_author(), "cctp.pdf", examined, client_of, claire, drain)
    assert (known(id).facts["traces"], known(id).words) == ([], "Allotissement des denrées")
    assert b"Claire" not in content


def test_what_cannot_be_cleaned_says_so(examined, client_of, claire):
    found = examined(make_file("txt"), "notes.txt")
    assert client_of(claire).post(f"/fichiers/{found.id}/copie-sans-traces").status_code == 409


def test_asking_for_a_copy_leads_back_to_where_one_was(examined, client_of, claire, without_office, tracked_docx):
    found = examined(tracked_docx, "cctp.docx")
    for said, then in (("/documents/3/occultation", "/documents/3/occultation"), ("//mal.example", "/fichiers")):
        asked = client_of(claire).post(f"/fichiers/{found.id}/copie-sans-traces", {"next": said})
        assert (asked.status_code, asked.location) == (303, then)
