"""An outline as OpenDocument text: headings with their level, nested lists, tables, and styles that say so."""

from __future__ import annotations

from html import escape
from io import BytesIO
from typing import Any

from flask_babel import gettext as _
from odfdo import Document, Element, Header, List, ListItem, Paragraph, Span, Style

from community.content.baskets.outline import Outline
from community.content.baskets.prose import Block, Run

SOURCE, NOTICE, EMPTY, TABLE, CELL = "Source", "À_20_vérifier", "Variable", "Tableau", "Case"
QUOTE, CODE = "Quotations", "Preformatted_20_Text"
BULLETS, NUMBERS = "Puces", "Numéros"
_LOOKS = {"empty": EMPTY, "code": "Machine", "raised": "Exposant", "bold": "Gras", "italic": "Italique"}
_NUMBER_FORMS = (("1", "."), ("a", ")"), ("i", "."))
_STEP = 0.63  # centimetres between two depths of a list


def odt_of(outline: Outline) -> bytes:
    """Real headings with their level (the words number them, so the outline does not), empty variables on a yellow ground."""
    document = Document("text")
    document.body.clear()
    document.meta.title = outline.title
    document.language = "fr-FR"
    _add_styles(document)
    _add_footer(document, outline.title)
    body: Any = document.body
    body.append(Paragraph(outline.title, style="Title"))
    for notice in outline.notices:
        body.append(Paragraph(notice, style=NOTICE))
    for part in outline.parts:
        body.append(_heading(1, part.title))
        for article in part.articles:
            body.append(_heading(2, article.heading))
            _Prose(body).write(article.blocks)
            if article.penalty:
                body.append(_heading(3, _("Sanction")))
                _Prose(body).write(article.penalty)
            body.append(Paragraph(article.note, style=SOURCE))
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _add_styles(document: Any) -> None:
    for level in document.styles.get_elements("//text:outline-level-style"):
        level.set_attribute("style:num-format", "")
        for name in ("style:num-suffix", "loext:num-list-format", "text:display-levels"):
            if level.get_attribute(name) is not None:
                level.del_attribute(name)
    for look, more in (
        (EMPTY, {"background_color": "#ffff00"}),
        ("Gras", {"bold": True}),
        ("Italique", {"italic": True}),
    ):
        document.insert_style(Style("text", name=look, area="text", **more))
    for name in (SOURCE, NOTICE):
        document.insert_style(Style("paragraph", name=name, area="text", italic=True, size="8.5pt", color="#566074"))
    for xml in (*_WRITTEN_STYLES, _list_style(BULLETS, False), _list_style(NUMBERS, True)):
        document.insert_style(Element.from_tag(xml))
    for xml in _TABLE_STYLES:
        document.insert_style(Element.from_tag(xml), automatic=True)


def _add_footer(document: Any, title: str) -> None:
    """The name of the document and the page, counted by whatever opens it."""
    words = f"{escape(title)} · <text:page-number/> / <text:page-count/>"
    for page in document.styles.get_elements("//style:master-page"):
        page.append(
            Element.from_tag(f'<style:footer><text:p text:style-name="{SOURCE}">{words}</text:p></style:footer>')
        )
    for layout in document.styles.get_elements("//style:page-layout"):
        for old in layout.get_elements("style:footer-style"):
            layout.delete(old)
        layout.append(Element.from_tag(_FOOTER_PLACE))


_FOOTER_PLACE = (
    '<style:footer-style><style:header-footer-properties fo:min-height="0.6cm" fo:margin-top="0.5cm"/>'
    "</style:footer-style>"
)
_WRITTEN_STYLES = (
    '<style:style style:name="Heading_20_2" style:display-name="Heading 2" style:family="paragraph"'
    ' style:parent-style-name="Heading" style:next-style-name="Text_20_body" style:default-outline-level="2"'
    ' style:class="text"><style:paragraph-properties fo:margin-top="0.5cm" fo:margin-bottom="0.2cm"'
    ' fo:keep-with-next="always"/><style:text-properties fo:font-size="13pt" fo:font-weight="bold"/></style:style>',
    '<style:style style:name="Heading_20_3" style:display-name="Heading 3" style:family="paragraph"'
    ' style:parent-style-name="Heading" style:next-style-name="Text_20_body" style:default-outline-level="3"'
    ' style:class="text"><style:paragraph-properties fo:margin-top="0.3cm" fo:margin-bottom="0.1cm"'
    ' fo:keep-with-next="always"/><style:text-properties fo:font-size="11pt" fo:font-weight="bold"/></style:style>',
    '<style:style style:name="Title" style:family="paragraph" style:class="chapter"><style:paragraph-properties'
    ' fo:margin-bottom="0.5cm"/><style:text-properties fo:font-size="24pt" fo:font-weight="bold"/></style:style>',
    f'<style:style style:name="{QUOTE}" style:family="paragraph" style:class="html"><style:paragraph-properties'
    ' fo:margin-left="1cm" fo:margin-right="1cm" fo:margin-bottom="0.25cm"/><style:text-properties'
    ' fo:font-style="italic"/></style:style>',
    '<style:style style:name="Machine" style:family="text"><style:text-properties'
    ' style:font-name="Liberation Mono" fo:font-family="monospace"/></style:style>',
    '<style:style style:name="Exposant" style:family="text"><style:text-properties'
    ' style:text-position="super 58%"/></style:style>',
)

