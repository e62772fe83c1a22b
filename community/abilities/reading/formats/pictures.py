"""png, jpeg, webp: a preview and a thumbnail, without any of the original's metadata."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from community.abilities.reading.formats.collector import Damaged

MOST_PIXELS = 40_000_000
PREVIEW = (1000, 1600)
THUMBNAIL = (240, 320)
FORMATS = ("PNG", "JPEG", "WEBP")


def draw(path: Path, folder: Path) -> tuple[list[str], dict[str, int]]:
    """1.webp and 0.webp (small). Returns the names written, and the picture's width and height."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as picture:
                size = {"width": picture.width, "height": picture.height}
                if picture.width * picture.height > MOST_PIXELS:
                    raise Damaged("pixels")
                picture.draft(
                    "RGB", PREVIEW
                )  # a JPEG is decoded at a half or a quarter of its size when that is enough
                drawn = ImageOps.exif_transpose(picture)
                drawn.thumbnail(PREVIEW)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Damaged(type(error).__name__) from error
    names = [save(drawn, folder / "1.webp")]
    drawn.thumbnail(THUMBNAIL)
    return [*names, save(drawn, folder / "0.webp")], size


def top_of(page: Any) -> Any:
    """The small image of a page: its top without the margins, so that a title can be told at a finger's size."""
    ink = ImageOps.invert(page.convert("L")).point(lambda level: 255 if level > 40 else 0).getbbox()
    left, top, right, _bottom = ink or (0, 0, *page.size)
    margin = page.width // 40
    left, right = max(0, left - margin), min(page.width, max(right + margin, left + page.width // 2))
    top = max(0, top - margin)
    cut = page.crop((left, top, right, min(page.height, top + (right - left) * THUMBNAIL[1] // THUMBNAIL[0])))
    cut.thumbnail(THUMBNAIL)
    return cut


def on_a_leaf(picture: Any, ratio: float) -> Any:
    """A flat picture (a sheet of three rows) at the top of a white leaf, with a margin."""
    margin = picture.width // 40
    width = picture.width + 2 * margin
    leaf = Image.new("RGB", (width, max(int(width * ratio), picture.height + 2 * margin)), "white")
    leaf.paste(picture, (margin, margin))
    return leaf


def save(picture: Any, path: Path) -> str:
    """Write a WebP with nothing but pixels in it. Returns its name."""
    mode = "RGBA" if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info else "RGB"
    bare = picture.convert(mode)
    bare.info.clear()
    bare.save(path, "WEBP", quality=78, method=2)
    return path.name
