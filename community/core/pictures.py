"""Draw an image again, so that nothing is left of it but pixels: no place, no date, no author, no hidden thumbnail.

Runs in the sandbox (``community.core.pictures:draw_again``).
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
OPTIONS: dict[str, dict[str, Any]] = {
    "png": {"compress_level": 6},
    "jpg": {"quality": 88, "optimize": True},
    "webp": {"quality": 85, "method": 4},
}
#: for the largest ones: a little heavier, several times faster to write
HASTY: dict[str, dict[str, Any]] = {"png": {"compress_level": 1}, "jpg": {}, "webp": {"method": 1}}
MANY_PIXELS = 8_000_000
MODES = {"png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), "jpg": ("L", "RGB"), "webp": ("RGB", "RGBA")}
MOST_PIXELS = 40_000_000
#: what is kept of a larger picture: drawn smaller, it reads as well and costs three times less to draw
MOST_KEPT = 16_000_000
MOST_PROFILE = 100_000


def draw_again(arguments: dict[str, Any]) -> dict[str, Any]:
    """Write the picture at ``path`` again to ``out``: {width, height}, or {refused: code} when that cannot be done.

    Its size is known before anything is decoded: past MOST_PIXELS it is refused, past MOST_KEPT it is drawn smaller
    (a JPEG is even decoded smaller) and {reduced_from: [width, height]} says so.
    """
    kind = arguments["extension"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.MAX_IMAGE_PIXELS = MOST_PIXELS
            with Image.open(arguments["path"], formats=[FORMATS[kind]]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return {"refused": "pixels"}
                profile, whole = picture.info.get("icc_profile") or b"", picture.size
                smaller = _smaller(*whole)
                if smaller is not None:
                    picture.draft(None, smaller)
                picture.load()
                upright = ImageOps.exif_transpose(_reduced(picture, smaller))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"refused": "pixels"}
    except (OSError, ValueError, SyntaxError, KeyError, IndexError, TypeError):
        return {"refused": "broken_image"}
    drawn = _save(upright, Path(arguments["out"]), kind, profile)
    return drawn | ({"reduced_from": list(whole)} if smaller is not None and upright.size != whole else {})


def _smaller(width: int, height: int) -> tuple[int, int] | None:
    """The size at which a picture that is too large is kept; None when it may stay as it is."""
    if width * height <= MOST_KEPT:
        return None
    scale = (MOST_KEPT / (width * height)) ** 0.5
    return max(1, int(width * scale)), max(1, int(height * scale))


def _reduced(picture: Any, size: tuple[int, int] | None) -> Any:
    if size is None or picture.mode == "I;16":
        return picture
    exif = picture.getexif()  # which way up it is
    if picture.mode not in ("L", "LA", "RGB", "RGBA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
        picture.info.pop("transparency", None)
    picture.thumbnail(size, reducing_gap=2.0)
    picture.info["exif"] = exif.tobytes()
    return picture


def _save(picture: Any, out: Path, kind: str, profile: bytes) -> dict[str, Any]:
    """Pixels, palette and colours; what is not in the list of what is copied is left behind."""
    if picture.mode not in MODES[kind]:
        picture = picture.convert("RGBA" if kind != "jpg" and picture.mode in ("PA", "RGBa", "La") else "RGB")
    bare = Image.new(picture.mode, picture.size)
    if picture.mode == "P" and picture.palette is not None:
        bare.putpalette(picture.palette)
    bare.paste(picture)
    options = OPTIONS[kind] | (HASTY[kind] if bare.width * bare.height > MANY_PIXELS else {})
    if 0 < len(profile) <= MOST_PROFILE:
        options["icc_profile"] = profile
    if "transparency" in picture.info and kind != "jpg":
        options["transparency"] = picture.info["transparency"]
    bare.save(out, FORMATS[kind], **options)
    return {"width": bare.width, "height": bare.height}
