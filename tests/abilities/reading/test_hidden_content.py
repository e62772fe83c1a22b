"""The copy without what is hidden: nothing of it is left anywhere in the file, and what is shown has not changed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from files import _saved, make_file

from community.abilities.reading.cleaning import clean
from community.abilities.reading.formats.collector import Damaged
from community.abilities.reading.hiding import without_hidden
from community.abilities.reading.personal_traces import of_office


def everything(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return "\n".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())


@pytest.fixture
def bare(tmp_path):
    def run(content: bytes, extension: str) -> bytes:
        source, middle, out = (tmp_path / name for name in ("a", "b", "c"))
        source.write_bytes(content)
        clean(source, middle, extension)
        without_hidden(middle, out, extension)
        assert not {trace["kind"] for trace in of_office(out)} & {"hidden_sheets", "hidden_rows", "hidden_columns"}
        return Path(out).read_bytes()

    return run


def workbook() -> bytes:
    """A sheet of prices that reads a hidden one; a hidden row and a hidden column; the hidden sheet has a chart."""
    from openpyxl import Workbook
    from openpyxl.chart import BarChart, Reference
    from openpyxl.workbook.defined_name import DefinedName

    book = Workbook()
    secret = book.active
    secret.title = "Offres masquées"
    secret.append(["Traiteur du Lac", 14250])
    chart = BarChart()
    chart.add_data(Reference(secret, min_col=2, min_row=1, max_row=1))
    secret.add_chart(chart)
    secret.sheet_state = "hidden"
    shown = book.create_sheet("Synthèse")
    shown["A1"], shown["A2"], shown["A3"] = "Total des offres", "Ligne secrète", "Fin du tableau"
    shown["B1"] = "='Offres masquées'!B1"
    shown["C1"] = "Colonne secrète"
    shown.row_dimensions[2].hidden = True
    shown.column_dimensions["C"].hidden = True
    book.defined_names["montants"] = DefinedName("montants", attr_text="'Offres masquées'!$B$1")
    book.active = 1
    return replaced(replaced(_saved(book), b"<v></v>", b"<v>14250</v>"), b"<v />", b"<v>14250</v>")


def replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    """A formula has its last value beside it, as a spreadsheet program saves it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(out, "w") as made:
        for name in package.namelist():
            data = package.read(name)
            made.writestr(name, data.replace(old, new) if name == "xl/worksheets/sheet2.xml" else data)
    return out.getvalue()


def test_a_workbook_loses_its_hidden_sheets_rows_and_columns(bare):
    import openpyxl

    before = workbook()
    assert "Traiteur du Lac" in everything(before)
    after = bare(before, "xlsx")
    words = everything(after)
    for secret in ("Traiteur du Lac", "Ligne secrète", "Colonne secrète", "Offres masquées", "montants"):
        assert secret not in words, secret
    assert "chart" not in " ".join(zipfile.ZipFile(io.BytesIO(after)).namelist())
    book = openpyxl.load_workbook(io.BytesIO(after))
    assert book.sheetnames == ["Synthèse"]
    sheet = book["Synthèse"]
    assert [sheet["A1"].value, sheet["B1"].value, sheet["A3"].value] == ["Total des offres", 14250, "Fin du tableau"]


def test_a_presentation_loses_its_hidden_slides_and_notes(bare):
    from pptx import Presentation

    deck = Presentation(io.BytesIO(make_file("pptx", ["Le projet", "La diapositive secrète", "La suite"])))
    deck.slides[1]._element.set("show", "0")
    deck.slides[0].notes_slide.notes_text_frame.text = "Ne pas dire le prix"
    after = bare(_saved(deck), "pptx")
    words = everything(after)
    assert "secrète" not in words
    assert "Ne pas dire le prix" not in words
    shown = [slide.shapes.title.text for slide in Presentation(io.BytesIO(after)).slides]
    assert shown == ["Le projet", "La suite"]


