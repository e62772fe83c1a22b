"""A DOCX opens as a French document: A4, spelling checked in French."""

from docx.oxml.ns import qn
from docx.shared import Mm

from community.content.baskets.documents import docx_of
from community.content.baskets.outline import Outline


def test_docx_is_a_french_a4_document(context):
    from io import BytesIO

    from docx import Document

    document = Document(BytesIO(docx_of(Outline(title="Clauses", parts=()))))
    assert abs(document.sections[0].page_width - Mm(210)) < 1000
    languages = {element.get(qn("w:val")) for element in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"fr-FR"}
