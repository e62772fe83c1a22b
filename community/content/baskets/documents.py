"""An outline as a file: DOCX, ODT or Markdown."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from community.content.baskets.odf_file import odt_of
from community.content.baskets.outline import Article, Outline
from community.content.baskets.word_file import docx_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"


def markdown_of(outline: Outline) -> bytes:
    """The same as Markdown, in UTF-8; empty variables are in bold between brackets."""
    lines = [f"# {outline.title}", *(f"*{notice}*" for notice in outline.notices)]
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
