"""The demo's documents: files made for it, sent, checked and published by the people of the story."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from community.abilities.attachments.actions import attach
from community.abilities.attachments.models import Attachment
from community.abilities.attachments.receiving import received
from community.abilities.comments.actions import comment_on
from community.abilities.votes.actions import vote
from community.content.documents.actions import answer_findings, ask_publication, begin_document
from community.content.documents.checking import check_of
from community.content.documents.models import Document
from community.content.documents.versions import put_file, waiting_version
from community.core.clock import at
from community.core.db import db
from community.core.filetypes import MEGABYTE
from community.core.redaction import findings, to_json
from community.people.communities.models import Community
from community.seeds import papers

if TYPE_CHECKING:
    from community.seeds.tell import Story

FIELDS = (
    "nature",
    "issuer",
    "edition_date",
    "licence",
    "trust_level",
    "phase",
    "territory",
    "cpv",
    "dimensions",
    "url",
)
ROOM = 500 * MEGABYTE


def tell_documents(story: Story) -> None:
    labels = {tag["slug"]: tag["label"] for tag in story.read("tags")}
    for record in sorted(story.read("documents"), key=lambda record: -_first_day(record)):
        _tell_document(story, record, labels)


def _first_day(record: dict[str, Any]) -> float:
    return record["version"][0]["days_ago"] if "version" in record else record["published_days_ago"]


def _tell_document(story: Story, record: dict[str, Any], labels: dict[str, str]) -> None:
    user = story.user(record["author"])
    versions = _versions(record)
    with at(story.days_ago(_first_day(record))):
        document = begin_document(
            user,
            db.session.get(Community, story.communities[record["community"]]),
            record["title"],
            attachment=_send(user, record, versions[0]) if versions else None,
            body=record["description"].strip(),
            tags=[labels[slug] for slug in record.get("tags", ())],
            **{name: record[name] for name in FIELDS if name in record},
        )
        _publish(document, user, record, versions[0] if versions else None)
    for told in versions[1:]:
        with at(story.days_ago(told["days_ago"])):
            put_file(document, user, _send(user, record, told), told["note"])
            _publish(document, user, record, told)
    story.documents[record["key"]] = document.id
    _tell_opinions(story, record, document)


def _versions(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Every version with all its pages: a later one only tells those that it replaces."""
    told = list(record.get("version", ()))
    for place, version in enumerate(told[1:], start=1):
        pages = list(told[place - 1]["pages"])
        for number, page in version["replaced"].items():
            pages[int(number) - 1] = page
        told[place] = {**version, "pages": pages}
    return told


def _send(user: Any, record: dict[str, Any], version: dict[str, Any]) -> Attachment:
    content = papers.make(record["format"], version, record["title"])
    with received(BytesIO(content), ROOM) as file:
        return attach(user, record["file"], file, ROOM)


def _publish(document: Document, user: Any, record: dict[str, Any], told: dict[str, Any] | None) -> None:
    """What is told was read in its time, and its author answered; what waits is read by the worker, as for anybody."""
    version = waiting_version(document.id)
    if version is not None and told is not None and not record.get("waiting"):
        version.findings = to_json(findings(enumerate(papers.texts(told), start=1)))
        answer_findings(document, user, {one.digest for one in check_of(document, version).findings})
    ask_publication(document, user)


def _tell_opinions(story: Story, record: dict[str, Any], document: Document) -> None:
    for key in record.get("votes_by", ()):
        vote(document, story.user(key))
    for told in record.get("comment", ()):
        when = story.days_ago(_first_day(record)) + timedelta(days=told["days_after"])
        with at(min(when, story.started - timedelta(minutes=30))):
            comment_on(document, story.user(told["author"]), told["body"].strip())
