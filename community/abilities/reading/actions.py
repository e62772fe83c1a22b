"""Ask for a copy of a file without personal traces."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from community.abilities.attachments.models import Attachment
from community.abilities.reading.cleaning import KINDS
from community.abilities.reading.queries import clean_copy_of, copy_is_asked
from community.abilities.reading.sandboxed import OFFICE
from community.core.errors import Conflict
from community.core.outbox import emit


def make_clean_copy(attachment: Attachment, user: Any, which: str = "clean") -> None:
    """The worker will make it; it becomes a file of this person's own (``attachment`` comes with its blob, visible to them).

    ``which``: "clean" without personal traces, "bare" without what is hidden either. Asking again while it is being made,
    or once it is there, changes nothing. Raises Conflict for what cannot be cleaned.
    """
    kinds = KINDS if which == "clean" else OFFICE
    if not attachment.blob.is_open or attachment.blob.extension not in kinds:
        raise Conflict(_("Ce format ne permet pas de faire une copie sans traces."))
    if clean_copy_of(attachment.blob.facts, user, which) is None and not copy_is_asked(attachment, user, which):
        emit("file.copy_asked", attachment, actor=user, which=which)
