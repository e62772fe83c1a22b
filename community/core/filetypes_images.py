"""The size of an image from its first bytes, so that one too large is refused before anything decodes it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

MAX_PIXELS = 40_000_000
#: segments of a JPEG that say its size (all the « start of frame » but the tables that share their range)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def image_size(path: Path, head: bytes) -> tuple[str, int, int] | None:
    """(extension, width, height) of a PNG, JPEG or WebP; zeros when its header is damaged; None for anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("png", *_png(head))
    if head.startswith(b"\xff\xd8\xff"):
        with path.open("rb") as file:
            return ("jpg", *_jpeg(file))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ("webp", *_webp(head))
    return None


def _png(head: bytes) -> tuple[int, int]:
    if head[12:16] != b"IHDR" or len(head) < 24:
        return 0, 0
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _jpeg(file: BinaryIO) -> tuple[int, int]:
    """Walk the segments up to the first frame; at most a few hundred, since metadata is cut in pieces of 64 KB."""
    file.seek(2)
    for _segment in range(500):
        mark = file.read(2)
        while len(mark) == 2 and mark[0] == 0xFF and mark[1] == 0xFF:
            mark = mark[1:] + file.read(1)
        if len(mark) < 2 or mark[0] != 0xFF:
            return 0, 0
        length = file.read(2)
        if len(length) < 2:
            return 0, 0
        if mark[1] in _FRAMES:
            frame = file.read(5)
            if len(frame) < 5:
                return 0, 0
            height, width = struct.unpack(">HH", frame[1:5])
            return width, height
        file.seek(max(0, struct.unpack(">H", length)[0] - 2), 1)
    return 0, 0


def _webp(head: bytes) -> tuple[int, int]:
    kind, data = head[12:16], head[20:]
    if kind == b"VP8X" and len(data) >= 10:
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if kind == b"VP8L" and len(data) >= 5:
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0
