"""An outline as a file: DOCX, ODT or Markdown."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from docx import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from flask_babel import gettext as _
from odfdo import Document as Odt
from odfdo import Header, List, ListItem, Paragraph, Span, Style

from community.content.baskets.outline import Article, Block, Outline

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
SOURCE, EMPTY = "Source", "Variable"
_LISTS = {"bullet": "List Bullet", "number": "List Number"}


def docx_of(outline: Outline) -> bytes:
    """Headings in the document's own styles (so that its table of contents works), empty variables highlighted."""
    document = Docx()
    document.core_properties.title = outline.title
    document.core_properties.author = "Entrepairs"
    document.core_properties.language = "fr-FR"
    _french_page(document)
    style: Any = document.styles.add_style(SOURCE, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.font.size, style.font.italic, style.font.color.rgb = Pt(8.5), True, RGBColor(0x56, 0x60, 0x74)
    document.add_heading(outline.title, 0)
    for part in outline.parts:
        document.add_heading(part.title, 1)
        for article in part.articles:
            document.add_heading(article.heading, 2)
            _docx_blocks(document, article.blocks)
            if article.penalty:
                document.add_heading(_("Sanction"), 3)
                _docx_blocks(document, article.penalty)
            document.add_paragraph(article.note, SOURCE)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _docx_blocks(document: Any, blocks: list[Block]) -> None:
    for block in blocks:
        paragraph = document.add_paragraph(style=_LISTS.get(block.kind))
        for run in block.runs:
            made = paragraph.add_run(run.text)
            made.bold, made.italic = run.bold or None, run.italic or None
            if run.empty:
                made.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _french_page(document: Any) -> None:
    """A4 with the usual margins, and French as the language that the spelling is checked in."""
    for section in document.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(25)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "fr-FR")


def odt_of(outline: Outline) -> bytes:
    """The same in OpenDocument: real headings with their level, real lists, empty variables on a yellow ground."""
    document = Odt("text")
    document.body.clear()
    document.meta.title = outline.title
    document.language = "fr-FR"
    document.insert_style(Style("text", name=EMPTY, area="text", background_color="#ffff00"))
    document.insert_style(Style("text", name="Gras", area="text", bold=True))
    document.insert_style(Style("text", name="Italique", area="text", italic=True))
    document.insert_style(Style("paragraph", name=SOURCE, area="text", italic=True, size="8.5pt", color="#566074"))
    body: Any = document.body
    body.append(Paragraph(outline.title, style="Title"))
    for part in outline.parts:
        body.append(_heading(1, part.title))
        for article in part.articles:
            body.append(_heading(2, article.heading))
            _odt_blocks(body, article.blocks)
            if article.penalty:
                body.append(_heading(3, _("Sanction")))
                _odt_blocks(body, article.penalty)
            body.append(Paragraph(article.note, style=SOURCE))
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _heading(level: int, text: str) -> Header:
    """A heading in the document's own style of that level (odfdo's constructor leaves the style out)."""
    heading = Header(level, text)
    heading.set_attribute("text:style-name", f"Heading_20_{level}")
    return heading


def _odt_blocks(body: Any, blocks: list[Block]) -> None:
    items: Any = None
    for block in blocks:
        paragraph = Paragraph(style="Text_20_body")
        for run in block.runs:
            look = EMPTY if run.empty else "Gras" if run.bold else "Italique" if run.italic else None
            if look:
                paragraph.append(Span(run.text, style=look))
            else:
                paragraph.append_plain_text(run.text)
        if block.kind == "p":
            items = None
            body.append(paragraph)
            continue
        if items is None:
            items = List(style="List_20_1" if block.kind == "bullet" else "Numbering_20_1")
            body.append(items)
        item = ListItem()
        item.append(paragraph)
        items.append(item)


def markdown_of(outline: Outline) -> bytes:
    """The same as Markdown, in UTF-8; empty variables are in bold between brackets."""
    lines = [f"# {outline.title}"]
    for part in outline.parts:
        lines.append(f"## {part.title}")
        for article in part.articles:
            lines += [f"### {article.heading}", article.markdown, *_penalty(article), f"*{article.note}*"]
    return ("\n\n".join(lines) + "\n").encode()


def _penalty(article: Article) -> list[str]:
    return [f"#### {_('Sanction')}", article.penalty_markdown] if article.penalty_markdown else []


#: by extension: what makes the file, and its media type
FORMS: dict[str, tuple[Callable[[Outline], bytes], str]] = {
    "docx": (docx_of, DOCX),
    "odt": (odt_of, ODT),
    "md": (markdown_of, "text/markdown"),
}
