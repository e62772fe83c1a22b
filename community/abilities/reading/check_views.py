"""The page where the sender of a joined file reads what was found in it, and the three ways out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.attachments.models import Attachment
from community.abilities.attachments.queries import get_attachment, page_of
from community.abilities.attachments.views import TOO_MANY, largest_body, take_file
from community.abilities.reading.file_checks import (
    answer_file,
    check_of_file,
    findings_of_file,
    left_in_file,
    reopen_file,
    replace_file,
    withhold_file,
)
from community.abilities.reading.places import names_of_places
from community.abilities.reading.queries import copies_of
from community.abilities.reading.views import bp
from community.core.db import commit, rollback
from community.core.errors import DomainError, Invalid, NotFound
from community.core.limits import limiter
from community.core.web import body_limit, saved, see_other
from community.permissions import can_upload, require


@bp.get("/fichiers/<int:id>/occultation")
@login_required
def check_file(id: int):
    return _page(_own(id))


@bp.post("/fichiers/<int:id>/occultation")
@login_required
def answer_check(id: int):
    """Keep the answers: what is ticked may be read by all."""
    file = _own(id)
    check = check_of_file(file)
    if check is None:
        raise NotFound()
    left = answer_file(file, check, current_user, set(request.form.getlist("public")))
    commit()
    if left:
        return _page(_own(id), 422)
    flash(_("Vos réponses sont gardées avec le fichier."), "good")
    return see_other(url_for("reading.check_file", id=id))


@bp.post("/fichiers/<int:id>/remplacement")
@body_limit(largest_body)
@login_required
@limiter.limit("30 per hour")
def put_another(id: int):
    """Another file takes the place of this one, in every text that names it."""
    _own(id)
    try:
        other = _sent()
        replace_file(_own(id), current_user, other)
    except DomainError as error:
        rollback()
        return _page(_own(id), error.status, error.message)
    return saved(
        url_for("reading.check_file", id=id),
        _("Le fichier est remplacé : il est lu de nouveau, puis ouvert aux lecteurs."),
    )


@bp.post("/fichiers/<int:id>/fermeture")
@login_required
def withhold(id: int):
    withhold_file(_own(id), current_user)
    return saved(
        url_for("reading.check_file", id=id),
        _("Le fichier est fermé : vous seul, et les animateurs, pouvez encore l’ouvrir."),
    )


@bp.post("/fichiers/<int:id>/reouverture")
@login_required
def reopen(id: int):
    reopen_file(_own(id), current_user)
    return saved(
        url_for("reading.check_file", id=id), _("Le fichier est de nouveau ouvert à ceux qui lisent le texte.")
    )


def _own(id: int) -> Attachment:
    """A file of one's own that is in a text; else NotFound. That of a document is checked on the document's page."""
    file = get_attachment(id, current_user)
    if file.uploaded_by_id != current_user.id or file.contribution_id is None or file.place != "text":
        raise NotFound()
    return file


def _sent() -> Attachment:
    """The file that came with the form, or the one that a script sent before."""
    given, before = request.files.get("file"), request.form.get("file_ids", "")
    if given is not None and given.filename:
        require(can_upload(current_user), TOO_MANY)
        before = str(take_file(current_user._get_current_object(), given.filename, given.stream).id)
    if not before.isdecimal() or len(before) > 9:
        raise Invalid(_("Choisissez le fichier."))
    try:
        other = get_attachment(int(before), current_user)
    except NotFound:
        raise Invalid(_("Ce fichier n’est plus là : choisissez-le de nouveau.")) from None
    if other.uploaded_by_id != current_user.id:
        raise Invalid(_("Ce fichier n’est plus là : choisissez-le de nouveau."))
    return other


def _page(file: Attachment, status: int = 200, wrong: object = None) -> Any:
    check = check_of_file(file)
    found = findings_of_file(check)
    page = render_template(
        "reading/check.html",
        file=file,
        blob=file.blob,
        traced=SimpleNamespace(id=file.id, media_type=file.blob.media_type, facts=file.blob.facts),
        where=page_of(file, current_user),
        looked_at=check is not None,
        found=found,
        left=left_in_file(check),
        answers=check.answers if check else {},
        names=names_of_places(file.blob, {place.page for one in found for place in one.places}),
        copies=copies_of(file.blob.facts, current_user),
        refused=status == 422 and wrong is None,
        wrong=wrong,
    )
    return page, status
