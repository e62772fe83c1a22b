"""docs/security.md names code and tests that exist: a map that leads nowhere is worse than none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAP = (ROOT / "docs/security.md").read_text(encoding="utf-8")
#: what must each have its line (ASVS 5.0, levels 1 and 2, as far as they apply)
ROWS = re.findall(
    r"\S+",
    "1.2.1 1.2.2 1.2.4 1.3.1 1.3.5 1.3.4 1.3.6 1.3.7 1.3.11 1.5.1 2.2.2 2.3.3 2.4.1 3.2.1 3.3.1 3.4.1 3.4.2 3.4.3 3.4.6 "
    "3.4.4 3.4.5 3.5.1 3.5.3 3.7.2 4.1.1 4.1.3 15.3.4 5.2.1 5.2.2 5.2.3 5.3.1 5.4.1 5.4.3 6.2.1 6.2.9 6.2.4 6.2.12 6.3.1 "
    "6.3.2 6.3.3 6.3.4 6.4.1 6.4.3 6.8.1 7.2.3 7.3.1 7.4.1 7.5.1 8.1.1 8.2.1 8.2.2 8.2.3 8.4.1 9.1.2 9.2.3 10.1.2 10.2.1 "
    "10.5.1 11.4.2 11.5.1 13.4.2 13.4.5 14.2.1 14.3.2 15.1.2 15.2.1 15.2.2 15.3.3 16.3.1 16.3.2 16.3.3 16.4.1 16.5.1",
)
LINES = [line for line in MAP.splitlines() if line.startswith("| ") and not line.startswith("| ASVS")]


@pytest.mark.parametrize("row", ROWS)
def test_each_requirement_has_its_line(row):
    assert any(re.search(rf"\b{re.escape(row)}\b", line.split("|")[1]) for line in LINES), row


def test_each_line_names_code_and_a_test_that_exist():
    wrong = []
    for line in LINES:
        tests = re.findall(r"`(tests/[\w/.]+)::(\w+)`", line)
        wrong += [f"no test: {line[:40]}"] if not tests else []
        for name, test in tests:
            path = ROOT / name
            if not path.is_file() or not re.search(rf"^def {test}\(", path.read_text(encoding="utf-8"), re.M):
                wrong.append(f"{name}::{test}")
    assert wrong == []


def test_each_file_named_is_there():
    named = set(re.findall(r"`((?:community|requirements|docs|tests)/[\w/.]*)`", MAP))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_dependency_is_locked_with_its_digest():
    """What is installed is what was looked at: each lock names a version and the digest of each file."""
    locks = list((ROOT / "requirements").glob("*.txt"))
    assert locks
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        pinned = re.findall(r"^([\w.\[\]-]+)==\S+", text, re.M)
        assert pinned, lock.name
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(pinned), lock.name
