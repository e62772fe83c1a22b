"""Every ten minutes: sanctions that have reached their date end by themselves, and the person is told."""

from __future__ import annotations

from community.core.db import db
from community.core.jobs import periodic
from community.people.communities.sanctions import lift_ended


@periodic("lift_ended_sanctions", minute="*/10")
def lift_ended_sanctions() -> None:
    while lift_ended():
        db.session.commit()
    db.session.commit()
