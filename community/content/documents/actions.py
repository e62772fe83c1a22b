"""Use cases of documents: begun with a file or an address, published once checked, edited, moved to a narrower place."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from community.abilities.attachments.models import Attachment
from community.abilities.follows.actions import follow
from community.abilities.revisions.actions import record_revision
from community.abilities.tags.actions import set_codes, set_tags
from community.content.documents.checking import Check, answer, check_of, take_back
from community.content.documents.models import Document, DocumentVersion
from community.content.documents.versions import make_current, put_file, put_out_version, waiting_version
from community.contributions.actions import (
    add_once,
    count_again,
    counts,
    is_of_another,
    mark_edited,
    publish,
    when_published,
    write_body,
)
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.redaction import Unanswered, narrower
from community.people.communities.actions import join_by_posting
from community.people.communities.models import Community

LABELS = ("tags", "cpv", "dimensions")


def begin_document(
    user: Any,
    community: Community,
    title: str,
    nature: str,
    *,
    attachment: Attachment | None = None,
    url: str | None = None,
    once: str | None = None,
    **fields: Any,
) -> Document:
    """Open a draft that its author alone sees, with its file or its address (one of them)."""
    if (attachment is None) == (url is None):
        raise Invalid(_("Un document a un fichier ou une adresse."))
    document = Document(
        community=community, author_id=user.id, title=title[:200], nature=nature, state="draft", once=once or None
    )
    document.url, document.link_state = url, "unchecked" if url else None
    document.redaction = {}
    _fill(document, {"body": ""} | fields)
    add_once(document)
    _write(document, fields)
    if attachment is not None:
        put_file(document, user, attachment)
    return document


def save_document(document: Document, user: Any, community: Community | None = None, **fields: Any) -> Document:
    """Keep a draft as it stands."""
    if document.published_at is not None:
        raise Conflict(_("Ce document est publié : enregistrez-le comme une modification."))
    if community is not None:
        document.community = community
    _fill(document, fields)
    _write(document, fields)
    document.updated_at = now()
    return document


def ask_publication(document: Document, user: Any) -> Check:
    """Publish a draft, or the version that waits, now if nothing is left to do; else as soon as it is so.

    A file that is being read publishes itself once read, when nothing was found in it; findings wait for their answers.
    """
    version = waiting_version(document.id)
    if document.published_at is None and document.url is None and version is None:
        raise Invalid(_("Pour publier, choisissez le fichier."))
    if version is not None and version.wanted_at is None:
        version.wanted_at = now()
    check = check_of(document, version)
    if check.state == "ready":
        _put_out(document, version, user)
    return check


def answer_findings(document: Document, user: Any, marks: set[str]) -> Check:
    """Confirm that these findings, and no others, may be shared with those who will see the document."""
    version = waiting_version(document.id)
    take_back(document, version, marks)
    answer(document, version, user, marks, "public")
    return check_of(document, version)


def restrict(document: Document, user: Any, community: Community) -> None:
    """Move a document to a place that fewer people see; what was found in it is then for them."""
    if not narrower(document.community.visibility, community.visibility):
        raise Invalid(_("Cette communauté n’est pas plus fermée que l’actuelle."))
    version = waiting_version(document.id)
    before = document.community
    document.community = community
    check = check_of(document, version)
    answer(document, version, user, check.marks, "restricted")
    if document.published_at is None:
        return
    record_revision(document, user, _("Visibilité restreinte"))
    mark_edited(document, user)
    count_again(document)
    _count(before.id)


def edit_document(
    document: Document, user: Any, revision: int, note: str = "", confirmed: Collection[str] = (), **fields: Any
) -> Document:
    """Change what is said of a published document. ``revision``: the one the editor started from, else Conflict.

    ``confirmed``: the findings of the redaction check that may be read; Unanswered when there are others.
    """
    if revision != document.revisions_count:
        raise Conflict(_("Quelqu’un a modifié ce document pendant que vous écriviez. Comparez avant d’enregistrer."))
    _fill(document, fields)
    answer(document, None, user, confirmed, "public")
    if left := check_of(document, None).left:
        raise Unanswered(left)
    _write(document, fields)
    record_revision(document, user, note)
    mark_edited(document, user)
    if is_of_another(document.author_id, user):
        record(user, "content.edited", document)
    return document


def _put_out(document: Document, version: DocumentVersion | None, user: Any) -> None:
    if document.published_at is not None:
        if version is not None:
            put_out_version(document, version, user)
        return
    join_by_posting(user, document.community)
    if not document.revisions_count:  # a moderator may have kept it back once already
        record_revision(document, user)
    publish(document, user)
    follow(document, user)


@when_published("document")
def _come_out(document: Document, user: Any) -> None:
    """What is out has its file, unless it was replaced meanwhile by one that was not checked."""
    document.state = "published"
    version = waiting_version(document.id)
    if version is not None and check_of(document, version).state == "ready":
        make_current(document, version)


def _fill(document: Document, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name == "url":
            _give_address(document, value)
        elif name not in LABELS:
            setattr(document, name, value)


def _give_address(document: Document, url: str | None) -> None:
    """Another address is one that nobody has looked at yet."""
    if url and document.url is not None and url != document.url:
        document.url, document.link_state, document.link_reason = url, "unchecked", ""
        document.link_checked_at = document.link_failed_on = None


def _write(document: Document, fields: dict[str, Any]) -> None:
    """Render the description and file the document under its tags and codes."""
    write_body(document, document.body)
    if "tags" in fields:
        set_tags(document, fields["tags"])
    for name, scheme in (("cpv", "cpv"), ("dimensions", "dimension")):
        if name in fields:
            set_codes(document, scheme, fields[name])


@counts("document")
def _count_where_kept(document: Document) -> None:
    _count(document.community_id)


def _count(community_id: int) -> None:
    """Keep the community's counter of documents that are out."""
    db.session.flush()
    out = (Document.community_id == community_id, Document.removed_at.is_(None), Document.published_at.is_not(None))
    total = select(func.count()).select_from(Document).where(*out).scalar_subquery()
    counter = update(Community).where(Community.id == community_id).values(documents_count=total)
    db.session.execute(counter.execution_options(synchronize_session=False))
