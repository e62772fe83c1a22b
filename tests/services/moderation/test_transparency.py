"""The public page: counts by month, and nothing that points at somebody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.abilities.flags.models import Flag, FlagCase
from community.core.clock import now
from community.core.db import db
from community.services.moderation.models import Decision
from community.services.moderation.transparency import FEW, without_few

PAGE = "/transparence"


@given(st.lists(st.integers(0, 40), min_size=1, max_size=14))
def test_no_small_number_shows_nor_is_found_by_subtraction(numbers):
    shown = without_few(numbers)
    assert all(number is None or number >= FEW for number in shown)
    assert all(a is None or a == b for a, b in zip(shown, numbers, strict=True))
    assert shown.count(None) != 1 or len(numbers) == 1


@pytest.fixture
def year(app, place):
    """Cases of the month before, answered in six hours; one of them this month."""
    with app.app_context():
        last_month = now().replace(day=1) - timedelta(days=3)
        for number in range(8):
            opened = last_month if number < 7 else now()
            closed = opened + timedelta(hours=6)
            case = FlagCase(subject=f"p{900 + number}", contribution_id=place.answer, author_id=place.author)
            case.opened_at, case.closed_at, case.outcome = opened, closed, "remove"
            db.session.add(case)
            db.session.flush()
            db.session.add(Flag(case_id=case.id, reporter_id=place.reader, reason="wrong", created_at=opened))
            decision = Decision(case_id=case.id, member_id=place.author, action="remove", decided_by_id=place.moderator)
            decision.decided_at = closed
            db.session.add(decision)
        db.session.commit()
        db.session.remove()


def test_visitors_read_counts_and_delays(visitor, place, year):
    page = visitor.get(PAGE).text
    assert "6 heures" in page
    cells = re.findall(r'<td class="number">(.*?)</td>', page)
    assert "7" in cells
    assert "1" not in cells
    assert cells.count('<span class="muted">moins de 5</span>') >= 40
    for secret in ("Aline", "Inès", "Cantines", "prestataire", "cantines"):
        assert secret not in page.split("<main")[1]


def test_an_empty_year_is_a_page_too(visitor):
    page = visitor.get(PAGE)
    assert page.status_code == 200
    assert "trop peu pour le dire" in page.text


def test_it_costs_the_same_whatever_happened(visitor, year, statements):
    with statements() as counted:
        assert visitor.get(PAGE).status_code == 200
    assert counted.count <= 8, counted.statements
