"""The redaction check of a document: its title and description, and the words of the file that waits.

Findings are suggestions. Nothing is published while one of them has no answer from the author.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from community.abilities.attachments.models import Blob, BlobPage
from community.content.documents.models import Document, DocumentVersion
from community.core.db import db
from community.core.redaction import UNREAD, Finding, answered, findings, from_json, to_json, unanswered
from community.people.communities.models import Community


@dataclass(frozen=True)
class Check:
    """Where a document stands on its way out.

    ``state``: reading (the file is not read yet), refused (the file was), to_answer, or ready.
    """

    state: str
    about: list[Finding] = field(default_factory=list)
    inside: list[Finding] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        known = {one.digest for one in self.inside}
        return [*self.inside, *(one for one in self.about if one.digest not in known)]

    @property
    def pages(self) -> set[int | None]:
        """The pages where something was found."""
        return {place.page for one in self.findings for place in one.places}

    @property
    def marks(self) -> set[str]:
        return {one.digest for one in self.left}


def check_of(document: Document, version: DocumentVersion | None) -> Check:
    """The check of a document with the version that waits (attachment and blob loaded), if any."""
    visibility = _visibility(document)
    about = findings([(None, f"{document.title}\n\n{document.body}")])
    left = unanswered(about, document.redaction, visibility)
    if version is None:
        return Check("to_answer" if left else "ready", about, [], left)
    blob = version.attachment.blob
    if blob.state in ("refused", "infected"):
        return Check("refused", about)
    if version.findings is None:
        return Check("reading", about)
    inside = from_json(version.findings)
    known = {one.digest for one in inside}
    left = [one for one in left if one.digest not in known] + unanswered(inside, version.answers, visibility)
    return Check("to_answer" if left else "ready", about, inside, left)


def is_read(blob: Blob) -> bool:
    """Whether the worker is done with a file: examined, scanned, its words taken out or known to be out of reach."""
    if blob.state in ("refused", "infected"):
        return True
    return blob.is_open and (blob.state == "download_only" or blob.text_state != "waiting")


def look_at(version: DocumentVersion) -> None:
    """Keep what the file of a version holds that may not be for everybody. Looking again changes nothing.

    Where no word could be read, that is what is found: an image may show anything.
    """
    blob = version.attachment.blob
    if version.findings is None and is_read(blob) and blob.is_open:
        query = select(BlobPage.number, BlobPage.text).where(BlobPage.sha256 == blob.sha256).order_by(BlobPage.number)
        found = findings((row.number, row.text) for row in db.session.execute(query))
        version.findings = to_json([UNREAD, *found] if blob.text_state != "done" else found)


def answer(document: Document, version: DocumentVersion | None, user: Any, marks: Collection[str], words: str) -> None:
    """Keep what the author decided of these findings: ``words`` is "public" or "restricted"."""
    check = check_of(document, version)
    told = (user.id, _visibility(document))
    document.redaction = answered(document.redaction, {one.digest for one in check.about} & set(marks), words, *told)
    if version is not None:
        mine = {one.digest for one in check.inside} & set(marks)
        version.answers = answered(version.answers, mine, words, *told)


def take_back(document: Document, version: DocumentVersion | None, kept: Collection[str]) -> None:
    """Forget that findings might be shared, but for those of ``kept``: boxes that were unticked."""
    document.redaction = _without(document.redaction, kept)
    if version is not None:
        version.answers = _without(version.answers, kept)


def _visibility(document: Document) -> str:
    """Who sees the place that the document is in, or was just given."""
    loaded = document.community if "community" in document.__dict__ else None
    return (loaded or db.session.get_one(Community, document.community_id)).visibility


def _without(answers: dict[str, Any], kept: Collection[str]) -> dict[str, Any]:
    return {mark: told for mark, told in answers.items() if mark in kept or told["answer"] != "public"}
