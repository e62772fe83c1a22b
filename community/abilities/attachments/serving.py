"""Send a file that this person may have."""

from __future__ import annotations

from flask import Response

from community.abilities.attachments.models import Attachment
from community.core.filetypes import BY_EXTENSION, extension
from community.core.serving import send_stored
from community.core.storage import storage

__all__ = ["send_stored", "serve"]


def serve(attachment: Attachment, download: bool = False) -> Response:
    """The response for a file that may be fetched (``attachment`` with its blob): images in place, all else as a download.

    A content missing from the store is a 404 and not an error page.
    """
    blob = attachment.blob
    inline = blob.is_image and not download
    return send_stored(storage(), blob.key, blob.sha256, _media_type(attachment), attachment.name, inline)


def _media_type(attachment: Attachment) -> str:
    """A text is what its name says (one content may be a .txt here and a .csv there), with its encoding."""
    kind = BY_EXTENSION.get(extension(attachment.name))
    stored = attachment.blob.media_type
    if not stored.startswith("text/"):
        return stored
    media_type = kind.media_type if kind and kind.media_type.startswith("text/") else stored
    encoding = {"cp1252": "windows-1252"}.get(attachment.blob.facts.get("encoding", ""), "utf-8")
    return f"{media_type}; charset={attachment.blob.facts.get('encoding') if encoding == 'utf-16' else encoding}"
