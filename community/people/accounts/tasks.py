"""What the worker writes down about accounts. What is forgotten, and when, is in services/personal_data/retention.py."""

from __future__ import annotations

from community.core.db import db
from community.core.jobs import job
from community.people.accounts.sessions import stay_open


@job("seen")
def mark_seen(sign_in_id: int) -> None:
    """The session served today: asked by the first request of the day, which only reads, and written by the worker."""
    stay_open(sign_in_id)
    db.session.commit()
