"""Two moderators must not decide the same thing: whoever comes second waits, and reads what the first one did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from community.core.db import db


def take(row: Any, *columns: str) -> None:
    """Lock this row till the end of the transaction, and read these columns of it anew."""
    model = type(row)
    db.session.execute(select(model.id).where(model.id == row.id).with_for_update())
    db.session.refresh(row, columns)
