"""Another file for a document, and the check before it is read by others: confirm, replace, restrict or give up."""

from __future__ import annotations

from types import SimpleNamespace

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.attachments.views import largest_body
from community.abilities.reading.places import names_of_places
from community.abilities.reading.queries import copies_of
from community.content.documents.actions import answer_findings, ask_publication, restrict
from community.content.documents.checking import check_of
from community.content.documents.forms import AnswersForm, RestrictForm, VersionForm
from community.content.documents.models import Document
from community.content.documents.versions import drop_waiting, put_file, waiting_version
from community.content.documents.views import bp, get_document
from community.content.documents.writing_views import Sent, sent_before, sent_file, told
from community.content.questions.queries import postable_communities
from community.contributions.permalink import url_for_item
from community.core.db import commit
from community.core.errors import NotFound
from community.core.limits import limiter
from community.core.redaction import narrower
from community.core.web import body_limit, saved
from community.people.communities.models import Community
from community.permissions import (
    can_add_version,
    can_edit,
    can_post_in,
    can_publish_document,
    can_settle_version,
    require,
)


@bp.get("/documents/<int:id>/versions/nouvelle")
@login_required
def new_version(id: int):
    document = get_document(id)
    require(_may_put_file(document))
    return version_page(document, VersionForm(formdata=None), sent_before(request.args.get("file_ids")))


@bp.post("/documents/<int:id>/versions/nouvelle")
@body_limit(largest_body)
@login_required
@limiter.limit("30 per hour")
def create_version(id: int):
    """Give another file: it is read and checked, then it takes the place of the one that readers get."""
    require(_may_put_file(get_document(id)))
    sent = sent_file()
    document, form = get_document(id), VersionForm()
    if not form.validate_on_submit() or sent.file is None:
        missing = Sent(error=sent.error or _("Choisissez le fichier."))
        return version_page(document, form, sent if sent.file else missing, 422)
    put_file(document, current_user, sent.file, form.note.data or "")
    check = ask_publication(document, current_user)
    commit()
    return told(document, check)


@bp.post("/documents/<int:id>/versions/abandon")
@login_required
def drop_version(id: int):
    document, version = get_document(id), waiting_version(id)
    require(version is not None and document.is_published and can_settle_version(current_user, version))
    drop_waiting(version)
    return saved(url_for_item(document))


@bp.get("/documents/<int:id>/occultation")
@login_required
def check(id: int):
    document = _to_check(id)
    return check_page(document)


@bp.post("/documents/<int:id>/occultation")
@login_required
def answer(id: int):
    """Keep the answers; publish when nothing is left, else show what is."""
    document = _to_check(id)
    require(can_post_in(current_user, document.community))
    form = AnswersForm()
    if not form.validate_on_submit():
        return check_page(document, 422)
    if answer_findings(document, current_user, set(form.public.data or ())).left:
        commit()
        return check_page(document, 422)
    found = ask_publication(document, current_user)
    commit()
    return told(document, found)


@bp.post("/documents/<int:id>/restriction")
@login_required
def narrow(id: int):
    """Move the document to a community that fewer people see, then publish what waited."""
    document = _to_check(id)
    require(can_edit(current_user, document))
    form = RestrictForm([(place.slug, place.name) for place in _narrower(document)])
    if not form.validate_on_submit():
        return check_page(document, 422)
    community = next(place for place in _narrower(document) if place.slug == form.community.data)
    require(can_post_in(current_user, community))
    restrict(document, current_user, community)
    found = ask_publication(document, current_user)
    commit()
    flash(_("Le document est désormais dans « %(name)s ».", name=community.name))
    return told(document, found)


def version_page(document: Document, form: VersionForm, sent: Sent, status: int = 200):
    waiting = waiting_version(document.id)
    page = render_template(
        "documents/version.html", document=document, form=form, sent=sent, waiting=waiting, active="documents"
    )
    return page, status


def check_page(document: Document, status: int = 200):
    version = waiting_version(document.id)
    blob = version.attachment.blob if version else None
    found = check_of(document, version)
    page = render_template(
        "documents/check.html",
        document=document,
        version=version,
        file=SimpleNamespace(id=version.attachment_id, media_type=blob.media_type, facts=blob.facts) if blob else None,
        copies=copies_of(blob.facts, current_user) if blob else {},
        check=found,
        names=names_of_places(blob, found.pages) if blob else {},
        answers={**(document.redaction or {}), **(version.answers if version else {})},
        places=_narrower(document),
        refused=status == 422,
        active="documents",
    )
    return page, status


def _to_check(id: int) -> Document:
    """A document that this person may check: a draft of theirs, or one whose waiting file they sent. Else NotFound."""
    document, version = get_document(id), waiting_version(id)
    if document.published_at is None:
        require(can_publish_document(current_user, document))
    elif version is None:
        raise NotFound()
    else:
        require(can_settle_version(current_user, version))
    return document


def _narrower(document: Document) -> list[Community]:
    """The places of this person that fewer people see than the document's own."""
    return [
        place
        for place in postable_communities(current_user)
        if place.id in current_user.places and narrower(document.community.visibility, place.visibility)
    ]


def _may_put_file(document: Document) -> bool:
    if document.published_at is None:
        return document.url is None and can_publish_document(current_user, document)
    return can_add_version(current_user, document)
