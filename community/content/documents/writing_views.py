"""Writing about a document: sharing a file or an address, keeping a draft, editing, publishing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.attachments.models import Attachment
from community.abilities.attachments.views import largest_body, take_file
from community.abilities.drafts.actions import drop_draft
from community.abilities.tags.queries import labels_of
from community.content.documents.actions import ask_publication, begin_document, edit_document, save_document
from community.content.documents.checking import Check
from community.content.documents.forms import DocumentForm
from community.content.documents.models import Document
from community.content.documents.queries import drafts_of
from community.content.documents.versions import own_file, put_file, waiting_version
from community.content.documents.views import bp, get_document
from community.content.questions.queries import postable_communities
from community.contributions.permalink import url_for_item
from community.core.db import commit, rollback
from community.core.errors import Conflict, DomainError, Invalid
from community.core.limits import limiter
from community.core.redaction import Finding
from community.core.web import body_limit, saved, see_other
from community.people.communities.models import Community
from community.permissions import can_edit, can_post_in, can_publish_document, can_upload, require


@bp.get("/documents/nouveau")
@login_required
def new():
    given = request.args.to_dict()
    form = DocumentForm(_choices(), formdata=None, data=given)
    return new_page(form, sent_before(given.get("file_ids")))


@bp.post("/documents/nouveau")
@body_limit(largest_body)
@login_required
@limiter.limit("30 per hour")
def create():
    """Keep a draft, and publish it at once when that is asked and nothing stands in the way."""
    sent = sent_file()
    form = DocumentForm(_choices())
    if not form.validate_on_submit() or not _has_one_source(form, sent):
        return new_page(form, sent, 422)
    community = _chosen(form)
    require(can_post_in(current_user, community))
    values = form.values()
    document = begin_document(
        current_user,
        community,
        values.pop("title"),
        values.pop("nature"),
        attachment=sent.file,
        url=values.pop("url", None),
        once=form.once.data,
        **values,
    )
    return _publish_or_keep(document)


@bp.get("/documents/brouillons")
@login_required
def drafts():
    return render_template("documents/drafts.html", drafts=drafts_of(current_user), active="documents")


@bp.get("/documents/<int:id>/modifier")
@login_required
def edit(id: int):
    document = get_document(id)
    require(can_edit(current_user, document))
    return form_page(document, _form(document), Sent())


@bp.post("/documents/<int:id>/modifier")
@body_limit(largest_body)
@login_required
def update(id: int):
    """Save: a draft as it stands (with its file when another one comes), a published document as a new revision."""
    document = get_document(id)
    require(can_edit(current_user, document))
    sent = sent_file() if document.published_at is None and document.url is None else Sent()
    document = get_document(id)  # receiving a file ended the transaction
    form = _form(document)
    if not form.validate_on_submit() or sent.error:
        return form_page(document, form, sent, 422)
    if document.published_at is None:
        save_document(document, current_user, _chosen(form, document), **form.values())
        if sent.file is not None:
            put_file(document, current_user, sent.file)
        return _publish_or_keep(document)
    try:
        confirmed, note = request.form.getlist("public"), form.note.data or ""
        edit_document(document, current_user, form.revision.data or 0, note, confirmed, **form.values())
    except (Conflict, Invalid) as refused:
        form.note.errors = [str(refused.message)]
        return form_page(document, form, sent, refused.status, getattr(refused, "left", ()))
    drop_draft(current_user, f"contribution:{id}:edit")
    return saved(url_for_item(document))


@bp.post("/documents/<int:id>/publication")
@login_required
def publish(id: int):
    """Ask that a draft be published as it stands."""
    document = get_document(id)
    require(can_publish_document(current_user, document))
    require(can_post_in(current_user, document.community))
    check = ask_publication(document, current_user)
    commit()
    return told(document, check)


def told(document: Document, check: Check):
    """After publication was asked: the document when it is out or being read, its check when answers are waited for."""
    if check.state == "to_answer":
        return see_other(url_for("documents.check", id=document.id))
    if check.state == "refused":
        flash(_("Ce fichier a été refusé : choisissez-en un autre."), "error")
    elif check.state == "reading":
        flash(
            _(
                "Le fichier est en cours de lecture. Le document paraîtra dès qu’elle sera finie, si rien n’est à vérifier."
            )
        )
    elif document.published_at is None:
        flash(_("Votre document attend l’accord d’un animateur."))
    return see_other(url_for_item(document))


@dataclass(frozen=True)
class Sent:
    """The file of a form, if any, and why it was not taken."""

    file: Attachment | None = None
    error: object = None

    @property
    def kept(self) -> list[Any]:
        """What the upload field shows of it."""
        file = self.file
        return [SimpleNamespace(id=file.id, name=file.name, size=file.blob.size)] if file else []


def sent_file(field: str = "file") -> Sent:
    """The file that came with a plain form, or the one that a script sent before. Ends the transaction."""
    given = request.files.get(field)
    if given is None or not given.filename:
        return sent_before(request.form.get(f"{field}_ids"))
    require(can_upload(current_user), _("Vous avez envoyé beaucoup de fichiers : réessayez demain."))
    user = current_user._get_current_object()
    try:
        return sent_before(str(take_file(user, given.filename, given.stream).id))
    except DomainError as error:
        rollback()
        return Sent(error=error.message)


def sent_before(id: str | None) -> Sent:
    if not id or not id.isdecimal() or len(id) > 9:
        return Sent()
    try:
        return Sent(own_file(current_user, int(id)))
    except Invalid as error:
        return Sent(error=error.message)


def new_page(form: DocumentForm, sent: Sent, status: int = 200):
    page = render_template("documents/new.html", form=form, sent=sent, active="documents")
    return page, status


def form_page(document: Document, form: DocumentForm, sent: Sent, status: int = 200, left: Iterable[Finding] = ()):
    waiting = waiting_version(document.id) if document.published_at is None else None
    page = render_template(
        "documents/form.html",
        document=document,
        form=form,
        sent=sent,
        waiting=waiting,
        conflict=status == 409,
        left=left,
        active="documents",
    )
    return page, status


def _publish_or_keep(document: Document):
    if request.form.get("action") == "publish":
        require(can_publish_document(current_user, document))
        require(can_post_in(current_user, document.community))
        check = ask_publication(document, current_user)
        commit()
        return told(document, check)
    commit()
    flash(_("Brouillon enregistré. Vous seul le voyez."))
    return see_other(url_for_item(document))


def _has_one_source(form: DocumentForm, sent: Sent) -> bool:
    """A file or an address: one of them, and only one."""
    address = form.url.data
    if sent.error or (sent.file is None) == (not address):
        if sent.file is not None and address:
            form.url.errors = [*form.url.errors, _("Un fichier ou une adresse, pas les deux.")]
        elif not sent.error:
            form.url.errors = [*form.url.errors, _("Choisissez un fichier, ou donnez l’adresse du document.")]
        return False
    return True


def _form(document: Document) -> DocumentForm:
    return DocumentForm.of(document, labels_of([document.id])[document.id], _choices(document.community))


def _choices(*more: Community) -> list[tuple[str, str]]:
    pairs = {community.slug: community.name for community in (*postable_communities(current_user), *more)}
    return list(pairs.items())


def _chosen(form: DocumentForm, document: Document | None = None) -> Community:
    """The community that the form names; a draft may stay where its author cannot post any more."""
    if document is not None and document.community.slug == form.community.data:
        return document.community
    return next(c for c in postable_communities(current_user) if c.slug == form.community.data)
