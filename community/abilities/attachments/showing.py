"""How files are named and described on pages: address, code for a text, type, size, state. Rows or entities alike."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, current_app, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from community.abilities.attachments.models import PASSED
from community.abilities.attachments.receiving import address_name
from community.abilities.attachments.sealed import names_somebody
from community.contributions.permalink import url_for_item
from community.core import vocab
from community.core.filetypes import ACCEPT, MEGABYTE, REASONS, label_of

SEALED_WORDS = _l(
    "Fermé aux lecteurs : sa copie sans nom d’auteur se prépare. Si ceci reste affiché, ce format garde le nom : "
    "remplacez-le par un PDF."
)


def init_showing(bp: Blueprint) -> None:
    for helper in (
        file_url,
        file_code,
        file_place,
        file_label,
        file_size,
        file_state,
        file_is_open,
        upload_limits,
    ):
        bp.add_app_template_global(helper)


def file_url(attachment: Any) -> str:
    """The address of a file (anything with id and name)."""
    return url_for("attachments.show", id=attachment.id, name=address_name(attachment.name))


def file_code(attachment: Any) -> str:
    """What one writes in a text to put the file there: a link, or the image itself."""
    media_type = attachment.blob.media_type if hasattr(attachment, "blob") else attachment.media_type
    label = attachment.name.replace("[", "(").replace("]", ")")
    mark = "!" if media_type.startswith("image/") else ""
    return f"{mark}[{label}]({file_url(attachment)})"


def file_place(row: Any) -> tuple[str, str] | None:
    """Address and title of the page that a row of files_of() is on; None when it is on none that its owner may see."""
    if row.contribution_id is None or row.kind is None:
        return None
    item = SimpleNamespace(kind=row.kind, id=row.contribution_id, title=row.page_title, thread_id=row.thread_id)
    return url_for_item(item), row.page_title or str(vocab.label("kind", row.kind))


def file_label(blob: Any) -> str:
    return str(label_of(blob.media_type))


def file_size(count: int) -> str:
    """« 320 ko », « 1,4 Mo »."""
    if count < 1000:
        return _("%(count)d octets", count=count)
    if count < 1000 * 1000:
        return _("%(count)s ko", count=format_decimal(round(count / 1024) or 1))
    return _("%(count)s Mo", count=format_decimal(round(count / MEGABYTE, 1)))


def file_is_open(blob: Any) -> bool:
    """Whether who sees the text may fetch the file (the twin of Blob.is_open, for rows)."""
    examined = blob.state in ("ready", "download_only") and blob.scan in PASSED
    kept_back = getattr(blob, "withheld_at", None) is not None
    return (
        examined
        and not kept_back
        and (blob.cleaned or not blob.media_type.startswith("image/"))
        and not _is_closed(blob)
    )


def _is_closed(row: Any) -> bool:
    """Whether others do not get it, because it says who wrote a text signed by a pseudonym."""
    return bool(getattr(row, "sealed", False)) and names_somebody(row)


def file_state(blob: Any) -> tuple[str, str]:
    """What is said of a file besides its name, and the tone of it (« », « warn », « bad »); nothing when all is well."""
    reason = REASONS.get(blob.state_reason)
    if blob.state == "infected" or blob.scan == "infected":
        return str(REASONS["infected"]), "bad"
    if blob.state == "refused":
        return str(reason or REASONS["wrong"]), "bad"
    if blob.state != "waiting" and _is_closed(blob):
        return str(SEALED_WORDS), "warn"
    if getattr(blob, "withheld_at", None) is not None:
        return _("Fermé aux lecteurs par qui l’a envoyé"), "warn"
    if not file_is_open(blob):
        return _("En cours d’examen"), ""
    if blob.state == "download_only":
        return str(reason or _("À télécharger seulement")), "warn"
    return "", ""


def upload_limits() -> dict[str, Any]:
    """What is said before a transfer: bytes of one file, bytes of a member, endings that are accepted."""
    settings = current_app.config["SETTINGS"]
    return {"file": settings.file_limit_mb * MEGABYTE, "member": settings.member_limit_mb * MEGABYTE, "accept": ACCEPT}
