"""The file where the web processes count together."""

from __future__ import annotations

import subprocess
import sys

import pytest
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

TEN = parse("10 per 5 minutes")


@pytest.fixture
def uri(tmp_path):
    return f"ratefile://{tmp_path}/with%20space/rates.sqlite3"


@pytest.fixture
def limiter(uri):
    import community.core.rates  # noqa: F401

    return FixedWindowRateLimiter(storage_from_string(uri))


def test_counts_up_to_the_limit_then_starts_anew(limiter, time_machine):
    time_machine.move_to("2026-05-01T10:00:00Z", tick=False)
    assert [limiter.hit(TEN, "claire") for _attempt in range(11)] == [True] * 10 + [False]
    assert limiter.hit(TEN, "paul")
    assert not limiter.test(TEN, "claire")
    assert limiter.get_window_stats(TEN, "claire").reset_time - 300 == pytest.approx(1777629600)
    time_machine.move_to("2026-05-01T10:05:01Z", tick=False)
    assert limiter.hit(TEN, "claire")


def test_what_is_over_is_swept(limiter, time_machine):
    time_machine.move_to("2026-05-01T10:00:00Z", tick=False)
    for number in range(20):
        limiter.hit(TEN, f"member{number}")
    time_machine.move_to("2026-05-01T11:00:00Z", tick=False)
    for _hit in range(500):
        limiter.hit(TEN, "claire")
    [(count,)] = limiter.storage._open().execute("SELECT count(*) FROM rate").fetchall()
    assert count == 1


def test_processes_count_together(limiter, uri):
    code = (
        "import sys, community.core.rates\n"
        "from limits import parse; from limits.storage import storage_from_string as s\n"
        "from limits.strategies import FixedWindowRateLimiter as F\n"
        "f = F(s(sys.argv[1]))\n"
        "for n in range(200): f.hit(parse('1000 per 5 minutes'), 'everybody')\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, uri]) for _each in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert limiter.get_window_stats(parse("1000 per 5 minutes"), "everybody").remaining == 400
