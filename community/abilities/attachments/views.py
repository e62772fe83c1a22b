"""Send files (several at once, with or without scripts), fetch one, see one's own and take them away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from flask import Blueprint, current_app, has_request_context, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_required

from community.abilities.attachments.actions import (
    ask_discretion,
    attach,
    bind_files,
    delete_attachment,
    no_room,
    refuse_known,
)
from community.abilities.attachments.models import Attachment
from community.abilities.attachments.queries import files_of, get_attachment, space_used
from community.abilities.attachments.receiving import address_name, received, too_large
from community.abilities.attachments.serving import serve
from community.abilities.attachments.showing import file_code, file_state, file_url, init_showing
from community.config import Settings
from community.core import ports
from community.core.db import commit, release, rollback
from community.core.errors import DomainError, NotFound, wants_json
from community.core.filetypes import MEGABYTE, label_of
from community.core.limits import limiter
from community.core.web import body_limit, see_other
from community.people.accounts.pseudonyms import is_pseudonym, owner_of
from community.permissions import can_upload, require

bp = Blueprint("attachments", __name__)
init_showing(bp)
#: files of one plain form; their sum stays under this many times the limit of one
MOST_AT_ONCE = 10
TOO_MANY = _l("Les premiers jours, on envoie quelques fichiers par jour : réessayez demain.")
FORM_LIMIT = 4


def largest_body(settings: Settings) -> int:
    return FORM_LIMIT * settings.file_limit_mb * MEGABYTE + MEGABYTE


@bp.post("/fichiers")
@body_limit(largest_body)
@login_required
@limiter.limit("60 per minute; 300 per hour")
def upload():
    """One file as the body itself (scripts: the name in X-File-Name), or several of a plain form."""
    require(can_upload(current_user), TOO_MANY)
    user = current_user._get_current_object()
    room = _limit("member") - space_used(user.id)
    release()  # the transfer may be slow, and holds no lock meanwhile
    if "X-File-Name" in request.headers:
        _check_announced(room)
        return jsonify(take_file(user, unquote(request.headers["X-File-Name"]), request.stream).described), 201
    sent = [file for file in request.files.getlist("files") if file.filename][:MOST_AT_ONCE]
    refused = [(file.filename, error) for file in sent if (error := _refusal(user, file)) is not None]
    if refused or not sent:
        missing = [] if sent else [("", _("Choisissez au moins un fichier."))]
        return _mine(refused + missing), 422
    return see_other(url_for("attachments.index"))


@bp.get("/fichiers")
@login_required
def index():
    """One's own files: the room they take, where each is, and a plain form to send others."""
    if wants_json():
        used = space_used(current_user.id)
        return jsonify(used=used, left=max(0, _limit("member") - used), file_limit=_limit("file"))
    return _mine([])


@bp.get("/fichiers/<int:id>/<name>")
def show(id: int, name: str):
    """The file; until it is examined, its uploader reads how that goes and a text shows a place kept for the image."""
    attachment = get_attachment(id, current_user)
    if name != address_name(attachment.name):
        return redirect(file_url(attachment), 301)
    if attachment.blob.is_open:
        return serve(attachment, request.args.get("telecharger") == "1")
    if attachment.inline and request.headers.get("Sec-Fetch-Dest") == "image":
        return _place_kept(attachment)
    if not current_user.is_authenticated or attachment.uploaded_by_id != current_user.id:
        raise NotFound()
    return render_template("attachments/waiting.html", attachment=attachment, blob=attachment.blob), 202


def _place_kept(attachment: Attachment):
    """What stands in a text for an image that is not there yet, or will not be."""
    waits = attachment.blob.state in ("waiting", "ready")
    words = _("Image en cours d’examen") if waits else _("Image non disponible")
    picture = render_template("attachments/waiting.svg", words=words)
    return picture, 200, {"Content-Type": "image/svg+xml; charset=utf-8", "Cache-Control": "no-store"}


@bp.get("/fichiers/<int:id>/etat")
@login_required
def state(id: int):
    """Whether examination is over: what the page of whoever sent it asks now and then."""
    attachment = get_attachment(id, current_user)
    return jsonify(described(attachment))


@bp.post("/fichiers/<int:id>/retrait")
@login_required
def delete(id: int):
    attachment = get_attachment(id, current_user)
    require(attachment.uploaded_by_id == current_user.id)
    delete_attachment(attachment)
    commit()
    return ("", 204) if wants_json() else see_other(url_for("attachments.index"))


@dataclass(frozen=True)
class Taken:
    """A file that was received and committed."""

    id: int
    described: dict[str, Any]


def take_file(user: Any, name: str, stream: Any) -> Taken:
    """Receive, judge, keep, commit: one file is one transaction. Raises a DomainError that says what is wrong.

    For other views that take a file too (documents): call it after ``require(can_upload(user))``; what was loaded before
    is expired by the commit.
    """
    release()
    with received(stream, _limit("file")) as file:
        refuse_known(file.sha256)
        release()
        attachment = attach(user, name, file, _limit("member"))
        taken = Taken(attachment.id, described(attachment))
        commit()
    return taken


def _refusal(user: Any, file: Any) -> object | None:
    """Why this file of a plain form was not taken; None when it was."""
    try:
        require(can_upload(user), TOO_MANY)  # a new member's files are counted one by one
        take_file(user, file.filename, file.stream)
    except DomainError as error:
        rollback()
        return error.message
    return None


def _check_announced(room: int) -> None:
    """What is announced as too large is refused before it is read."""
    size = request.content_length or 0
    if size > _limit("file"):
        raise too_large(_limit("file"))
    if size > room:
        raise no_room(max(room, 0), _limit("member"))


def described(attachment: Attachment) -> dict[str, Any]:
    """What a script needs: where the file is, what to write in a text, and how its examination goes."""
    blob = attachment.blob
    return {
        "id": attachment.id,
        "name": attachment.name,
        "url": file_url(attachment),
        "size": blob.size,
        "type": str(label_of(blob.media_type)),
        "image": blob.is_image,
        "state": "open" if blob.is_open else blob.state if blob.state != "ready" else "waiting",
        "said": str(file_state(blob)[0]),
        "markdown": file_code(attachment),
    }


def _mine(errors: list[tuple[str, object]]) -> str:
    files = files_of(current_user)
    return render_template(
        "attachments/index.html",
        files=files,
        errors=errors,
        used=sum(file.size for file in files) if len(files) < 200 else space_used(current_user.id),
    )


def _limit(whose: str) -> int:
    settings: Settings = current_app.config["SETTINGS"]
    return (settings.file_limit_mb if whose == "file" else settings.member_limit_mb) * MEGABYTE


@ports.provide("bind_files")
def bind_named_files(html: Iterable[str], contribution_id: int, author_id: int, comment_id: int | None = None) -> None:
    """Bind what a text names among the writer's own files: a moderator who corrects opens no file of the author's.

    The files of the author are the writer's own when they are one person, under a pseudonym or not.
    """
    writer = current_user.id if has_request_context() and current_user.is_authenticated else None
    writers = (author_id, writer) if writer is None or owner_of(author_id) == writer else (writer,)
    bind_files(html, contribution_id, writers, comment_id)
    if is_pseudonym(author_id):
        ask_discretion(contribution_id, comment_id)


@bp.app_template_global()
def file_to_answer(row: Any) -> int:
    """How many findings of a file wait for the person at the screen: none but its sender's."""
    mine = current_user.is_authenticated and getattr(row, "uploaded_by_id", None) == current_user.id
    return (getattr(row, "to_answer", 0) or 0) if mine else 0
