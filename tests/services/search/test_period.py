"""The results page by period and by date, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community.core.clock import now
from community.core.db import db


@pytest.fixture
def dated(app, make, people, drain):
    """Three questions: of today, of 40 days ago, of two years ago."""
    from community.contributions.models import Contribution

    for title, days in (("du jour", 0), ("du mois passé", 40), ("du temps jadis", 730)):
        id = make.question(people["claire"], title=f"Des okapis {title} ?")
        with app.app_context():
            db.session.get(Contribution, id).published_at = now() - timedelta(days=days)
            db.session.commit()
            db.session.remove()
    drain()


def test_a_period_narrows_and_is_shown(dated, visitor, find):
    assert "3 résultats" in find(visitor, "okapis")
    month = (now() - timedelta(days=30)).date().isoformat()
    page = find(visitor, "okapis", apres=month)
    assert "1 résultat" in page and "depuis le" in page and f'value="{month}"' in page
    year = (now() - timedelta(days=365)).date().isoformat()
    assert "du temps jadis" in find(visitor, "okapis", avant=year)
    assert "1 résultat" in find(visitor, "okapis", apres=year, avant=month)
    assert "30 derniers jours" in page and "Cette année" in page
    assert "3 résultats" in find(visitor, "okapis", avant="9999-12-31")


@pytest.mark.parametrize("day", ["hier", "2026-13-45", "99999-01-01", "-1"])
def test_a_day_that_is_none_is_left_out(dated, visitor, find, day: str):
    assert "3 résultats" in find(visitor, "okapis", apres=day, avant=day)


def test_sorted_by_date(dated, visitor, find):
    page = find(visitor, "okapis", tri="date")
    assert page.index("du jour") < page.index("du mois passé") < page.index("du temps jadis")


def test_pages_follow_one_another(make, people, visitor, find, drain):
    import re

    for number in range(25):
        make.question(people["claire"], title=f"Des okapis, lot {number} ?")
    drain()
    first = find(visitor, "okapis")
    address = re.search(r'rel="next" href="([^"]+)"', first).group(1).replace("&amp;", "&")
    second = visitor.get(address).text
    ids = [re.findall(r'<h2><a href="/questions/(\d+)-', page) for page in (first, second)]
    assert (len(ids[0]), len(ids[1])) == (20, 5)
    assert not set(ids[0]) & set(ids[1])