# what a table looks like is read from the document's own text part only
_TABLE_STYLES = (
    f'<style:style style:name="{TABLE}" style:family="table"><style:table-properties table:align="margins"'
    ' fo:margin-top="0.1cm" fo:margin-bottom="0.3cm"/></style:style>',
    f'<style:style style:name="{CELL}" style:family="table-cell"><style:table-cell-properties'
    ' fo:border="0.5pt solid #566074" fo:padding="0.1cm"/></style:style>',
)


def _list_style(name: str, ordered: bool) -> str:
    """Ten depths, each with its mark, its indent and a tabulation between the mark and the words."""
    levels = []
    for depth in range(1, 11):
        place = (
            '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
            '<style:list-level-label-alignment text:label-followed-by="listtab"'
            f' fo:text-indent="-{_STEP}cm" fo:margin-left="{depth * _STEP:.2f}cm"/></style:list-level-properties>'
        )
        if ordered:
            form, suffix = _NUMBER_FORMS[(depth - 1) % 3]
            mark = f'style:num-format="{form}" style:num-suffix="{suffix}"'
            levels.append(_level("number", depth, mark, place))
        else:
            levels.append(_level("bullet", depth, f'text:bullet-char="{"–•"[depth % 2]}"', place))
    return f'<text:list-style style:name="{name}">{"".join(levels)}</text:list-style>'


def _level(kind: str, depth: int, mark: str, place: str) -> str:
    return f'<text:list-level-style-{kind} text:level="{depth}" {mark}>{place}</text:list-level-style-{kind}>'


def _heading(level: int, text: str = "") -> Header:
    """A heading in the document's own style of that level (odfdo's constructor leaves the style out)."""
    heading = Header(level, text)
    heading.set_attribute("text:style-name", f"Heading_20_{level}")
    return heading


class _Prose:
    """The blocks of one text; the lists still open are kept, outermost first."""

    def __init__(self, body: Any) -> None:
        self.body = body
        self.open: list[tuple[int, Any]] = []
        self.counts: dict[int, int] = {}

    def write(self, blocks: list[Block]) -> None:
        for block in blocks:
            if block.is_listed:
                self._item(block)
                continue
            self.open = []
            if block.kind == "table":
                self.body.append(_table(block.rows))
            elif block.kind == "heading":
                self.body.append(_words(_heading(block.level), block.runs))
            else:
                style = {"quote": QUOTE, "code": CODE}.get(block.kind, "Text_20_body")
                self.body.append(_words(Paragraph(style=style), block.runs))

    def _item(self, block: Block) -> None:
        self.open = self.open[: block.level]
        if len(self.open) == block.level and self.open[-1][0] != block.series:
            self.open.pop()
        while len(self.open) < block.level:
            self._open_list(block)
        items = self.open[-1][1]
        paragraph = _words(Paragraph(style="Text_20_body"), block.runs)
        last = items.get_elements("text:list-item")
        if block.kind == "more" and last:
            last[-1].append(paragraph)
            return
        item = ListItem()
        self.counts[block.series] = self.counts.get(block.series, block.start - 1) + 1
        if block.ordered and not last and self.counts[block.series] > 1:
            item.set_attribute("text:start-value", str(self.counts[block.series]))
        item.append(paragraph)
        items.append(item)

    def _open_list(self, block: Block) -> None:
        """One list deeper: inside the last item of the one around it."""
        made = List(style=NUMBERS if block.ordered else BULLETS)
        if self.open:
            around = self.open[-1][1]
            if not around.get_elements("text:list-item"):
                around.append(ListItem())
            around.get_elements("text:list-item")[-1].append(made)
        else:
            self.body.append(made)
        self.open.append((block.series, made))


def _table(rows: list[list[list[Run]]]) -> Any:
    columns = max(len(row) for row in rows)
    table = Element.from_tag(
        f'<table:table table:style-name="{TABLE}"><table:table-column table:number-columns-repeated="{columns}"/></table:table>'
    )
    heading = Element.from_tag("<table:table-header-rows/>")
    table.append(heading)
    for number, row in enumerate(rows):
        line = Element.from_tag("<table:table-row/>")
        for place in range(columns):
            cell = Element.from_tag(f'<table:table-cell table:style-name="{CELL}" office:value-type="string"/>')
            cell.append(_words(Paragraph(), row[place] if place < len(row) else []))
            line.append(cell)
        (table if number else heading).append(line)
    return table


def _words(paragraph: Any, runs: list[Run]) -> Any:
    for run in runs:
        look = next((style for name, style in _LOOKS.items() if getattr(run, name)), None)
        if look:
            paragraph.append(Span(run.text, style=look))
        else:
            paragraph.append_plain_text(run.text)
    return paragraph
