"""Instants as people read them: « il y a 2 heures », with the exact instant for machines and on hover."""

from __future__ import annotations

from datetime import datetime

from flask_babel import format_datetime, format_timedelta
from flask_babel import gettext as _

from community.core.clock import now
from community.core.text import to_markup


def time_tag(value: datetime | None):
    """A <time> element: relative words inside, ISO instant as attribute. Nothing for nothing."""
    if value is None:
        return ""
    delta = value - now()
    words = _("à l’instant") if abs(delta.total_seconds()) < 60 else format_timedelta(delta, add_direction=True)
    exact = format_datetime(value, "d MMMM y, HH:mm")
    return to_markup(f'<time datetime="{value.isoformat(timespec="seconds")}" title="{exact}">{words}</time>')
