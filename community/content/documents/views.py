"""Pages of documents: the list, a document (and one of its pages), its removal and return. Writing is in writing_views.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, render_template, request
from flask_login import current_user
from sqlalchemy.orm import joinedload

from community.abilities.attachments.queries import files_named
from community.abilities.comments.queries import comments_on
from community.abilities.links.queries import links_of
from community.abilities.reading.queries import copies_of
from community.abilities.tags.queries import labels_of
from community.content.documents.checking import check_of
from community.content.documents.facets import DOCUMENTS
from community.content.documents.models import Document
from community.content.documents.queries import documents_page, leaf_of, marked_words, published_versions
from community.content.documents.versions import waiting_version
from community.content.questions.queries import marks_on
from community.contributions.act_views import add_removal
from community.contributions.permalink import right_address
from community.people.accounts.models import Member
from community.permissions import (
    can_add_link,
    can_add_version,
    can_comment,
    can_edit,
    can_follow,
    can_manage_community,
    can_publish_document,
    can_remove,
    can_restore,
    can_restore_version,
    can_settle_version,
    can_vote,
    can_withdraw_version,
    get_visible,
)

bp = Blueprint("documents", __name__)


@bp.get("/documents")
def index():
    filters = DOCUMENTS.asked(request.args)
    page = documents_page(current_user, filters, request.args.get("page"))
    return render_template(
        "documents/index.html",
        page=page,
        filters=filters,
        facets=DOCUMENTS.counted(current_user, filters),
        labels=labels_of([row.id for row in page]),
        active="documents",
    )


@bp.get("/documents/<int:id>")
@bp.get("/documents/<int:id>-<slug>")
def show(id: int, slug: str | None = None):
    """The document's page, open at ``?page=12`` when it is asked. At most 9 statements signed in, 7 for a visitor."""
    document = get_document(id)
    if (elsewhere := right_address(document, slug)) is not None:
        return elsewhere
    versions = published_versions(id)
    current = next((row for row in versions if row.number == document.current_number), None)
    waiting = waiting_version(id) if can_edit(current_user, document) else None
    return render_template(
        "documents/show.html",
        document=document,
        versions=versions,
        current=current,
        waiting=waiting,
        check=check_of(document, waiting) if waiting or not document.published_at else None,
        leaf=_leaf(current),
        copies=copies_of(current.facts, current_user) if current else {},
        joined=files_named({id: [document.body_html]}),
        comments=comments_on([id], current_user)[id],
        labels=labels_of([id])[id],
        links=links_of(document, current_user),
        marks=marks_on(current_user, [id], []),
        may=_may(document, waiting),
        active="documents",
    )


def _leaf(current: Any) -> Any:
    """The page that the address names, its words marked where they are those of a search (``mots``)."""
    asked = request.args.get("page", "")
    if current is None or not asked.isdecimal() or not 0 < int(asked) < 100_000:
        return None
    leaf = leaf_of(current.sha256, int(asked))
    return marked_words(leaf, request.args.get("mots", "")[:200]) if leaf else None


def _may(document: Document, waiting: Any) -> SimpleNamespace:
    """What the person at the screen may do here, for the page's buttons."""
    return SimpleNamespace(
        edit=can_edit(current_user, document),
        publish=document.published_at is None and can_publish_document(current_user, document),
        settle=waiting is not None and can_settle_version(current_user, waiting),
        version=can_add_version(current_user, document),
        withdraw=can_withdraw_version,
        restore_version=can_restore_version,
        remove=can_remove(current_user, document),
        restore=can_restore(current_user, document),
        vote=can_vote(current_user, document),
        comment=can_comment(current_user, document),
        follow=can_follow(current_user, document),
        link=can_add_link(current_user, document),
        moderate=can_manage_community(current_user, document.community),
    )


def get_document(id: int) -> Document:
    return get_visible(Document, id, current_user, joinedload(Document.author).joinedload(Member.organisation))


add_removal(bp, "/documents/<int:id>", get_document)
