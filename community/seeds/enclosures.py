"""The demo's files in texts: a drawing and a table that somebody of the story joins to an answer, sent as anybody's are."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from community.abilities.attachments.actions import attach
from community.abilities.attachments.receiving import received
from community.abilities.attachments.showing import file_code
from community.core.filetypes import MEGABYTE

INK, PAPER, LINE, BAR = (27, 34, 48), (255, 255, 255), (214, 211, 202), (39, 64, 139)
WIDTH, LEFT, ROW, TOP = 1200, 390, 62, 84


def with_files(user: Any, body: str, told: dict[str, Any]) -> str:
    """The text followed by its files, each behind its words."""
    for file in told.get("file", ()):
        content = calendar(file["bars"]) if "bars" in file else file["content"].strip().encode()
        with received(BytesIO(content), MEGABYTE) as whole:
            sent = attach(user, file["name"], whole, 500 * MEGABYTE)
        body += f"\n\n{file['words']}\n\n{file_code(sent)}"
    return body


def calendar(bars: list[list[Any]]) -> bytes:
    """A PNG: one line a task (words, first month, last month), months along the top.

    The words have no accents: the font that comes with the library has none, and no other is sure to be there.
    """
    months = max(int(last) for _words, _first, last in bars)
    step = (WIDTH - LEFT - 40) / months
    picture = Image.new("RGB", (WIDTH, TOP + ROW * len(bars) + 30), PAPER)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=23)
    for month in range(months + 1):
        x = LEFT + month * step
        draw.line((x, TOP - 14, x, picture.height - 24), fill=LINE, width=2)
        if month < months:
            draw.text((x + step / 2, 40), f"M{month + 1}", fill=INK, font=font, anchor="mm")
    for place, (words, first, last) in enumerate(bars):
        y = TOP + place * ROW
        draw.text((30, y + 20), words, fill=INK, font=font, anchor="lm")
        draw.rounded_rectangle((LEFT + (first - 1) * step + 4, y, LEFT + last * step - 4, y + 40), 8, fill=BAR)
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
