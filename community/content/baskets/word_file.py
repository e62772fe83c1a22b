"""An outline as DOCX: headings, lists, quotes and tables in the document's own styles."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor
from flask_babel import gettext as _

from community.content.baskets.outline import Outline
from community.content.baskets.prose import Block, Run

SOURCE, NOTICE, FACE = "Source", "À vérifier", "Arial"
DEEPEST = 9
_MARKS = {
    True: (("decimal", "%{n}."), ("lowerLetter", "%{n})"), ("lowerRoman", "%{n}.")),
    False: (("bullet", "•"), ("bullet", "–")),
}
_STEP = 360  # twentieths of a point between two depths of a list


def docx_of(outline: Outline) -> bytes:
    """Headings in the document's own styles (so that its table of contents works), empty variables highlighted."""
    document = Document()
    document.core_properties.title = outline.title
    document.core_properties.author = "Entrepairs"
    document.core_properties.language = "fr-FR"
    _french_page(document)
    _sober_styles(document)
    _footer(document, outline.title)
    document.add_heading(outline.title, 0)
    for notice in outline.notices:
        document.add_paragraph(notice, NOTICE)
    for part in outline.parts:
        document.add_heading(part.title, 1)
        for article in part.articles:
            document.add_heading(article.heading, 2)
            _Prose(document).write(article.blocks)
            if article.penalty:
                document.add_heading(_("Sanction"), 3)
                _Prose(document).write(article.penalty)
            document.add_paragraph(article.note, SOURCE)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _french_page(document: Any) -> None:
    """A4 with the usual margins, and French as the language that the spelling is checked in."""
    for section in document.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(25)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "fr-FR")


def _sober_styles(document: Any) -> None:
    """Black on white, one face, headings that stay with their text: what a contract looks like before it has a style."""
    sizes = {"Normal": 10.5, "Title": 20, "Heading 1": 15, "Heading 2": 12, "Heading 3": 10.5}
    for name, size in sizes.items():
        style = document.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("ascii", "hAnsi", "eastAsia", "cs"):  # a theme's face would win over a named one
            fonts.attrib.pop(qn(f"w:{kind}Theme"), None)
        style.font.name, style.font.size, style.font.color.rgb = FACE, Pt(size), RGBColor(0x16, 0x1B, 0x26)
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    document.styles["Footer"].font.size = Pt(8.5)
    document.styles["Heading 2"].paragraph_format.space_after = Pt(4)
    document.styles["Heading 2"].paragraph_format.space_before = Pt(16)
    for name in (SOURCE, NOTICE):
        small: Any = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        small.base_style = document.styles["Normal"]
        small.font.size, small.font.italic, small.font.color.rgb = Pt(8.5), True, RGBColor(0x56, 0x60, 0x74)
    document.styles[SOURCE].paragraph_format.space_before = Pt(6)


def _footer(document: Any, title: str) -> None:
    """The name of the document and the page, counted by whatever opens it."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{title} · ")
    for field in ("PAGE", "NUMPAGES"):
        simple = _element("w:fldSimple", instr=field)
        simple.append(OxmlElement("w:r"))
        words = OxmlElement("w:t")
        words.text = "1"
        simple[0].append(words)
        if field == "NUMPAGES":
            paragraph.add_run(" / ")
        paragraph._p.append(simple)
    for run in paragraph.runs:
        run.font.size = Pt(8.5)


class _Prose:
    """The blocks of one text; each of its lists counts by itself."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.numbers: dict[int, int] = {}

    def write(self, blocks: list[Block]) -> None:
        for block in blocks:
            if block.kind == "table":
                self._table(block)
            elif block.is_listed:
                self._item(block)
            else:
                style = {"quote": "Quote", "heading": f"Heading {block.level}"}.get(block.kind)
                paragraph = self.document.add_paragraph(style=style)
                if block.kind == "quote":
                    paragraph.paragraph_format.left_indent = Cm(1)
                _words(paragraph, block.runs)

    def _item(self, block: Block) -> None:
        deep = min(block.level, 3)
        kind = "List Number" if block.ordered else "List Bullet"
        name = kind if block.kind == "item" else "List Continue"
        paragraph = self.document.add_paragraph(style=name if deep == 1 else f"{name} {deep}")
        if block.kind == "more":
            paragraph.paragraph_format.left_indent = Pt(block.level * _STEP / 20)
        else:
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = min(block.level, DEEPEST) - 1
            properties.get_or_add_numId().val = self._number_of(block)
        _words(paragraph, block.runs)

    def _number_of(self, block: Block) -> int:
        """The numbering of this list: one of its own, so that it starts where it should."""
        if block.series not in self.numbers:
            numbering = self.document.part.numbering_part.element
            own = numbering.add_num(_abstract(numbering, block.ordered))
            if block.ordered:
                own.add_lvlOverride(ilvl=min(block.level, DEEPEST) - 1).add_startOverride(block.start)
            self.numbers[block.series] = own.numId
        return self.numbers[block.series]

    def _table(self, block: Block) -> None:
        columns = max(len(row) for row in block.rows)
        table = self.document.add_table(len(block.rows), columns, "Table Grid")
        for cells, row in zip(block.rows, table.rows, strict=True):
            for runs, cell in zip(cells, row.cells, strict=False):
                _words(cell.paragraphs[0], runs)
        heading = OxmlElement("w:tblHeader")  # the first line comes again at the top of every page
        table.rows[0]._tr.get_or_add_trPr().append(heading)
        self.document.add_paragraph().paragraph_format.space_after = Pt(0)


def _words(paragraph: Any, runs: list[Run]) -> None:
    for run in runs:
        made = paragraph.add_run(run.text)
        made.bold, made.italic = run.bold or None, run.italic or None
        made.font.superscript = run.raised or None
        if run.code:
            made.font.name = "Courier New"
        if run.empty:
            made.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _abstract(numbering: Any, ordered: bool) -> int:
    """The marks and indents of nine depths, made once in a document (Word wants them before every w:num)."""
    name = "EntrepairsNumber" if ordered else "EntrepairsBullet"
    known = numbering.xpath(f'./w:abstractNum[w:name/@w:val="{name}"]/@w:abstractNumId')
    if known:
        return int(known[0])
    own = 1 + max((int(one) for one in numbering.xpath("./w:abstractNum/@w:abstractNumId")), default=-1)
    abstract = _element("w:abstractNum", abstractNumId=own)
    abstract.append(_element("w:multiLevelType", val="hybridMultilevel"))
    abstract.append(_element("w:name", val=name))
    for depth in range(DEEPEST):
        abstract.append(_level(depth, *_MARKS[ordered][depth % len(_MARKS[ordered])]))
    numbering.insert(len(numbering.xpath("./w:abstractNum")), abstract)
    return own


def _level(depth: int, form: str, text: str) -> Any:
    level = _element("w:lvl", ilvl=depth)
    for name, value in (("start", 1), ("numFmt", form), ("lvlText", text.format(n=depth + 1)), ("lvlJc", "left")):
        level.append(_element(f"w:{name}", val=value))
    place = OxmlElement("w:pPr")
    place.append(_element("w:ind", left=(depth + 1) * _STEP, hanging=_STEP))
    level.append(place)
    return level


def _element(name: str, **attributes: Any) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), str(value))
    return element
