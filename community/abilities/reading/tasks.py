"""The worker's part: examine files one by one, each kept in a transaction of its own, and look again at those that wait.

Whatever the moment of a kill -9, a file is either as before or examined whole: previews are written under fixed keys first,
then pages, facts and state are committed together. The event that asked is still there and is handled again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import exists, select, update

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.reading.antivirus import ScannerUnavailable, answers
from community.abilities.reading.cleaned import clean_again
from community.abilities.reading.examine import EXAMINER, Outcome, examination, forget_abandoned
from community.abilities.reading.keeping import keep_outcome
from community.abilities.reading.quarantine_tasks import sweep_quarantine
from community.abilities.reading.queries import waiting_files
from community.abilities.reading.scan_tasks import look_for_viruses
from community.abilities.reading.scanning import refuses_unscanned, scanner
from community.abilities.reading.sealing import seal
from community.core import ports
from community.core.clock import now
from community.core.db import commit, db, reading
from community.core.jobs import periodic
from community.core.outbox import Event, emit
from community.core.storage import storage

log = structlog.get_logger(__name__)
#: a file whose reading took the whole worker down this often is given up
MOST_ATTEMPTS = 5
A_NIGHT = 500


@dataclass(frozen=True)
class Waiting:
    """A blob as it was when its turn came."""

    sha256: str
    media_type: str
    state: str
    scan: str
    facts: dict[str, Any]

    @property
    def done(self) -> bool:
        """Examined by this version of the examiner, and scanned if files are scanned here."""
        if self.state == "infected" or (self.state == "refused" and not self.is_unscanned):
            return True
        read = self.state != "waiting" and self.facts.get("examiner") == EXAMINER
        return read and (self.scan == "clean" or not scanner())

    @property
    def is_unscanned(self) -> bool:
        """Whether it was kept as one that the antivirus could not look at."""
        return self.scan == "too_large" and self.state != "waiting"


def examine_attachment(id: int) -> None:
    """Examine the content of a file, unless it is done, and say that it is (once more does no harm)."""
    attachment = db.session.get(Attachment, id)
    sha256 = attachment.sha256 if attachment else None
    db.session.rollback()
    if sha256 is None:
        return
    if not examine_blob(sha256):
        emit("file.examined", db.session.get_one(Attachment, id))


def examine_blob(sha256: str) -> bool:
    """Scan, look, read and draw one content, and keep what was found. Says whether there was anything to do.

    Raises ScannerUnavailable: the file goes on waiting, its event is tried again later.
    """
    blob = _waiting(sha256)
    if blob is None or blob.done:
        return False
    scanned = look_for_viruses(sha256, blob.state, blob.scan)
    if scanned == "infected":
        return True
    if (
        blob.state != "waiting"
        and blob.facts.get("examiner") == EXAMINER
        and (scanned == "too_large") == blob.is_unscanned
    ):
        return False
    if _begin(sha256) > MOST_ATTEMPTS:
        log.error("file_given_up", sha256=sha256)
        _keep(sha256, Outcome(findings=["crashed"], facts={"examiner": EXAMINER}, text_state="failed"))
    elif scanned == "too_large" and refuses_unscanned():
        _keep(sha256, Outcome(findings=["not_scanned"], facts={"examiner": EXAMINER}))
    else:
        with examination(sha256, blob.media_type, storage()) as outcome:
            outcome.findings += ["unscanned"] if scanned == "too_large" else []
            _keep(sha256, outcome)
    return True


def _keep(sha256: str, outcome: Outcome) -> None:
    keep_outcome(sha256, outcome)
    commit()


def make_copy(attachment_id: int, member_id: int | None, which: str = "clean") -> None:
    """The copy without personal traces that a member asked for; it is theirs, and examined like any file."""
    if clean_again(attachment_id, member_id, which):
        commit()


def seal_file(attachment_id: int) -> None:
    """Under a text signed by a pseudonym, the copy without traces takes the place of a file that names somebody."""
    if seal(attachment_id):
        commit()


@ports.provide("files_health")
def files_health() -> dict[str, Any]:
    """For /sante/pret: how many files wait, and whether the antivirus answers. Neither keeps the site from serving."""
    url = scanner()
    return {"files_waiting": waiting_files(), "antivirus": ("ok" if answers(url) else "down") if url else "off"}


@periodic("wake_files", minute="*/10")
def wake_files() -> None:
    """Files whose scan was given up because clamd was away are tried again once it answers."""
    if scanner() and not answers(scanner()):
        return
    waiting = exists().where(
        Attachment.id == Event.subject_id, Blob.sha256 == Attachment.sha256, Blob.state == "waiting"
    )
    unscanned = Event.error.contains(ScannerUnavailable.__name__)
    parked = update(Event).where(Event.name == "file.stored", Event.parked_at.is_not(None), unscanned, waiting)
    db.session.execute(
        parked.values(parked_at=None, tries=0, due_at=now()).execution_options(synchronize_session=False)
    )
    commit()


@periodic("look_at_files_again", hour="2", minute="40")
def look_again() -> None:
    """Contents that a new examiner should see, that came before the antivirus did, or that nobody examined: asked again."""
    stale = Blob.state.in_(("waiting", "ready", "download_only")) | (Blob.state_reason == "not_scanned")
    unscanned = Blob.scan != "clean" if scanner() else Blob.sha256.is_(None)
    version = Blob.facts["examiner"].as_integer()
    never = (Blob.state == "waiting") | version.is_(None) | (version != EXAMINER)
    asked = exists().where(Event.name == "file.stored", Event.subject_id == Attachment.id)
    query = select(Attachment).join(Blob, Blob.sha256 == Attachment.sha256).where(stale, unscanned | never, ~asked)
    for attachment in db.session.scalars(query.order_by(Blob.scan == "too_large", Attachment.id).limit(A_NIGHT)).all():
        emit("file.stored", attachment)
    commit()
    forget_abandoned(storage())
    sweep_quarantine()


def _waiting(sha256: str) -> Waiting | None:
    with reading():
        blob = db.session.get(Blob, sha256)
        found = Waiting(sha256, blob.media_type, blob.state, blob.scan, dict(blob.facts)) if blob else None
        db.session.rollback()
    return found


def _begin(sha256: str) -> int:
    """Count this attempt before it begins: what kills the whole worker must be known when it comes back."""
    blob = db.session.get_one(Blob, sha256)
    attempts = int(blob.facts.get("attempts", 0)) + 1
    blob.facts = {**blob.facts, "attempts": attempts}
    commit()
    return attempts
