"""Options: what an administrator may change while the site runs, each declared once with its default and its check.

``declare()`` says that an option exists; ``option()`` reads it (the default until somebody sets it); ``set_option()`` checks,
keeps and records the change. Values are JSON. Reads are kept for a few seconds so that a request costs no statement.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from community.core.audit import record
from community.core.clock import now
from community.core.db import Instant, JsonText, Model, db

SECONDS_KEPT = 5.0


class SiteOption(Model):
    """A value that differs, or once differed, from its default."""

    __tablename__ = "site_option"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JsonText)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=now)
    changed_by_id: Mapped[int | None]


@dataclass(frozen=True)
class Declared:
    """An option: its name ("registration.policy"), its default, its check (returns what to keep, or raises Invalid)."""

    name: str
    default: Any
    check: Callable[[Any], Any]


_declared: dict[str, Declared] = {}


def declare(name: str, default: Any, check: Callable[[Any], Any] = lambda value: value) -> Declared:
    """Say that an option exists. Called at import by the feature that reads it."""
    _declared[name] = Declared(name, default, check)
    return _declared[name]


def option(name: str) -> Any:
    """The option's value now (at most a few seconds old)."""
    declared = _declared[name]
    return _values().get(name, declared.default)


def set_option(name: str, value: Any, actor: Any, reason: str = "") -> None:
    """Keep a new value and record who changed it. Raises Invalid when the option's check refuses it."""
    checked = _declared[name].check(value)
    row = db.session.get(SiteOption, name)
    if row is None:
        row = SiteOption(name=name, value=checked)
        db.session.add(row)
    row.value = checked
    row.changed_at = now()
    row.changed_by_id = getattr(actor, "id", None)
    record(actor, "option.changed", reason=f"{name} {reason}".strip())
    forget()


def forget() -> None:
    """Read the options again at the next look (after a change, and between tests)."""
    current_app.extensions.pop("options", None)


def _values() -> dict[str, Any]:
    kept = current_app.extensions.get("options")
    if kept is None or time.monotonic() - kept[0] > SECONDS_KEPT:
        rows = db.session.execute(select(SiteOption.name, SiteOption.value))
        kept = (time.monotonic(), {row.name: row.value for row in rows})
        current_app.extensions["options"] = kept
    return kept[1]
