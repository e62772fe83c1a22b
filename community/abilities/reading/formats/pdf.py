"""PDF: the text page by page, and pages as images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from community.abilities.reading.formats.collector import Collector, Damaged, Encrypted

PREVIEW_WIDTH, PREVIEW_HEIGHT, TALLEST, FLATTEST, LARGEST = 1000, 1600, 1.6, 0.6, 2.5
_PASSWORD = 4


@contextmanager
def opened(path: Path) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(path)
        pages = len(document)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise Encrypted from error
        raise Damaged("pdf") from error
    try:
        if not pages:
            raise Damaged("no page")
        yield document
    finally:
        document.close()


def read(path: Path, into: Collector) -> int:
    """Every page's text, an empty one for a page that is only an image. Returns how many pages there are."""
    with opened(path) as document:
        for number in range(len(document)):
            if into.full():
                break
            into.add(f"Page {number + 1}", _text(document, number))
        return len(document)


def _text(document: pdfium.PdfDocument, number: int) -> str:
    """One page that does not load stops no other."""
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return ""
    try:
        text = page.get_textpage()
        try:
            return text.get_text_range()
        finally:
            text.close()
    except pdfium.PdfiumError:
        return ""
    finally:
        page.close()


def _picture(page: pdfium.PdfPage) -> Any:
    """The page at reading size; of one that goes on and on (a sheet of 1,000 rows) its top."""
    from community.abilities.reading.formats.pictures import on_a_leaf

    width, height = (max(side, 1) for side in page.get_size())
    hidden = max(0, height - TALLEST * width)
    scale = min(LARGEST, PREVIEW_WIDTH / width, PREVIEW_HEIGHT / (height - hidden))
    picture = page.render(scale=scale, crop=(0, hidden, 0, 0), may_draw_forms=False).to_pil()
    return picture if picture.height > FLATTEST * picture.width else on_a_leaf(picture, FLATTEST)


def draw(path: Path, folder: Path, most: int) -> list[str]:
    """The first pages as 1.webp, 2.webp… and the first again, small, as 0.webp. Returns the names written."""
    from community.abilities.reading.formats.pictures import save, top_of

    written = []
    with opened(path) as document:
        for number in range(min(most, len(document))):
            page = document[number]
            try:
                picture = _picture(page)
                written.append(save(picture, folder / f"{number + 1}.webp"))
                if number == 0:
                    written.append(save(top_of(picture), folder / "0.webp"))
            finally:
                page.close()
    return written
