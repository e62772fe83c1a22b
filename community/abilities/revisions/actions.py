"""Keep what a contribution said after every edit, and restore an older state as a new one."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _

from community.abilities.revisions.models import Revision
from community.abilities.tags.actions import set_codes, set_tags
from community.abilities.tags.queries import labels_of
from community.contributions.actions import mark_edited, signed, write_texts
from community.contributions.models import Contribution
from community.core.db import db
from community.core.outbox import emit

LABELS = ("tags", "cpv", "dimensions")


def snapshot(item: Contribution) -> dict[str, Any]:
    """Title, body and the fields that the kind declares in ``revised``, as one JSON object."""
    labels = labels_of([item.id])[item.id]
    filed = {"tags": [label for _slug, label in labels.tags], "cpv": labels.cpv, "dimensions": labels.dimensions}
    data: dict[str, Any] = {"title": item.title, "body": item.body}
    for name in type(item).revised:
        value = filed[name] if name in LABELS else getattr(item, name)
        data[name] = value.isoformat() if isinstance(value, date) else value
    return data


def record_revision(item: Contribution, editor: Any, note: str = "") -> Revision:
    """Keep the present state as the next revision."""
    item.revisions_count += 1
    db.session.flush()
    revision = Revision(
        contribution_id=item.id,
        number=item.revisions_count,
        editor_id=signed(editor, item).id,
        note=note[:200],
        data=snapshot(item),
    )
    db.session.add(revision)
    db.session.flush()
    return revision


def tag_contribution(item: Contribution, editor: Any, labels: list[str]) -> None:
    """File a contribution under other tags, and keep who did it in its history."""
    set_tags(item, labels)
    record_revision(item, editor, _("Étiquettes"))
    emit("contribution.tagged", item, actor=signed(editor, item))


def restore_revision(item: Contribution, older: Revision, editor: Any) -> None:
    """Make an older state the present one, as a new revision: nothing of the history is lost."""
    put_back(item, older.data)
    write_texts(item)
    record_revision(item, editor, _("Version %(number)d rétablie", number=older.number))
    mark_edited(item, editor)


def put_back(item: Contribution, data: dict[str, Any]) -> None:
    """Give a contribution the fields of a snapshot (the caller renders the texts and records the revision)."""
    item.title, item.body = data["title"], data["body"]
    for name in type(item).revised:
        if name not in data:
            continue
        value = data[name]
        if name == "tags":
            set_tags(item, value)
        elif name in ("cpv", "dimensions"):
            set_codes(item, "cpv" if name == "cpv" else "dimension", value)
        else:
            setattr(item, name, _typed(item, name, value))


def _typed(item: Contribution, name: str, value: Any) -> Any:
    column = type(item).__mapper__.columns[name]
    return date.fromisoformat(value) if isinstance(value, str) and column.type.python_type is date else value
