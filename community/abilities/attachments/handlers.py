"""When an image was stored: draw it again without its metadata, before anybody else may see it."""

from __future__ import annotations

from collections.abc import Sequence

from community.abilities.attachments.tasks import clean_picture
from community.core.outbox import Event, on


@on("file.stored", slow=True)
def clean_stored_pictures(events: Sequence[Event]) -> None:
    for event in events:
        clean_picture(event.subject_id)
