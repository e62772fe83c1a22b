"""Images of a file's pages, and the copy without personal traces that one asks for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.attachments.queries import get_attachment
from community.abilities.attachments.serving import send_stored
from community.abilities.reading.actions import make_clean_copy
from community.abilities.reading.cleaning import KINDS
from community.abilities.reading.hiding import HIDDEN
from community.abilities.reading.places import place_words
from community.abilities.reading.queries import has_thumbnail, preview_key, previews_of
from community.abilities.reading.sandboxed import OFFICE
from community.abilities.reading.verdicts import length_words, trace_lines, truncated_words
from community.core.db import commit
from community.core.errors import NotFound
from community.core.filetypes import extension_of
from community.core.limits import limiter
from community.core.storage import storage
from community.core.web import back
from community.permissions import can_upload, require

bp = Blueprint("reading", __name__)
A_DAY = 24 * 3600


@bp.get("/fichiers/<int:id>/apercu/<int:number>")
def preview(id: int, number: int):
    """The image of a page (1 is the first, 0 the small one), for exactly those who may fetch the file."""
    blob = get_attachment(id, current_user).blob
    if not blob.is_open or not has_thumbnail(blob) or number not in (0, *previews_of(blob)):
        raise NotFound()
    mark, name = f"{blob.sha256[:32]}-{number}", f"apercu-{number}.webp"
    return send_stored(storage(), preview_key(blob.sha256, number), mark, "image/webp", name, True, A_DAY)


@bp.post("/fichiers/<int:id>/copie-sans-traces")
@login_required
@limiter.limit("30 per hour")
def clean_copy(id: int):
    """Ask for a copy without personal traces; it comes among one's own files once the worker has made it."""
    attachment = get_attachment(id, current_user)
    require(can_upload(current_user))
    make_clean_copy(attachment, current_user, "bare" if request.form.get("sans") == "masque" else "clean")
    commit()
    flash(_("La copie se prépare : elle apparaît dans vos fichiers dans un instant."))
    return back(url_for("attachments.index"))


@bp.app_template_global()
def file_previews(file: Any) -> list[int]:
    """The numbers of the pages of a file (a row with facts) that have an image."""
    return previews_of(file)


@bp.app_template_global()
def preview_url(id: int, number: int) -> str:
    """The address of the image of a page of this attachment; 0 is the small one, for lists."""
    return url_for("reading.preview", id=id, number=number)


@bp.app_template_global()
def file_traces(file: Any) -> list[tuple[str, str]]:
    """The personal traces found in a file (a row with facts): what, and which."""
    return trace_lines(file.facts or {})


@bp.app_template_global()
def file_hides(file: Any) -> list[tuple[str, str]]:
    """What is hidden in an Office file, and stays in its plain copy without traces: what, and which."""
    hidden = [trace for trace in (file.facts or {}).get("traces", ()) if trace["kind"] in HIDDEN]
    return trace_lines({"traces": hidden}) if extension_of(file.media_type) in OFFICE else []


@bp.app_template_global()
def copy_keeps(file: Any, which: str) -> list[tuple[str, str]]:
    """What is still in the copy of a file that was made (« clean » or « bare »)."""
    return trace_lines((file.facts or {}).get(which) or {})


@bp.app_template_global()
def copy_failed(file: Any, which: str) -> bool:
    return ((file.facts or {}).get(which) or {}).get("state") == "failed"


@bp.app_template_global()
def file_length(file: Any) -> str:
    """« 12 pages », « 3 feuilles »; nothing for what has no pages."""
    return length_words(file.facts or {})


@bp.app_template_global()
def place_in_file(file: Any, number: int, label: str = "") -> str:
    """« page 12 », « feuille « Lots » », « diapositive 3 » (a row with facts, and the label of the page)."""
    return place_words(file.facts, number, label)


@bp.app_template_global()
def file_truncated(file: Any) -> str:
    return truncated_words(file.facts or {})


@bp.app_template_global()
def file_cleanable(file: Any) -> bool:
    """Whether a copy without traces can be made of this type (a row with media_type)."""
    return extension_of(file.media_type) in KINDS
