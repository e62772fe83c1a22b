"""Keyset pages: every row once, in both directions, whatever the cursor says."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from community.abilities.tags.models import Tag
from community.core.db import db
from community.core.paging import Key, paginate

KEYS = (Key(Tag.label, "label"), Key(Tag.id, "id", descending=False))


@pytest.fixture
def tags(context):
    db.session.add_all([Tag(slug=f"t{number}", label=f"label {number // 3}") for number in range(10)])
    db.session.commit()


def query():
    return select(Tag.id, Tag.label)


def walk(direction: str, cursor: str | None, size: int = 3) -> list[list[int]]:
    pages = []
    while True:
        page = paginate(query(), KEYS, cursor, size)
        pages.append([row.id for row in page])
        cursor = getattr(page, direction)
        if cursor is None:
            return pages


def test_walking_down_gives_every_row_once_in_order(tags):
    expected = [row.id for row in db.session.execute(query().order_by(Tag.label.desc(), Tag.id))]
    assert [id for page in walk("older", None) for id in page] == expected


def test_walking_back_up_gives_the_same_pages(tags):
    down = walk("older", None)
    last = paginate(query(), KEYS, None, 3)
    while last.older:
        last = paginate(query(), KEYS, last.older, 3)
    up = walk("newer", last.newer)
    assert [id for page in reversed(up) for id in page] == [id for page in down[:-1] for id in page]


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "W10", "WyJvIiwxXQ", "a" * 400, "eyJhIjoxfQ", "\x00"])
def test_a_wrong_cursor_gives_the_first_page(tags, cursor: str):
    first = [row.id for row in paginate(query(), KEYS, None, 3)]
    assert [row.id for row in paginate(query(), KEYS, cursor, 3)] == first


def test_no_newer_page_before_the_first(tags):
    page = paginate(query(), KEYS, None, 3)
    assert page.newer is None
    assert page.older is not None
