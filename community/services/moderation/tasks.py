"""Nightly: the audit log is walked, and its head is written to the logs, where a log cut at its end would show."""

from __future__ import annotations

import structlog

from community.core.audit import Break, breaks, head
from community.core.db import db, reading
from community.core.jobs import periodic

log = structlog.get_logger(__name__)


def look() -> tuple[Break | None, tuple[int, str]]:
    """The first break of the chain, if there is one, and the log's head."""
    with reading():
        found = next(breaks(), None), head()
        db.session.rollback()
    return found


@periodic("verify_audit_log", hour="2", minute="50")
def verify_audit_log() -> None:
    """Say loudly where the chain does not hold; else how long it is and what it ends with."""
    broken, (number, digest) = look()
    if broken is not None:
        log.error("audit_log_broken", row=broken.number, why=broken.why)
    else:
        log.info("audit_log_intact", rows=number, head=digest)
