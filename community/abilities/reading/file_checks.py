"""The redaction check of files joined to texts: looked at once they are read, their sender told what was found.

The text is not held meanwhile: a question cannot wait for its file. Its sender answers each finding, puts another file in its
place, or closes it to readers. Findings are suggestions; the page says so.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.abilities.attachments.models import Attachment, BlobPage, FileCheck
from community.contributions.actions import signed
from community.contributions.models import Contribution
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Invalid
from community.core.outbox import emit
from community.core.redaction import Finding, answered, findings, from_json, to_json, unanswered

#: answers about a file of a text hold wherever the text is: there is no narrower place to move it to
ANYWHERE = "public"


def look_at_file(attachment_id: int) -> None:
    """Keep what a file under a text holds that may not be for everybody; its sender is told of what is new. Idempotent."""
    query = select(Attachment).options(joinedload(Attachment.blob)).where(Attachment.id == attachment_id)
    file = db.session.scalars(query).one_or_none()
    if file is None or file.contribution_id is None or file.place != "text":
        return
    if not file.blob.is_open or file.blob.text_state != "done":
        return
    check = db.session.get(FileCheck, attachment_id)
    if check is not None and check.sha256 == file.sha256:
        return
    found = to_json(_found_in(file.sha256))
    if check is None:
        check = FileCheck(attachment_id=attachment_id, answers={})
        db.session.add(check)
    check.sha256, check.findings = file.sha256, found
    _count(file, check)
    if file.to_answer:
        emit("file.to_answer", file)


def check_of_file(attachment: Attachment) -> FileCheck | None:
    """The check of the content that the file has now; None while it is not looked at."""
    check = db.session.get(FileCheck, attachment.id)
    return check if check is not None and check.sha256 == attachment.sha256 else None


def findings_of_file(check: FileCheck | None) -> list[Finding]:
    return from_json(check.findings) if check is not None else []


def left_in_file(check: FileCheck | None) -> list[Finding]:
    return unanswered(findings_of_file(check), check.answers, ANYWHERE) if check is not None else []


def answer_file(attachment: Attachment, check: FileCheck, user: Any, marks: Collection[str]) -> list[Finding]:
    """Keep that these findings, and no others, may be read by all. Gives what still has no answer."""
    known = {one.digest for one in findings_of_file(check)}
    kept = {mark: told for mark, told in check.answers.items() if mark in marks}
    check.answers = answered(kept, (known & set(marks)) - set(kept), "public", user.id, ANYWHERE)
    _count(attachment, check)
    return left_in_file(check)


def replace_file(attachment: Attachment, user: Any, other: Attachment) -> None:
    """Put another file of the same person in the place of this one: the texts that name it need no change.

    The file that was there is nobody's any more; its content goes with the night.
    """
    if other.id == attachment.id or other.contribution_id is not None or other.place != "text":
        raise Invalid(_("Ce fichier est déjà dans un texte : choisissez-en un autre."))
    if other.inline != attachment.inline:
        raise Invalid(_("Remplacez une image par une image, un document par un document."))
    attachment.sha256, attachment.name = other.sha256, other.name
    attachment.withheld_at, attachment.to_answer = None, 0
    check = db.session.get(FileCheck, attachment.id)
    if check is not None:
        db.session.delete(check)
    db.session.delete(other)
    emit("file.stored", attachment, actor=user)


def withhold_file(attachment: Attachment, user: Any) -> None:
    """Close a file to readers: its sender and the moderators alone still get it. Twice is once."""
    if attachment.withheld_at is None:
        attachment.withheld_at = now()
        _log(user, "file.withheld", attachment)


def reopen_file(attachment: Attachment, user: Any) -> None:
    if attachment.withheld_at is not None:
        attachment.withheld_at = None
        _log(user, "file.reopened", attachment)


def _found_in(sha256: str) -> list[Finding]:
    query = select(BlobPage.number, BlobPage.text).where(BlobPage.sha256 == sha256).order_by(BlobPage.number)
    return findings((row.number, row.text) for row in db.session.execute(query))


def _count(attachment: Attachment, check: FileCheck) -> None:
    attachment.to_answer = len(left_in_file(check))


def _log(user: Any, act: str, attachment: Attachment) -> None:
    """In the name that signs the page: moderators read the log, and a pseudonym must not be named there."""
    page = db.session.get_one(Contribution, attachment.contribution_id)
    record(signed(user, page), act, attachment, community_id=page.community_id)
