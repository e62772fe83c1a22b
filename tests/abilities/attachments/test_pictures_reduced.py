"""A picture of too many points is kept smaller: it costs less to draw, and the page says that it was done."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from community.core import pictures


@pytest.fixture
def few(monkeypatch) -> None:
    """The same bounds, a thousand times lower: 40,000 points at most, 16,000 kept."""
    monkeypatch.setattr(pictures, "MOST_PIXELS", 40_000)
    monkeypatch.setattr(pictures, "MOST_KEPT", 16_000)


def drawn(tmp_path: Path, kind: str, size: tuple[int, int], mode: str = "RGB", **options) -> tuple[dict, Image.Image]:
    source, out = tmp_path / f"a.{kind}", tmp_path / f"b.{kind}"
    Image.linear_gradient("L").resize(size).convert(mode).save(source, pictures.FORMATS[kind], **options)
    answer = pictures.draw_again({"path": str(source), "out": str(out), "extension": kind})
    return answer, Image.open(io.BytesIO(out.read_bytes())) if out.exists() else Image.new("L", (1, 1))


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_a_large_picture_is_kept_smaller_and_says_so(few, tmp_path, kind):
    answer, made = drawn(tmp_path, kind, (220, 150))
    assert answer["reduced_from"] == [220, 150]
    assert made.size == (answer["width"], answer["height"])
    assert made.width * made.height <= 16_000
    assert made.width / made.height == pytest.approx(220 / 150, abs=0.05)


def test_one_that_is_held_on_its_side_stays_upright(few, tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    answer, made = drawn(tmp_path, "jpg", (220, 150), exif=turned.tobytes())
    assert made.width < made.height
    assert "reduced_from" in answer
    assert not made.getexif()


def test_a_smaller_one_keeps_every_point_and_a_larger_one_is_refused(few, tmp_path):
    answer, made = drawn(tmp_path, "png", (120, 100), mode="P")
    assert (made.size, "reduced_from" in answer) == ((120, 100), False)
    assert drawn(tmp_path, "png", (400, 300))[0] == {"refused": "pixels"}