def test_a_text_loses_its_hidden_runs(bare):
    from docx import Document

    document = Document()
    paragraph = document.add_paragraph("Le délai est de trente jours.")
    paragraph.add_run(" Sauf pour nous.").font.hidden = True
    after = bare(_saved(document), "docx")
    assert "Sauf pour nous" not in everything(after)
    assert Document(io.BytesIO(after)).paragraphs[0].text == "Le délai est de trente jours."


def test_an_opendocument_sheet_too(bare):
    content = hidden_ods()
    assert "Prix du Lac" in everything(content)
    after = bare(content, "ods")
    words = everything(after)
    for secret in ("Prix du Lac", "Ligne cachée", "Colonne cachée"):
        assert secret not in words
    assert "Ligne montrée" in words
    assert "of:=" not in words


def hidden_ods() -> bytes:
    from files import _odf

    cell = "<table:table-cell office:value-type='string'><text:p>{}</text:p></table:table-cell>".format
    sum_ = (
        "<table:table-cell table:formula='of:=SUM([.A1])' office:value-type='float' office:value='3'>"
        "<text:p>3</text:p></table:table-cell>"
    )
    style = (
        "<s:style xmlns:s='urn:oasis:names:tc:opendocument:xmlns:style:1.0' s:name='ta2'>"
        "<s:table-properties table:display='false'/></s:style>"
    )
    return _odf(
        "spreadsheet",
        f"<office:automatic-styles>{style}</office:automatic-styles><office:spreadsheet>"
        "<table:table table:name='Vue'><table:table-column/>"
        "<table:table-column table:visibility='collapse'/>"
        f"<table:table-row>{cell('Ligne montrée')}{cell('Colonne cachée')}{sum_}</table:table-row>"
        f"<table:table-row table:visibility='collapse'>{cell('Ligne cachée')}</table:table-row></table:table>"
        f"<table:table table:name='Calculs' table:style-name='ta2'><table:table-row>{cell('Prix du Lac')}</table:table-row>"
        "</table:table></office:spreadsheet>",
    )


def test_nothing_but_what_is_hidden_is_no_copy(bare):
    from pptx import Presentation

    deck = Presentation(io.BytesIO(make_file("pptx", ["Seule"])))
    deck.slides[0]._element.set("show", "0")
    with pytest.raises(Damaged):
        bare(_saved(deck), "pptx")


def test_both_copies_are_offered_and_the_page_says_what_each_keeps(make, client_of, drain, monkeypatch, store, claire):
    monkeypatch.setenv("PATH", "/nowhere")
    file = store(workbook(), "offres.xlsx")
    drain()
    id = make.document(claire, title="Grille des offres", file=file)
    drain()
    mine = client_of(claire)
    page = mine.get(f"/documents/{id}", follow_redirects=True).text
    assert "Préparer une copie sans traces ni contenu masqué" in page
    assert "Offres masquées" in page
    for without in ("traces", "masque"):
        assert mine.post(f"/fichiers/{file}/copie-sans-traces", {"sans": without}).status_code == 303
    drain()
    drain()
    page = mine.get(f"/documents/{id}", follow_redirects=True).text
    assert "Télécharger la copie sans traces ni contenu masqué" in page
    assert page.count("Il y reste") == 1
    assert "offres (sans traces ni contenu masqué).xlsx" in mine.get("/fichiers").text


def test_cells_that_do_not_say_where_they_are_are_counted():
    """Some programs write no place in a cell: it follows the one before."""
    from lxml import etree

    from community.abilities.reading.hiding import _sheet

    cells = "".join(f"<c><v>{number}</v></c>" for number in (1, 2, 3))
    root = etree.fromstring(f'<s><cols><col min="2" max="2" hidden="1"/></cols><row>{cells}</row></s>')
    _sheet(root, [])
    assert [value.text for value in root.iter("v")] == ["1", "3"]
