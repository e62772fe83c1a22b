"""Real files for the demo, made from the story's texts: Word, OpenDocument, Excel, PDF.

A page is a short text: « # title », « ## heading », « - item », « | cell | cell | » and paragraphs parted by empty lines.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, NamedTuple


class Block(NamedTuple):
    """One piece of a page: title, heading, text, items or table, with its words (rows of cells for a table)."""

    kind: str
    words: Any


def make(format: str, version: dict[str, Any], title: str) -> bytes:
    """The file of a version, in this format (docx, odt, pdf, xlsx)."""
    if format == "xlsx":
        return _xlsx(version["sheet"], version.get("typed_by", ""))
    pages = [list(blocks(page)) for page in version["pages"]]
    return {"docx": _docx, "odt": _odt, "pdf": _pdf}[format](pages, title)


def texts(version: dict[str, Any]) -> list[str]:
    """The words of each page or sheet."""
    if "sheet" in version:
        return ["\n".join(" ".join(map(str, row)) for row in sheet["rows"]) for sheet in version["sheet"]]
    return [page.strip() for page in version["pages"]]


def blocks(page: str) -> Iterator[Block]:
    for part in page.strip().split("\n\n"):
        lines = [line.strip() for line in part.split("\n")]
        while lines and lines[0].startswith("#"):
            yield Block("heading" if lines[0].startswith("##") else "title", lines.pop(0).lstrip("# "))
        while lines:
            kind = _kind(lines[0])
            same = [line for line in lines if _kind(line) == kind]
            lines = [line for line in lines if _kind(line) != kind]
            yield from _block(kind, same)


def _kind(line: str) -> str:
    return "table" if line.startswith("|") else "items" if line.startswith("- ") else "text"


def _block(kind: str, lines: list[str]) -> Iterator[Block]:
    """Lines of one kind together; a line of a text or of an item goes on with the one before."""
    if kind == "table":
        yield Block(kind, [[cell.strip() for cell in line.strip("|").split("|")] for line in lines])
    elif kind == "items":
        yield Block(kind, [line.removeprefix("- ") for line in lines])
    elif lines:
        yield Block(kind, " ".join(lines))


def _docx(pages: Sequence[list[Block]], title: str) -> bytes:
    from docx import Document
    from docx.shared import Cm, Pt

    document = Document()
    document.core_properties.title, document.core_properties.author = title, ""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Liberation Serif", Pt(13)
    for number, page in enumerate(pages):
        if number:
            document.add_page_break()
        for block in page:
            _docx_block(document, block)
    return _saved(document)


def _docx_block(document: Any, block: Block) -> None:
    if block.kind in ("title", "heading"):
        document.add_heading(block.words, 1 if block.kind == "title" else 2)
    elif block.kind == "items":
        for words in block.words:
            document.add_paragraph(words, style="List Bullet")
    elif block.kind == "table":
        table = document.add_table(len(block.words), len(block.words[0]), style="Table Grid")
        for row, cells in zip(table.rows, block.words, strict=True):
            for cell, words in zip(row.cells, cells, strict=True):
                cell.text = words
    else:
        document.add_paragraph(block.words)


def _odt(pages: Sequence[list[Block]], title: str) -> bytes:
    from odfdo import Document, Style

    document = Document("text")
    document.body.clear()
    document.meta.title = title
    break_before = Style("paragraph", name="Nouvellepage", parent_style="Heading_20_1")
    break_before.set_properties({"fo:break-before": "page"}, area="paragraph")
    document.insert_style(break_before, automatic=True)
    for number, page in enumerate(pages):
        for place, block in enumerate(page):
            for element in _odt_block(block, "Nouvellepage" if number and not place else None):
                document.body.append(element)
    return _saved(document)


def _odt_block(block: Block, style: str | None) -> Iterator[Any]:
    from odfdo import Header, List, Paragraph, Row, Table

    if block.kind in ("title", "heading"):
        header = Header(1 if block.kind == "title" else 2, block.words)
        header.style = style
        header.set_attribute("text:is-list-header", "true")  # the template numbers headings; these are numbered already
        yield header
    elif block.kind == "items":
        yield List(list(block.words))
    elif block.kind == "table":
        table = Table(f"Tableau{abs(hash(str(block.words))) % 10_000}")
        for cells in block.words:
            row = Row()
            row.set_values(cells)
            table.append_row(row)
        yield table
    else:
        yield Paragraph(block.words, style=style)


def _xlsx(sheets: Sequence[dict[str, Any]], typed_by: str) -> bytes:
    """``typed_by`` leaves the traces that a spreadsheet keeps of its author: the site tells them to who shares it."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.active)
    book.properties.creator = book.properties.lastModifiedBy = typed_by or None
    for told in sheets:
        sheet = book.create_sheet(told["name"][:31])
        for row in told["rows"]:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for letter, width in zip("ABC", (34, 44, 52), strict=True):
            sheet.column_dimensions[letter].width = width
        sheet.freeze_panes = "A2"
    return _saved(book)


_STYLE = """
@page { size: A4; margin: 2.4cm 2.2cm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt } }
body { font: 13pt/1.55 serif } section + section { break-before: page } h1 { font-size: 20pt } h2 { font-size: 15pt }
table { border-collapse: collapse; width: 100% } td { border: .5pt solid #777; padding: 4pt 6pt; vertical-align: top }
"""


def _pdf(pages: Sequence[list[Block]], title: str) -> bytes:
    from weasyprint import CSS, HTML

    body = "".join(f"<section>{''.join(map(_html, page))}</section>" for page in pages)
    page = f'<html lang="fr"><title>{escape(title)}</title><body>{body}</body></html>'
    return HTML(string=page).write_pdf(stylesheets=[CSS(string=_STYLE)]) or b""


def _html(block: Block) -> str:
    if block.kind == "table":
        rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in block.words)
        return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    if block.kind == "items":
        return f"<ul>{''.join(f'<li>{escape(words)}</li>' for words in block.words)}</ul>"
    tag = {"title": "h1", "heading": "h2"}.get(block.kind, "p")
    return f"<{tag}>{escape(block.words)}</{tag}>"


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
