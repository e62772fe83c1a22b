"""What the worker does for moderation: sweeps and their undoing, piece by piece; nightly, the audit log is walked.

The log's head is written to the application's logs, where a log cut at its end would show.
"""

from __future__ import annotations

import structlog

from community.core.audit import Break, breaks, head
from community.core.db import commit, db, reading, rollback
from community.core.jobs import job, periodic
from community.services.moderation.sweeps import forget_pieces, go_on, sweeps_under_way

log = structlog.get_logger(__name__)


@job("sweeps")
def do_sweeps() -> None:
    """A few pieces a transaction, so that nobody's post waits behind a spammer's thousand. One that fails stops no other."""
    ids = sweeps_under_way()
    rollback()
    for id in ids:
        try:
            while go_on(id):
                commit()
            commit()
        except Exception:
            rollback()
            log.exception("sweep_failed", sweep_id=id)


@periodic("sweeps_every_minute", minute="*")
def go_on_with_sweeps() -> None:
    """In case the asking was lost, or the worker was killed in the middle."""
    do_sweeps()


@periodic("forget_sweeps", hour="3", minute="40")
def forget_sweeps() -> None:
    forget_pieces()
    commit()


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
