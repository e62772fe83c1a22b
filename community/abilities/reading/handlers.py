"""What reading does when a file was stored: examine it, once; and make the copies without traces that people ask for."""

from __future__ import annotations

from collections.abc import Sequence

from community.abilities.reading.file_checks import look_at_file
from community.abilities.reading.quarantine_tasks import delete_condemned, look_at_quarantined
from community.abilities.reading.tasks import examine_attachment, make_copy, seal_file
from community.core.outbox import Event, on


@on("file.stored", slow=True)
def examine_stored(events: Sequence[Event]) -> None:
    """Each file is examined and kept before the next one, so that one that cannot be scanned yet delays no other."""
    for event in events:
        examine_attachment(event.subject_id)


@on("file.copy_asked", slow=True)
def make_asked_copies(events: Sequence[Event]) -> None:
    for event in events:
        make_copy(event.subject_id, event.actor_id, event.payload.get("which", "clean"))


@on("file.examined", "file.bound_discreetly", slow=True)
def seal_examined_files(events: Sequence[Event]) -> None:
    """Examined before its text was signed by a pseudonym, or after: the file's names go either way."""
    for event in events:
        seal_file(event.subject_id)


@on("file.examine_asked", slow=True)
def examine_what_was_quarantined(events: Sequence[Event]) -> None:
    for event in events:
        look_at_quarantined(event.subject_id, event.actor_id)


@on("file.condemned", slow=True)
def delete_what_was_condemned(events: Sequence[Event]) -> None:
    for event in events:
        delete_condemned(event.payload["sha256"])


@on("file.examined", "file.bound", slow=True)
def look_at_joined_files(events: Sequence[Event]) -> None:
    """Read before its text was saved, or after: what must not be shared is looked for either way."""
    for event in events:
        look_at_file(event.subject_id)
